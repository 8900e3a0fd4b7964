import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { end, settle, startProcess } from "./server-process.ts";

const kills = Number(process.env.LAMELLA_KILLS ?? 20);
const seed = Number(process.env.SEED ?? 1);
const names = ["anna", "ben", "carla"] as const;

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

  async join(sync: string, room: string, visitor: Readonly<Record<string, string>>): Promise<void> {
    this.client = await RawClient.connect(sync, room, "", visitor);
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
    timeout: 60_000 + kills * 30_000,
  }, async () => {
    const random = createRandom(seed);
    const dataDir = await temporaryFolder();
    let server = await startProcess(dataDir);
    const { room, visitors } = await settle(server, names);
    const promised = new Set<string>();
    let [acknowledged, seen] = [0, 0];
    for (let life = 0; life < kills; life++) {
      const writers = names.map((name) => new Writer(name, life));
      await Promise.all(writers.map((writer) => writer.join(server.sync, room, visitors.get(writer.name)!)));
      const working = writers.map((writer) => writer.work());
      // A moment counted in what has happened, and then anywhere in the next commits: between fsync and answer too.
      const moment = 1 + Math.floor(random() * 80);
      await writers[life % 3]!.client.hears("ack", ({ frames }) => frames >= moment);
      await new Promise((resolve) => setTimeout(resolve, random() * 30));
      await end(server, "SIGKILL");
      await Promise.all([...working, ...writers.map((writer) => writer.client.hears("closed"))]);
      for (const writer of writers) {
        for (const mark of writer.acknowledged()) promised.add(mark);
        for (const mark of writer.seen()) promised.add(mark);
        acknowledged += writer.acknowledged().length;
        seen += writer.seen().length;
      }
      server = await startProcess(dataDir);
    }
    const reader = await RawClient.connect(server.sync, room, "", visitors.get("anna"));
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

    const ended = end(server, "SIGTERM");
    expect((await reader.hears("closed")).code).toBe(1012);
    expect(await ended).toEqual([0, null]);
  });
});
