import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";

const kills = Number(process.env.LAMELLA_KILLS ?? 20);
const seed = Number(process.env.SEED ?? 1);
const room = "micrograph:abcdefgh:annotations";

async function start(dataDir: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const server = fork(join(import.meta.dirname, "kill-server.ts"), [dataDir], { stdio: "inherit" });
  onTestFinished(() => void server.kill("SIGKILL"));
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  return { process: server, url: `ws://127.0.0.1:${port}/sync` };
}

/** What a person's document and the socket's acknowledgements promised, over one life of the server. */
class Writer {
  readonly doc = new Y.Doc();
  readonly name: string;
  readonly #life: number;
  readonly #updates = recordUpdates(this.doc);
  client!: RawClient;
  #drawn = 0;

  constructor(name: string, life: number) {
    this.name = name;
    this.#life = life;
  }

  async join(url: string): Promise<void> {
    this.client = await RawClient.connect(url, room, `as=${this.name}`);
    this.client.hello({ clientId: this.doc.clientID });
    await this.client.hears("hello");
  }

  /** Draw until the connection is gone, waiting only for acknowledgements. */
  async work(): Promise<void> {
    while (this.client.socket.readyState === this.client.socket.OPEN) {
      for (let burst = 0; burst < 3; burst++) {
        draw(this.doc, `${this.name}-${this.#life}-${this.#drawn++}`, { padding: "x".repeat(100) });
        this.client.sync(2, this.#updates.at(-1)!);
      }
      const due = this.#updates.length;
      await Promise.race([
        this.client.hears("ack", ({ frames }) => frames >= due - 6),
        this.client.hears("closed"),
      ]);
    }
  }

  acknowledged(): string[] {
    const frames = this.client.all("ack").at(-1)?.frames ?? 0;
    return Array.from({ length: frames }, (_, i) => `${this.name}-${this.#life}-${i}`);
  }

  /** Marks of others that this person was shown. */
  seen(): string[] {
    const shown = new Y.Doc();
    for (const heard of this.client.heard) {
      if (heard.type === "update" || heard.type === "step2") Y.applyUpdate(shown, heard.bytes);
    }
    return [...marksOf(shown).keys()];
  }
}

describe("SIGKILL", () => {
  it(`P20 loses nothing that was acknowledged or seen by another, at ${kills} random moments under load (seed ${seed})`, {
    timeout: 30_000 + kills * 6_000,
  }, async () => {
    const random = createRandom(seed);
    const dataDir = await temporaryFolder();
    const promised = new Set<string>();
    let [acknowledged, seen] = [0, 0];
    for (let life = 0; life < kills; life++) {
      const server = await start(dataDir);
      const writers = ["anna", "ben", "carla"].map((name) => new Writer(name, life));
      await Promise.all(writers.map((writer) => writer.join(server.url)));
      const working = writers.map((writer) => writer.work());
      // A moment counted in what has happened, not in time: after so many acknowledgements to one of them.
      const moment = 1 + Math.floor(random() * 150);
      await writers[life % 3]!.client.hears("ack", ({ frames }) => frames >= moment);
      server.process.kill("SIGKILL");
      await once(server.process, "exit");
      await Promise.all([...working, ...writers.map((writer) => writer.client.hears("closed"))]);
      for (const writer of writers) {
        for (const mark of writer.acknowledged()) promised.add(mark);
        for (const mark of writer.seen()) promised.add(mark);
        acknowledged += writer.acknowledged().length;
        seen += writer.seen().length;
      }
    }
    const server = await start(dataDir);
    const reader = await RawClient.connect(server.url, room, "as=rita");
    await reader.hears("step1");
    reader.sync(0, Uint8Array.of(0));
    await reader.hears("step2");
    const found = new Y.Doc();
    for (const heard of reader.heard) {
      if (heard.type === "update" || heard.type === "step2") Y.applyUpdate(found, heard.bytes);
    }
    const missing = [...promised].filter((mark) => !marksOf(found).has(mark));
    console.info(
      `kills ${kills}: acknowledged ${acknowledged}, seen ${seen}, marks found ${marksOf(found).size}, missing ${missing.length}`,
    );
    expect(acknowledged).toBeGreaterThan(kills);
    expect(seen).toBeGreaterThan(kills);
    expect(missing).toEqual([]);

    server.process.kill("SIGTERM");
    expect((await reader.hears("closed")).code).toBe(1012);
    expect(await once(server.process, "exit")).toEqual([0, null]);
  });
});
