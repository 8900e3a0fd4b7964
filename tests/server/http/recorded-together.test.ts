import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProjectRecordsShape, TagSearchShape } from "#core/protocol/api/records.ts";
import type { SameGridShape } from "#core/protocol/api/same-grid.ts";
import type { Gallery, Job, Micrograph } from "#core/protocol/api/shapes.ts";
import { formatTilePath } from "#core/protocol/tile-address.ts";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { filesBelow } from "#server/backup/hashed-files.ts";
import { makeBackup } from "#server/backup/make-backup.ts";
import { restoreBackup } from "#server/backup/restore-backup.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { derivationOf } from "#server/tiles/derived-keys.ts";
import {
  admin,
  json,
  makeGuest,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";
import { square } from "./square-mark.ts";

const [width, height] = [37, 21];
const options = { wide: false, announced: 1, deltaM: [2e-9, 2e-9] } as const;
const series = (first: number) =>
  writeSer([Uint16Array.from({ length: width * height }, (_, i) => first + i)], width, height, options);

let server: TestServer;
let projectId: string;
type Sent = Awaited<ReturnType<typeof sentMicrograph>>;
let bf: Sent;
let df: Sent;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "STEM");
  bf = await sentMicrograph(server, projectId, series(100), { name: "scan_1.ser" });
  df = await sentMicrograph(server, projectId, series(30_000), { name: "scan_2.ser" });
  const emi = writeEmi([["High tension", "200", "kV"]], ["BF", "DF4"]);
  await sentMicrograph(server, projectId, emi, { name: "scan.emi" });
});
afterAll(() => server?.stop());

const get = <T>(path: string, as: Visitor = admin) => json<T>(server.call("GET", path, as));
const statusOf = async (path: string, as: Visitor = admin) => (await server.call("GET", path, as)).status;
const gallery = () => get<Gallery>(`/projects/${projectId}/gallery`);
const cards = async () => (await gallery()).micrographs.map(({ id, signals }) => [id, signals.length]);
/** A tile of DF as whoever looks at BF's micrograph asks for it. */
const tile = (micrographId: string, signal: string, as: Visitor) => {
  const sha256 = shaOf.get(signal === "0" ? bf.sourceId : df.sourceId)!;
  const address = { micrographId, signal, derivation: derivationOf(sha256, 0), frame: 0 };
  const path = formatTilePath({ ...address, level: 0, column: 0, row: 0, form: "native" });
  return fetch(server.url + path, { headers: { ...as, "accept-encoding": "identity" } });
};
const shaOf = new Map<string, string>();
beforeAll(async () => {
  for (const { sourceId } of [bf, df])
    shaOf.set(sourceId, (await get<{ sha256: string }>(`/sources/${sourceId}`)).sha256);
});

it("one card with both signals, calibrated and named; the other's address says whose signal it is", async () => {
  const shown = await gallery();
  expect(shown.micrographs).toMatchObject([
    {
      id: bf.micrographId,
      signals: [
        { id: "0", title: "BF" },
        { id: "2", title: "DF4" },
      ],
    },
  ]);
  expect(shown.micrographs[0]!.signals.map(({ range }) => range.min)).toEqual([100, 30_000]);
  expect(shown.project.micrographCount).toBe(1);
  expect(await get<Micrograph>(`/micrographs/${df.micrographId}`)).toMatchObject({
    signalOf: { micrographId: bf.micrographId, signal: "2" },
  });
  const { together, document, others } = await get<SameGridShape>(
    `/micrographs/${bf.micrographId}/same-grid`,
  );
  expect(together.map(({ sourceId, fileName }) => [sourceId, fileName])).toEqual([
    [bf.sourceId, "scan_1.ser"],
    [df.sourceId, "scan_2.ser"],
  ]);
  expect(document?.fileName).toBe("scan.emi");
  expect(others).toEqual([]);
});

it("tiles, Deep Zoom, IIIF, thumbnail and scale bar of either signal; for members alone", async () => {
  const [guest, stranger] = [
    (await makeGuest(server, projectId, "reader")).visitor,
    (await makePerson(server, "Sam Stranger")).visitor,
  ];
  const first = async (answer: Response) => new Uint16Array(await answer.arrayBuffer())[0];
  for (const as of [admin, guest]) {
    expect(await first(await tile(bf.micrographId, "0", as))).toBe(100);
    expect(await first(await tile(bf.micrographId, "2", as))).toBe(30_000);
  }
  for (const signal of ["0", "2"])
    expect((await tile(bf.micrographId, signal, stranger)).status, signal).toBe(404);
  // A hash opens nothing under a signal that it is not of.
  expect((await tile(bf.micrographId, "1", admin)).status).toBe(404);

  const own = `/micrographs/${bf.micrographId}`;
  for (const path of ["image.dzi", "thumbnail.jpg", "image_files/0/0_0.jpg", "scale-bar"]) {
    expect(await statusOf(`${own}/${path}?signal=2`, guest), path).toBe(200);
    expect(await statusOf(`${own}/${path}?signal=2`, stranger), path).toBe(404);
  }
  const iiif = (path: string) => fetch(`${server.url}/iiif/3/${bf.micrographId}${path}`, { headers: guest });
  const [bright, dark] = await Promise.all(
    ["", ".2"].map(async (signal) => {
      expect((await iiif(`${signal}/manifest.json`)).status).toBe(200);
      return (await iiif(`${signal}/full/max/0/default.png?window=0,65535`)).arrayBuffer();
    }),
  );
  expect(Buffer.from(bright!).equals(Buffer.from(dark!))).toBe(false);
});

it("numbers of a frame are kept with the file that holds the signal", async () => {
  const numbers = `/micrographs/${bf.micrographId}/frames/0/statistics?signal=2`;
  expect(await get<object>(numbers)).toMatchObject({ min: 30_000 });
  const kept = "SELECT micrograph_id AS id, signal FROM frame_statistics";
  expect(await server.store.sql.read(kept)).toMatchObject([{ id: df.micrographId, signal: "0" }]);
  expect(await get<object>(`/micrographs/${bf.micrographId}/frames?signal=2`)).toMatchObject({
    frames: [{ statistics: { min: 30_000 } }],
  });
});

it("the tags of both files are found, each at the one micrograph, and listed by file", async () => {
  const { matches } = await get<TagSearchShape>(`/projects/${projectId}/search?words=tension`);
  expect(matches.map(({ micrographId }) => micrographId)).toEqual([bf.micrographId]);
  expect(Object.keys(await get<object>(`/micrographs/${bf.micrographId}/tags`))).toEqual([
    "scan_1.ser",
    "scan_2.ser",
  ]);
});

it("is described once, and what is said holds for every file of it", async () => {
  const { rows } = await get<ProjectRecordsShape>(`/projects/${projectId}/records`);
  expect(rows.map(({ micrographId }) => micrographId)).toEqual([bf.micrographId]);
  const command = { type: "set-content", micrographIds: [bf.micrographId], content: "diffraction" };
  expect((await server.call("POST", `/projects/${projectId}/records`, admin, command)).status).toBe(204);
  expect(await cards()).toEqual([[bf.micrographId, 2]]);
  expect((await server.ingest.catalogue.micrograph(df.micrographId))?.content).toBe("diffraction");
});

it("is exported as one, with the marks of its one room", async () => {
  const body = { format: "lamella-annotations", version: 1, annotations: [square] };
  await json(server.call("POST", `/micrographs/${bf.micrographId}/annotations`, admin, body));
  const { id } = await json<Job>(
    server.call("POST", `/projects/${projectId}/exports`, admin, { format: "lamella-json" }),
  );
  await expect.poll(async () => (await get<Job>(`/jobs/${id}`)).status, { timeout: 20_000 }).toBe("done");
  const archive = await fetch(`${server.url}/api/v1/jobs/${id}/download`, { headers: admin });
  const [text] = Object.values(unzipSync(new Uint8Array(await archive.arrayBuffer())));
  const dataset = JSON.parse(new TextDecoder().decode(text)) as { micrographs: { annotations: object[] }[] };
  expect(dataset.micrographs.map(({ annotations }) => annotations.length)).toEqual([1]);
});

it("is there again after a backup was restored", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lamella-together-"));
  try {
    await makeBackup(server.dataDir, join(folder, "backup"));
    await restoreBackup(join(folder, "backup"), join(folder, "data"));
    expect((await verifyStore(join(folder, "data"))).problems).toEqual([]);
    const again = await startTestServer({ dataDir: join(folder, "data") });
    try {
      const shown = await json<Gallery>(again.call("GET", `/projects/${projectId}/gallery`, admin));
      expect(shown.micrographs).toMatchObject([{ id: bf.micrographId, signals: { length: 2 } }]);
    } finally {
      await again.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("a file in the bin takes its signal along and brings it back; erased, nothing of it is left", async () => {
  const bin = (sourceId: string) => server.call("DELETE", `/sources/${sourceId}`, admin);
  const restore = (sourceId: string) =>
    server.call("POST", `/projects/${projectId}/bin/${sourceId}/restore`, admin);
  const derived = async (sourceId: string) => {
    const all = await filesBelow(join(server.dataDir, "blobs"));
    const sha256 = shaOf.get(sourceId)!;
    return all.filter((path) => path.includes(sha256) || path.includes(derivationOf(sha256, 0)));
  };
  expect((await bin(df.sourceId)).status).toBe(204);
  expect(await cards()).toEqual([[bf.micrographId, 1]]);
  expect((await tile(bf.micrographId, "2", admin)).status).toBe(404);
  await restore(df.sourceId);
  expect(await cards()).toEqual([[bf.micrographId, 2]]);
  expect((await tile(bf.micrographId, "2", admin)).status).toBe(200);

  expect((await bin(bf.sourceId)).status).toBe(204);
  expect(await cards()).toEqual([[df.micrographId, 1]]);
  expect((await tile(bf.micrographId, "2", admin)).status).toBe(404);
  await restore(bf.sourceId);
  expect(await cards()).toEqual([[bf.micrographId, 2]]);

  const erase = (sourceId: string) => server.call("DELETE", `/projects/${projectId}/bin/${sourceId}`, admin);
  await bin(bf.sourceId);
  expect((await erase(bf.sourceId)).status).toBe(204);
  expect(await derived(bf.sourceId)).toEqual([]);
  expect((await derived(df.sourceId)).length).toBeGreaterThan(0);
  expect((await verifyStore(server.dataDir)).problems).toEqual([]);
  await bin(df.sourceId);
  expect((await erase(df.sourceId)).status).toBe(204);
  expect(await derived(df.sourceId)).toEqual([]);
  for (const table of ["micrograph", "frame_statistics", "picture_print"])
    expect(await server.store.sql.read(`SELECT 1 FROM ${table}`), table).toEqual([]);
});
