// Old syntax on purpose: it must run on the very Node it complains about.
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    "Lamella needs Node 24 and this is Node " +
      process.versions.node +
      ". Run `npm ci` again: it brings Node 24 on Linux and Windows; on a Mac install it from nodejs.org.",
  );
  process.exit(1);
}
