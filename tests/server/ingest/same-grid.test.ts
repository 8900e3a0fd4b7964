import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Source } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { sameGridOf } from "#server/ingest/same-grid.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";
import { type House, openHouse, owner, takeIn, temporaryFolder } from "./house.ts";

const [width, height] = [37, 21];
const series = (
  start: number,
  size = { width, height },
  deltaM: [number, number] = [2e-9, 2e-9],
  takenAtS = 0,
) => {
  const pixels = Uint16Array.from({ length: size.width * size.height }, (_, i) => start + i);
  const options = { wide: false, announced: 1, deltaM, timesS: [takenAtS] };
  return writeSer([pixels], size.width, size.height, options);
};
const document = writeEmi([["Mode", " STEM nP SA Zoom Image", ""]], ["BF", "DF4"]);

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

const upload = (name: string, bytes: Uint8Array) => takeIn(house, folder.path, name, bytes);
const idOf = ({ micrographs }: Pick<Source, "micrographs">) => micrographs[0]!;
/** Micrographs of the project's list, each with its signals as somebody chooses among them. */
const listed = async () =>
  (await house.ingest.catalogue.listMicrographs(owner.projectId)).map(({ id, signals }) => ({
    id,
    signals: signals.map((signal) => `${signal.id} ${signal.title}`),
  }));
/** Somebody draws: an update of the room, whatever it says. */
const work = async (source: Source, kind: "annotations" | "record" = "annotations") => {
  const room = formatRoomName({ kind, micrographId: idOf(source) });
  const { epoch } = await house.store.documentLog.open(room);
  const update = { room, epoch, bytes: Uint8Array.of(0, 0), principalId: owner.principalId };
  await house.store.documentLog.append([{ ...update, receivedAtMs: 1, touched: ["mark"], bind: [] }]);
};
/** What a document says is written by a job of its own after each of its series. */
const haveDetectors = async (...sources: readonly Source[]) => {
  const { catalogue, jobs } = house.ingest;
  const all = async () => {
    const found = await Promise.all(sources.map((source) => catalogue.micrograph(idOf(source))));
    return found.every((micrograph) => micrograph?.acquisition["detector"]);
  };
  const done = Promise.withResolvers<void>();
  const stop = jobs.onChange(() => void all().then((yes) => yes && done.resolve()));
  if (!(await all())) await done.promise;
  stop();
};

describe("series of one document on one pixel grid", () => {
  it("are signals of one micrograph, the document first, last or between, and after a restart once", async () => {
    await upload("a.emi", document);
    const a = [await upload("a_1.ser", series(1)), await upload("a_2.ser", series(2))] as const;
    await haveDetectors(...a);
    const b = [await upload("b_2.ser", series(3)), await upload("b_1.ser", series(4))] as const;
    expect(await listed()).toHaveLength(3); // nothing says yet that b's belong together
    await upload("b.emi", document);
    await haveDetectors(...b);
    const c1 = await upload("c_1.ser", series(5));
    await upload("c.emi", document);
    const c2 = await upload("c_2.ser", series(6));
    await haveDetectors(c1, c2);

    await house.close();
    await open();
    const pairs = [a, [b[1], b[0]], [c1, c2]] as const;
    expect(await listed()).toEqual(
      expect.arrayContaining(pairs.map(([one]) => ({ id: idOf(one), signals: ["0 BF", "2 DF4"] }))),
    );
    expect(await listed()).toHaveLength(3);
    const { catalogue } = house.ingest;
    for (const [leader, follower] of pairs) {
      expect((await catalogue.micrograph(idOf(follower)))?.signalOf).toEqual({
        micrographId: idOf(leader),
        signal: "2",
      });
      const [bf, df] = (await catalogue.tileAccess(idOf(leader)))!.signals;
      expect([bf!.derivation, df!.derivation]).toEqual([
        derivationOf(leader.sha256!, 0),
        derivationOf(follower.sha256!, 0),
      ]);
      // The follower's own address opens its own pixels and no others.
      expect(
        (await catalogue.tileAccess(idOf(follower)))!.signals.map(({ derivation }) => derivation),
      ).toEqual([df!.derivation]);
    }
  });

  it("another size or pixel size is another grid; a series sent again is no other signal", async () => {
    await upload("a.emi", document);
    await upload("a_1.ser", series(1).subarray(0, 200)); // cut off on its way, and sent again
    const first = await upload("a_1.ser", series(1));
    await upload("a_2.ser", series(2, { width: height, height: width }));
    await upload("a_3.ser", series(3, { width, height }, [3e-9, 3e-9]));
    await upload("a_1.ser", series(4));
    await upload("b_2.ser", series(5));
    expect(await listed()).toHaveLength(5);
    await upload("a_4.ser", series(6));
    expect(await listed()).toHaveLength(5);
    expect((await listed()).find(({ id }) => id === idOf(first))?.signals.map((s) => s[0])).toEqual([
      "0",
      "4",
    ]);
  });

  it("a picture taken a minute later is another picture, though its document and grid are the same", async () => {
    await upload("a.emi", document);
    const first = await upload("a_1.ser", series(1));
    const later = await upload("a_2.ser", series(2, { width, height }, [2e-9, 2e-9], 60));
    await upload("a_3.ser", series(3, { width, height }, [2e-9, 2e-9], 1));
    await upload("a_4.ser", series(4, { width, height }, [2e-9, 2e-9], 61));
    expect(
      (await listed()).map(({ id, signals }) => [id, signals.map((signal) => signal.split(" ")[0])]).sort(),
    ).toEqual(
      [
        [idOf(first), ["0", "3"]],
        [idOf(later), ["0", "4"]],
      ].sort(),
    );
  });

  it("the one that people have worked on leads; where they have worked on both, each keeps its marks", async () => {
    await upload("a.emi", document);
    const [one, other] = [await upload("a_1.ser", series(1)), await upload("a_2.ser", series(2))] as const;
    await work(other);
    expect(await listed()).toMatchObject([
      { id: idOf(other), signals: [expect.stringMatching(/^0/), expect.stringMatching(/^1/)] },
    ]);
    const third = await upload("a_3.ser", series(3));
    await work(one, "record");
    const { catalogue } = house.ingest;
    expect((await listed()).map(({ id, signals }) => [id, signals.length])).toEqual(
      expect.arrayContaining([
        [idOf(one), 2],
        [idOf(other), 1],
      ]),
    );
    const beside = { micrographId: idOf(other), name: "a_2", document: "a.emi" };
    expect(await sameGridOf(catalogue, idOf(one))).toMatchObject({
      together: [{ fileName: "a_1.ser" }, { fileName: "a_3.ser", sourceId: third.id }],
      others: [beside],
    });
    expect((await sameGridOf(catalogue, idOf(other))).others).toMatchObject([{ micrographId: idOf(one) }]);
  });

  it("a calibration by a person does not part them, nor joins what was recorded at another scale", async () => {
    await upload("a.emi", document);
    const one = await upload("a_1.ser", series(1));
    await upload("a_2.ser", series(2));
    const { catalogue } = house.ingest;
    const calibrate = (source: Source) =>
      catalogue.setCalibration(idOf(source), {
        ...{ state: "calibrated", unit: "nm", pixelSize: { x: 7, y: 7 }, rotationDeg: 0, certified: true },
        relativeStandardUncertainty: { x: 0.01, y: 0.01 },
        source: { kind: "person", principalId: owner.principalId, method: "typed", note: "" },
      });
    await calibrate(one);
    await calibrate(one);
    expect(await listed()).toMatchObject([{ id: idOf(one), signals: { length: 2 } }]);
    const third = await upload("a_3.ser", series(3, { width, height }, [3e-9, 3e-9]));
    await calibrate(third);
    expect(await listed()).toMatchObject([{ id: idOf(one), signals: { length: 2 } }, { id: idOf(third) }]);
  });

  it("one in the bin is no signal; the other stands alone meanwhile, and with marks of its own for good", async () => {
    await upload("a.emi", document);
    const [one, other] = [await upload("a_1.ser", series(1)), await upload("a_2.ser", series(2))] as const;
    const { catalogue } = house.ingest;
    const signalsSeen = async (source: Source) => (await catalogue.tileAccess(idOf(source)))?.signals.length;
    expect(await signalsSeen(one)).toBe(2);
    for (const [away, stays] of [
      [other, one],
      [one, other],
    ] as const) {
      await catalogue.moveSource(away.id, `bin:${owner.projectId}`);
      expect(await listed()).toMatchObject([{ id: idOf(stays), signals: { length: 1 } }]);
      expect(await signalsSeen(stays)).toBe(1);
      expect((await catalogue.micrograph(idOf(stays)))?.signalOf).toBeUndefined();
      await catalogue.moveSource(away.id, owner.projectId);
      expect(await listed()).toMatchObject([{ id: idOf(one), signals: { length: 2 } }]);
      expect(await signalsSeen(one)).toBe(2);
    }
    await work(one);
    await catalogue.moveSource(one.id, `bin:${owner.projectId}`);
    await work(other);
    await catalogue.moveSource(one.id, owner.projectId);
    expect((await listed()).map(({ id }) => id).sort()).toEqual([idOf(one), idOf(other)].sort());
  });

  it("a later frame of another's signal, and its numbers, are read from the file that holds it", async () => {
    await upload("a.emi", document);
    const frames = (start: number) => {
      const taken = [start, start + 1000].map((first) =>
        Uint16Array.from({ length: width * height }, (_, i) => first + i),
      );
      return writeSer(taken, width, height, { wide: true, announced: 2, deltaM: [2e-9, 2e-9] });
    };
    const [one, other] = [
      await upload("a_1.ser", frames(1)),
      await upload("a_2.ser", frames(20_001)),
    ] as const;
    const { catalogue } = house.ingest;
    expect(await house.ingest.surveyFrame(idOf(one), "2", 1)).toMatchObject({ min: 21_001 });
    const summary = derivedKeys.summary(derivationOf(other.sha256!, 0), 1);
    expect(await house.blobs.size(summary)).toBeUndefined();
    const done = Promise.withResolvers<void>();
    house.ingest.jobs.onChange(({ job }) => {
      if (job.kind === "derive-frame" && job.status === "done") done.resolve();
    });
    await house.ingest.requestFrame(idOf(one), "2", 1);
    await done.promise;
    expect(await house.blobs.size(summary)).toBeGreaterThan(0);
    expect(await catalogue.holderOf(idOf(one), "7")).toEqual({ micrographId: idOf(one), signal: "7" });
  });
});

const shared = join(import.meta.dirname, "../../../../shared/micrographs/ser");
describe.skipIf(!existsSync(shared))("BF and DF of one acquisition", () => {
  it("are signals of one micrograph, called by their detectors", async () => {
    const name = "16x16_STEM_BF_DF_acquire";
    const send = async (file: string) => upload(file, await readFile(join(shared, file)));
    const bf = await send(`${name}_1.ser`);
    await send(`${name}.emi`);
    const df = await send(`${name}_2.ser`);
    await haveDetectors(bf, df);
    expect(df.status).toBe("ready");
    expect(await listed()).toEqual([{ id: idOf(bf), signals: ["0 BF", "2 DF4"] }]);
  });
});
