// `npm start`: Node 24 from the install, the client built where it is missing or older than its sources, then the server.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const ownNode = join(bin, process.platform === "win32" ? "node.exe" : "node");

if (!existsSync(bin)) {
  console.error("Lamella is not installed yet: run `npm ci` first.");
  process.exit(1);
}
const major = Number(process.versions.node.split(".")[0]);
const node = major >= 24 ? process.execPath : existsSync(ownNode) ? ownNode : null;
if (node === null) await import("./need-node.mjs"); // says so in one sentence, and ends

/** Time of the youngest file below these paths, ms since 1970. */
function youngest(paths) {
  let time = 0;
  for (const path of paths) {
    const { mtimeMs } = statSync(path);
    time = Math.max(time, mtimeMs);
    if (statSync(path).isDirectory()) {
      time = Math.max(time, youngest(readdirSync(path).map((name) => join(path, name))));
    }
  }
  return time;
}

const built = join(root, ".build", "web", "index.html");
const sources = ["client", "core", "package-lock.json"].map((name) => join(root, name));
if (!existsSync(built) || statSync(built).mtimeMs < youngest(sources)) {
  console.log("Building the pages …");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const options = ["build", "--config", join(root, "client", "vite.config.ts"), "--logLevel", "warn"];
  const { status } = spawnSync(node, [vite, ...options], { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    console.error("The pages could not be built; the messages above say why.");
    process.exit(status ?? 1);
  }
}

const server = spawn(node, [join(root, "server", "cli.ts"), "serve", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// The signal of Ctrl+C reaches the whole group by itself; one sent to this process alone is handed on.
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
