import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { type PlacedFile, seriesOf } from "#server/ingest/companions.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";

const [width, height] = [37, 21];
const pixels = (start: number) => Uint16Array.from({ length: width * height }, (_, i) => start + i);
const options = { wide: false, announced: 1, deltaM: [2e-9, 3e-9] } as const;
const series = (start: number) => writeSer([pixels(start)], width, height, options);
const document = writeEmi([
  ["Mode", " STEM nP SA Zoom Diffraction", ""],
  ["High tension", "200", "kV"],
  ["Camera length", "0.135", "m"],
  ["Stage A", "-12.5", "deg"],
]);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
beforeEach(async () => {
  folder = await temporaryFolder();
  house = await openHouse(join(folder.path, "data"), { concurrency: 2 });
  await house.ingest.start();
});
afterEach(async () => {
  await house.close();
  await folder.remove();
});

const upload = async (name: string, bytes: Uint8Array, relativePath?: string) => {
  const path = join(folder.path, name);
  await writeFile(path, bytes);
  const { sourceId } = await house.ingest.ingestFile(path, {
    ...owner,
    ...(relativePath ? { relativePath } : {}),
  });
  return sourceId;
};
const read = async (sourceId: string) => {
  await house.ingest.settled(sourceId);
  return (await house.ingest.catalogue.source(sourceId))!;
};
/** Changes that follow a series' reading come by a job of their own. */
const until = async (condition: () => Promise<boolean>) => {
  const changed = Promise.withResolvers<void>();
  const look = async () => {
    if (await condition()) changed.resolve();
  };
  const stop = house.ingest.jobs.onChange(() => void look());
  await look();
  await changed.promise;
  stop();
};
const micrographOf = async (sourceId: string) =>
  (await house.ingest.catalogue.micrograph((await read(sourceId)).micrographs[0]!))!;
const isReady = (id: string) => async () => (await house.ingest.catalogue.source(id))?.status === "ready";

describe("a document and its series", () => {
  it("the document first: refused by its sentence, read when the series comes; the series is the micrograph", async () => {
    const emi = await upload("scan.emi", document);
    expect(await read(emi)).toMatchObject({ status: "failed", reason: expect.stringContaining(".ser") });

    const ser = await upload("scan_1.ser", series(100));
    await until(isReady(emi));
    expect(await house.ingest.catalogue.source(emi)).toMatchObject({
      format: "TIA-EMI",
      reason: null,
      micrographs: [],
      others: [{ title: "scan_1.ser", kind: "series with a picture" }],
    });
    const { acquisition, calibration, status } = await micrographOf(ser);
    expect(status).toBe("ready");
    expect(acquisition).toMatchObject({
      mode: { value: "STEM", source: { kind: "tag", path: "EMI Mode" } },
      highTensionKv: { value: 200 },
      cameraLengthMm: { value: 135 },
      stageAlphaDeg: { value: -12.5 },
    });
    expect(calibration).toMatchObject({ state: "calibrated", pixelSize: { x: expect.closeTo(2, 9) } });
    expect(await house.ingest.catalogue.tags((await read(ser)).micrographs[0]!)).toMatchObject({
      document: { "High tension": "200 kV" },
    });
  });

  it("the series first: its micrographs keep their ids and their calibration, and learn what the document says", async () => {
    const sers = [await upload("scan_1.ser", series(1)), await upload("scan_2.ser", series(2))];
    const before = await Promise.all(sers.map(micrographOf));
    expect(before.map((m) => m.acquisition.highTensionKv)).toEqual([undefined, undefined]);
    const typed = { ...before[1]!.calibration, certified: true } as (typeof before)[1]["calibration"];
    await house.ingest.catalogue.setCalibration(before[1]!.id, typed as never);

    const emi = await upload("scan.emi", document);
    expect((await read(emi)).status).toBe("ready");
    const after = await Promise.all(sers.map(micrographOf));
    expect(after.map((m) => m.id)).toEqual(before.map((m) => m.id));
    expect(after.map((m) => m.acquisition.highTensionKv?.value)).toEqual([200, 200]);
    expect(after[1]!.calibration).toMatchObject({ certified: true });
  });

  it("a series of the same name in another folder, or of another document, is none of its own", async () => {
    const emi = await upload("scan.emi", document, "day 1/scan.emi");
    await read(await upload("scan_1.ser", series(1), "day 2/scan_1.ser"));
    await read(await upload("scan 2_1.ser", series(1), "day 1/scan 2_1.ser"));
    expect((await read(emi)).status).toBe("failed");
    await upload("scan_1.ser", series(2), "day 1/scan_1.ser");
    await until(isReady(emi));
  });

  it("series are taken in the order of their numbers", () => {
    const file = (fileName: string): PlacedFile => ({ id: fileName, fileName });
    const all = ["a_10.ser", "a_2.SER", "a_1.ser", "a.emi", "a_x.ser", "b_1.ser"].map(file);
    expect(seriesOf(file("a.EMI"), all).map((f) => f.fileName)).toEqual(["a_1.ser", "a_2.SER", "a_10.ser"]);
  });
});
