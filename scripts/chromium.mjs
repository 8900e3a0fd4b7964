// Finds a Chromium for the browser tests; on Debian as root it installs one. Otherwise one clear sentence.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
];
const fixed = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

function lookUp() {
  if (process.env.LAMELLA_CHROMIUM) return process.env.LAMELLA_CHROMIUM;
  const folders = (process.env.PATH ?? "").split(process.platform === "win32" ? ";" : ":");
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  return fixed.find((path) => existsSync(path));
}

/** Path of a Chromium or Chrome; ends the process with a sentence where there is none and none can be installed. */
export function findChromium() {
  const found = lookUp();
  if (found) return found;
  if (existsSync("/etc/debian_version") && process.getuid?.() === 0) {
    console.log("No Chromium found: installing Debian's package chromium for the browser tests …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit", env });
    spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
      stdio: ["ignore", "ignore", "inherit"],
      env,
    });
    const installed = lookUp();
    if (installed) return installed;
  }
  console.error(
    "The browser tests need Chromium or Chrome and none was found: install one (Debian: apt install chromium) or set LAMELLA_CHROMIUM to its path.",
  );
  process.exit(1);
}
