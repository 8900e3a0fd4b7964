import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { annotationsMap, type RecordMap } from "#core/document/record-layout.ts";
import type { Gallery, Job } from "#core/protocol/api/shapes.ts";
import { createRandom } from "#core/random/generator.ts";
import { validator } from "#core/schema/records/annotation.ts";
import { bareMicrograph } from "../server/http/bare-micrograph.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "../server/http/running-server.ts";
import { recordUpdates } from "../server/sync/marks.ts";
import { RawClient } from "../server/sync/raw-client.ts";
import { square } from "../server/sync/square.ts";

const seed = Number(process.env.SEED ?? 1);
const random = createRandom(seed);
const integer = (below: number) => Math.floor(random() * below);
const pick = <T>(of: readonly T[]): T => of[integer(of.length)]!;

let server: TestServer;
let projectId: string;
let micrograph: string;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "p");
  micrograph = await bareMicrograph(server, projectId);
});
afterAll(() => server.stop());

/** Values that a peer of any make may put under a key. */
const strange = (): unknown =>
  pick<() => unknown>([
    () => null,
    () => pick([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e308, 2 ** 53]),
    () => pick(["", "x".repeat(50_000), "__proto__", "<img src=x onerror=alert(1)>", "\u202e\u0000"]),
    () => Uint8Array.from({ length: integer(40) }, () => integer(256)),
    () => ({ toString: 2, hasOwnProperty: 3, deep: [[[[]]]] }),
    () => Array.from({ length: integer(6) }, () => pick([null, "a", Number.NaN, -5])),
    () => new Y.Map([["x", 1]]),
    () => Y.Array.from([1, 2]),
    () => new Y.Text("text"),
    () => true,
    () => 0,
  ])();

/** One thing about a good mark made strange: a key taken away, replaced, or added; or a byte of its outline turned. */
function makeStrange(record: RecordMap): void {
  const keys = [...record.keys()];
  const key = pick([
    ...keys,
    ...keys,
    "v0",
    "v7",
    "i9",
    "q",
    "a:angle",
    "p:width",
    "s:0",
    "d",
    "z",
    "l",
    "__proto__",
  ]);
  const value = record.get(key);
  if (value instanceof Uint8Array && value.length > 0 && random() < 0.6) {
    const turned = value.slice();
    turned[integer(turned.length)]! ^= 1 << integer(8);
    record.set(key, turned);
  } else if (random() < 0.25 && keys.includes(key)) record.delete(key);
  else record.set(key, strange() as never);
}

it(`R9 300 strange records are stored and listed with a reason; what is shown, measured and exported is valid (seed ${seed})`, async () => {
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  const document = openAnnotationDocument(doc, { random });
  const records = annotationsMap(doc);
  for (let i = 0; i < 300; i++) document.execute({ type: "create", id: `mark-${i}`, annotation: square });
  for (let i = 0; i < 290; i++) doc.transact(() => makeStrange(records.get(`mark-${i}`) as RecordMap));
  doc.transact(() => {
    for (let i = 0; i < 10; i++) (records as Y.Map<unknown>).set(`no-record-${i}`, strange() as never);
  });
  const client = await RawClient.connect(server.syncUrl, `micrograph:${micrograph}:annotations`, "", admin);
  client.hello({ clientId: doc.clientID });
  for (const update of updates) client.sync(2, update);
  // Content is no reason to refuse.
  await client.hears("ack", ({ frames }) => frames === updates.length);

  const shown = document.annotations();
  const unreadable = document.invalid();
  const all = new Set([
    ...shown.keys(),
    ...document.deletedAnnotations().keys(),
    ...unreadable.map(({ id }) => id),
  ]);
  expect([...all].sort()).toEqual([...records.keys()].sort());
  expect(shown.size).toBeGreaterThan(10);
  expect(unreadable.length).toBeGreaterThan(50);
  for (const { id, reason } of unreadable) expect(reason.length, id).toBeGreaterThan(10);
  for (const [id, mark] of shown) {
    expect(validator.safeParse(mark).success, id).toBe(true);
    const places = mark.outline.rings.flatMap(({ vertices }) => vertices.flatMap(({ x, y }) => [x, y]));
    expect(places.every(Number.isFinite), id).toBe(true);
  }

  const ids = [...shown.keys()].sort();
  const read = await json<{ annotations: { id: string }[] }>(
    server.call("GET", `/micrographs/${micrograph}/annotations`, admin),
  );
  expect(read.annotations.map(({ id }) => id).sort()).toEqual(ids);
  const { measurements } = await json<{ measurements: { annotationId?: string; value: number | null }[] }>(
    server.call("GET", `/micrographs/${micrograph}/measurements`, admin),
  );
  expect(measurements.length).toBeGreaterThan(0);
  for (const { annotationId } of measurements)
    if (annotationId !== undefined) expect(shown.has(annotationId)).toBe(true);
  expect((await server.call("GET", `/projects/${projectId}/gallery`, admin)).status).toBe(200);
  const gallery = await json<Gallery>(server.call("GET", `/projects/${projectId}/gallery`, admin));
  expect(gallery.micrographs).toHaveLength(1);

  const order = { format: "lamella-json", micrographIds: [micrograph] };
  let job = await json<Job>(server.call("POST", `/projects/${projectId}/exports`, admin, order));
  while (job.status === "queued" || job.status === "running")
    job = await json<Job>(server.call("GET", `/jobs/${job.id}`, admin));
  expect(job, job.reason ?? "").toMatchObject({ status: "done" });
  const archive = unzipSync(
    new Uint8Array(await (await fetch(server.url + job.download!, { headers: admin })).arrayBuffer()),
  );
  const text = Object.values(archive)
    .map((file) => new TextDecoder().decode(file))
    .join("\n");
  for (const id of ids) expect(text).toContain(`"${id}"`);
});
