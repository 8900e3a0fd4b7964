// Has nginx at hand for the tests of server/nginx.conf: on Debian as root it installs one. Without one they are skipped.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];

/** Never fails: a machine without nginx, or without a network to fetch it from, runs every other test. */
export function installNginx() {
  const isHere = () => Boolean(process.env.LAMELLA_NGINX) || places.some((path) => existsSync(path));
  if (isHere() || !existsSync("/etc/debian_version") || process.getuid?.() !== 0) return;
  console.log("No nginx found: installing Debian's package nginx-light for the tests of server/nginx.conf …");
  // Installed to be run by the tests, not as a service of this machine.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { stdio: "ignore", env, timeout: 180_000 };
  spawnSync("apt-get", ["update", "-qq"], options);
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "nginx-light"], options);
  if (!isHere()) console.log("nginx could not be installed; the tests of server/nginx.conf are skipped.");
}
