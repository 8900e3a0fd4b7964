import { mkdtemp, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { derivedFileNames, deriveFrame, type Provenance } from "#server/ingest/derive-frame.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => root.remove());

describe("derived files", () => {
  it.each(["uint8", "uint16", "float32"] as const)(
    "%s: made again, they are the same byte for byte, and say of what they were made",
    async (type) => {
      const { image } = phantomImage(type, 1700, 1100);
      const provenance: Provenance = { sourceSha256: "a".repeat(64), image: 2, frame: 0, recipe: "test" };
      const made = [];
      for (let round = 0; round < 2; round++) {
        const folder = await mkdtemp(join(root.path, "d-"));
        const summary = await deriveFrame(image, 0, undefined, folder, () => undefined, provenance);
        expect(summary.provenance).toEqual(provenance);
        made.push(
          await Promise.all(Object.values(derivedFileNames).map((name) => readFile(join(folder, name)))),
        );
      }
      for (const [i, bytes] of made[0]!.entries()) {
        expect(bytes.equals(made[1]![i]!), Object.values(derivedFileNames)[i]).toBe(true);
      }
      expect(made[0]![0]!.includes(JSON.stringify(provenance))).toBe(true);
    },
  );
});

/** Two sections of 16 bits, as any MRC reader knows them. */
function stack(width: number, height: number): Buffer {
  const header = Buffer.alloc(1024);
  for (const [i, v] of [width, height, 2, 6].entries()) header.writeInt32LE(v, i * 4);
  header.write("MAP ", 208, "latin1");
  header.set([0x44, 0x44], 212);
  const pixels = Uint16Array.from({ length: width * height * 2 }, (_, i) => i % 5000);
  return Buffer.concat([header, Buffer.from(pixels.buffer)]);
}

describe("a later frame", () => {
  let house: House;
  beforeEach(async () => {
    house = await openHouse(join(root.path, "data"), { limits: { retryFrameMs: 0 } });
    await house.ingest.start();
  });
  afterEach(() => house.close());

  it("that could not be derived is derived when it is asked for again, in the window of the first", async () => {
    const path = join(root.path, "stack.mrc");
    await writeFile(path, stack(60, 40));
    const { sourceId } = await house.ingest.ingestFile(path, owner);
    expect(await house.ingest.settled(sourceId)).toBe("ready");
    const source = (await house.ingest.catalogue.source(sourceId))!;
    const micrograph = (await house.ingest.catalogue.micrograph(source.micrographs[0]!))!;
    const signal = micrograph.signals[0]!;
    expect(micrograph.frames).toBe(2);
    const summaryKey = derivedKeys.summary(signal.derivation!, 1);
    const askAndWait = async () => {
      const settled = new Promise<string>((resolve) => {
        const stop = house.ingest.jobs.onChange(({ job }) => {
          if (job.kind !== "derive-frame" || (job.status !== "done" && job.status !== "failed")) return;
          stop();
          resolve(job.status);
        });
      });
      await house.ingest.requestFrame(micrograph.id, "0", 1);
      return settled;
    };

    const original = house.blobs.localPath(originalKey(source.sha256!))!;
    await rename(original, `${original}.away`);
    expect(await askAndWait()).toBe("failed");
    expect(await house.blobs.size(summaryKey)).toBeUndefined();
    await rename(`${original}.away`, original);
    expect(await askAndWait()).toBe("done");
    const bytes = (await house.blobs.size(summaryKey))!;
    const summary = JSON.parse(Buffer.from(await house.blobs.read(summaryKey, 0, bytes)).toString());
    expect(summary.window).toEqual(signal.window);
    expect(summary.provenance).toMatchObject({ sourceSha256: source.sha256, image: 0, frame: 1 });
  });
});

describe("display tiles", () => {
  const shown = async (display: { invert?: boolean; palette?: Uint8Array }) => {
    const { image, frames } = phantomImage("uint8", 64, 48);
    const folder = await mkdtemp(join(root.path, "d-"));
    await deriveFrame({ ...image, display }, 0, undefined, folder, () => undefined);
    const { data, info } = await sharp(join(folder, derivedFileNames.thumbnail))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, channels: info.channels, values: frames[0]! };
  };

  it("show the least white where the file says so", async () => {
    const plain = await shown({});
    const inverted = await shown({ invert: true });
    let difference = 0;
    for (let i = 0; i < 64 * 48; i++) {
      difference += Math.abs(plain.data[i * plain.channels]! + inverted.data[i * inverted.channels]! - 255);
    }
    expect(difference / (64 * 48)).toBeLessThan(4);
  });

  it("show a palette's colours", async () => {
    const palette = Uint8Array.from({ length: 768 }, (_, i) =>
      i % 3 === 0 ? Math.floor(i / 3) : i % 3 === 1 ? 40 : 255 - Math.floor(i / 3),
    );
    const { data, channels, values } = await shown({ palette });
    expect(channels).toBe(3);
    let difference = 0;
    for (let i = 0; i < 64 * 48; i++) {
      for (let c = 0; c < 3; c++) difference += Math.abs(data[i * 3 + c]! - palette[values[i]! * 3 + c]!);
    }
    expect(difference / (64 * 48 * 3)).toBeLessThan(12);
  });
});
