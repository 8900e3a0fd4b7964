import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { sameGridOf } from "#server/ingest/same-grid.ts";
import { type House, openHouse, owner, temporaryFolder } from "./house.ts";

const [width, height] = [37, 21];
const series = (start: number, size = { width, height }, deltaM: [number, number] = [2e-9, 2e-9]) => {
  const pixels = Uint16Array.from({ length: size.width * size.height }, (_, i) => start + i);
  return writeSer([pixels], size.width, size.height, { wide: false, announced: 1, deltaM });
};
const document = writeEmi([["Mode", " STEM nP SA Zoom Image", ""]]);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
const open = async () => {
  house = await openHouse(join(folder.path, "data"), { concurrency: 2 });
  await house.ingest.start();
};
beforeEach(async () => {
  folder = await temporaryFolder();
  await open();
});
afterEach(async () => {
  await house.close();
  await folder.remove();
});

/** @returns the source once it was read or refused */
const upload = async (name: string, bytes: Uint8Array) => {
  const path = join(folder.path, name);
  await writeFile(path, bytes);
  const { sourceId } = await house.ingest.ingestFile(path, owner);
  await house.ingest.settled(sourceId);
  return (await house.ingest.catalogue.source(sourceId))!;
};
/** What of the others is on the grid of this source's micrograph. */
const besides = async ({ micrographs }: { readonly micrographs: readonly string[] }) =>
  (await sameGridOf(house.ingest.catalogue, micrographs[0]!)).map(({ micrographId }) => micrographId);

describe("series of one document on one pixel grid", () => {
  it("each is found beside the other, the document first, last or between, and after a restart once", async () => {
    await upload("a.emi", document);
    const a = [await upload("a_1.ser", series(1)), await upload("a_2.ser", series(2))] as const;
    const b = [await upload("b_2.ser", series(3)), await upload("b_1.ser", series(4))] as const;
    expect(await besides(b[0])).toEqual([]); // nothing says yet that they belong together
    await upload("b.emi", document);
    const c1 = await upload("c_1.ser", series(5));
    await upload("c.emi", document);
    const c = [c1, await upload("c_2.ser", series(6))] as const;

    await house.close();
    await open();
    for (const [one, other] of [a, b, c]) {
      expect(await besides(one)).toEqual(other.micrographs);
      expect(await besides(other)).toEqual(one.micrographs);
    }
    expect(await sameGridOf(house.ingest.catalogue, a[0].micrographs[0]!)).toEqual([
      { micrographId: a[1].micrographs[0], name: "a_2", document: "a.emi" },
    ]);
  });

  it("another size or pixel size is another grid; a series sent again is no other signal", async () => {
    await upload("a.emi", document);
    const first = await upload("a_1.ser", series(1));
    await upload("a_2.ser", series(2, { width: height, height: width }));
    await upload("a_3.ser", series(3, { width, height }, [3e-9, 3e-9]));
    await upload("a_1.ser", series(4));
    await upload("b_2.ser", series(5));
    expect(await besides(first)).toEqual([]);
    const fourth = await upload("a_4.ser", series(6));
    expect(await besides(first)).toEqual(fourth.micrographs);
  });

  it("a calibration by a person since does not part them; in the bin one is beside nothing", async () => {
    await upload("a.emi", document);
    const [one, other] = [await upload("a_1.ser", series(1)), await upload("a_2.ser", series(2))];
    const { catalogue } = house.ingest;
    await catalogue.setCalibration(one.micrographs[0]!, {
      ...{ state: "calibrated", unit: "nm", pixelSize: { x: 7, y: 7 }, rotationDeg: 0, certified: true },
      relativeStandardUncertainty: { x: 0.01, y: 0.01 },
      source: { kind: "person", principalId: owner.principalId, method: "typed", note: "" },
    });
    expect(await besides(one)).toEqual(other.micrographs);

    await catalogue.moveSource(other.id, `bin:${owner.projectId}`);
    expect(await besides(one)).toEqual([]);
    await catalogue.moveSource(other.id, owner.projectId);
    expect(await besides(one)).toEqual(other.micrographs);
  });
});

const shared = join(import.meta.dirname, "../../../../shared/micrographs/ser");
describe.skipIf(!existsSync(shared))("BF and DF of one acquisition", () => {
  it("are on one grid", async () => {
    const name = "16x16_STEM_BF_DF_acquire";
    const send = async (file: string) => upload(file, await readFile(join(shared, file)));
    const bf = await send(`${name}_1.ser`);
    await send(`${name}.emi`);
    const df = await send(`${name}_2.ser`);
    expect(await besides(bf)).toEqual(df.micrographs);
    expect(await besides(df)).toEqual(bf.micrographs);
  });
});
