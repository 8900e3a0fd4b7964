import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a peer is installed, or undefined: a bench then runs alone and says so. */
export function findTool(name: string): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/lib/iipimage-server",
  ];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** CPU seconds of a program and all its threads, as the shell that waited for it counts them. */
export async function cpuOf(program: string, args: readonly string[]): Promise<number> {
  const child = spawn("sh", ["-c", '"$@" >&2 && times', "sh", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  // The second line is the children's: "0m1.250s 0m0.310s".
  const [user, system] = [...(said.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (code !== 0 || user === undefined || system === undefined) {
    throw new Error(
      `Expected ${program} ${args[0] ?? ""} to succeed and its time to be told, got code ${code}: ${said}`,
    );
  }
  return user + system;
}
