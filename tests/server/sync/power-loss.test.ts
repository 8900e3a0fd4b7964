import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";

const hasStrace = spawnSync("strace", ["-V"], { stdio: "ignore" }).status === 0;
if (!hasStrace) console.info("strace is not installed here: that each commit is an fsync is not counted.");

const room = "micrograph:abcdefgh:annotations";
const commits = 60;

it.skipIf(!hasStrace)(
  "P20 R2 each acknowledged commit is a finished fsync of the log",
  {
    timeout: 180_000,
  },
  async () => {
    const folder = await temporaryFolder();
    const trace = join(folder, "trace");
    const child = spawn(
      "strace",
      [
        ...["-f", "-qq", "-y", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", trace],
        ...[process.execPath, join(import.meta.dirname, "room-process.ts"), join(folder, "data")],
      ],
      { stdio: ["ignore", "inherit", "inherit", "ipc"], detached: true },
    );
    // The whole group: ending strace alone would leave the server it traces.
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
    });
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    const client = await RawClient.connect(`ws://127.0.0.1:${port}/sync`, room, "as=anna");
    client.hello({ clientId: doc.clientID });
    for (let i = 1; i <= commits; i++) {
      draw(doc, `mark-${i}`);
      client.sync(2, updates.at(-1)!);
      // One at a time: each is a commit of its own.
      await client.hears("ack", ({ frames }) => frames === i);
    }
    const exited = once(child, "exit");
    process.kill(-child.pid!, "SIGKILL");
    await exited;
    const finished = (await readFile(trace, "utf8"))
      .split("\n")
      .filter((line) => /lamella\.sqlite-wal/.test(line) && /= 0$/.test(line));
    console.info(`${commits} commits, ${finished.length} finished syncs of the log`);
    expect(finished.length).toBeGreaterThanOrEqual(commits);
  },
);
