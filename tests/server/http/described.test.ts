import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectRecordsShape, TagSearchShape } from "#core/protocol/api/records.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import type { SuggestionShape } from "#core/protocol/api/suggestions.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import {
  admin,
  errorCode,
  json,
  makeGuest,
  makeProject,
  startTestServer,
  type TestServer,
} from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";

const [width, height] = [64, 40];

let server: TestServer;
let projectId: string;
let micrographId: string;

beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "Wires");
  const data = Uint16Array.from({ length: width * height }, (_, i) => i);
  const image = { name: "a", dimensions: [width, height], dataType: 10, data, calibrations: [] };
  const tags = { "Microscope Info": { Microscope: "Titan", Operator: "K. Ito" } };
  const file = writeDm(
    4,
    [{ ...image, tags }],
    [
      { type: 2, rectangle: [5, 10, 30, 50], label: "gap 1" },
      { type: 5, rectangle: [8, 16, 24, 48], label: "Spectrum Image" },
      { type: 13, rectangle: [4, 6, 10, 30], text: "Sb shell" },
    ],
  );
  ({ micrographId } = await sentMicrograph(server, projectId, file, { name: "wire-3_15min.dm4" }));
});
afterAll(() => server?.stop());

const get = <T>(path: string) => json<T>(server.call("GET", path, admin));
const marks = async () =>
  (
    await get<{ annotations: { id: string; kind: string; name: string; origin: unknown[] }[] }>(
      `/micrographs/${micrographId}/annotations`,
    )
  ).annotations;

describe("what people say of micrographs, over HTTP", () => {
  it("proposals, a description, and the gallery that shows it", async () => {
    const before = await get<ProjectRecordsShape>(`/projects/${projectId}/records`);
    expect(before.rows[0]!.proposals.map(({ field, value }) => [field, value])).toEqual([
      ["instrument", "Titan"],
      ["operator", "K. Ito"],
      ["elapsedS", 900],
      ["object", "wire 3"],
      ["label", "15 min"],
    ]);
    expect((await get<Gallery>(`/projects/${projectId}/gallery`)).proposedCount).toBe(1);
    const row = { micrographId, specimen: " batch 4 ", state: { label: "15 min", order: 1, elapsedS: 900 } };
    const answer = await server.call("POST", `/projects/${projectId}/records`, admin, {
      type: "describe",
      rows: [row],
    });
    expect(answer.status).toBe(204);
    const gallery = await get<Gallery>(`/projects/${projectId}/gallery`);
    expect(gallery.specimens).toMatchObject([{ name: "batch 4" }]);
    expect(gallery.micrographs[0]).toMatchObject({
      specimenId: gallery.specimens![0]!.id,
      state: { label: "15 min", elapsedS: 900, cycle: null, conditions: [] },
    });
    expect(gallery.proposedCount).toBe(0);
  });

  it("refuses what is not of the form, and whoever may not annotate", async () => {
    const send = (body: unknown, as = admin) =>
      server.call("POST", `/projects/${projectId}/records`, as, body);
    const command = (row: object) => ({ type: "describe", rows: [{ micrographId, ...row }] });
    expect(await errorCode(send(command({ specimen: "" })))).toBe("invalid-request");
    expect(await errorCode(send(command({ state: { label: "x" } })))).toBe("invalid-request");
    expect(
      await errorCode(send({ type: "set-content", micrographIds: [micrographId], content: "poem" })),
    ).toBe("invalid-request");
    const missing = { type: "describe", rows: [{ micrographId: "not-there-1234", specimen: "x" }] };
    expect(await errorCode(send(missing))).toBe("not-found");
    const { visitor } = await makeGuest(server, projectId, "commenter");
    expect(await errorCode(send(command({ specimen: "x" }), visitor))).toBe("no-right");
  });

  it("a specimen can be said to be a grid, under a name of its own", async () => {
    const { specimens } = await get<ProjectRecordsShape>(`/projects/${projectId}/records`);
    const put = (specimen: object) =>
      server.call("POST", `/projects/${projectId}/records`, admin, { type: "put-specimen", specimen });
    expect((await put({ ...specimens[0]!, form: "grid", note: "Cu, 300 mesh" })).status).toBe(204);
    expect(await errorCode(put({ id: "specimen-2", name: "batch 4", form: null, note: "" }))).toBe(
      "conflict",
    );
    const after = await get<ProjectRecordsShape>(`/projects/${projectId}/records`);
    expect(after.specimens).toEqual([{ ...specimens[0]!, form: "grid", note: "Cu, 300 mesh" }]);
  });

  it("vendor tags are searched over the project", async () => {
    const found = await get<TagSearchShape>(`/projects/${projectId}/search?words=operator%20ito`);
    expect(found.matches).toMatchObject([{ micrographId, words: [0, 1] }]);
    expect(found.matches[0]!.tags[0]).toMatchObject({ value: "K. Ito" });
  });
});

describe("marks that another program left in the file", () => {
  const suggestions = async () =>
    (await get<{ suggestions: SuggestionShape[] }>(`/micrographs/${micrographId}/suggestions`)).suggestions;
  const decide = (body: unknown, as = admin) =>
    server.call("POST", `/micrographs/${micrographId}/suggestions`, as, body);

  it("are offered and not drawn", async () => {
    expect((await suggestions()).map(({ kind, label, state }) => [kind, label, state])).toEqual([
      ["measurement-line", "gap 1", "open"],
      ["region", "Spectrum Image", "open"],
      ["text", "Sb shell", "open"],
    ]);
    expect(await marks()).toEqual([]);
  });

  it("become marks of whoever takes them over, once, with where they come from", async () => {
    const [line, box, text] = await suggestions();
    await json(decide({ accept: [line!.id], dismiss: [text!.id] }));
    await json(decide({ accept: [line!.id] }));
    const { id } = await json<{ principal: { id: string } }>(server.call("GET", "/session", admin)).then(
      ({ principal }) => principal,
    );
    expect(await marks()).toMatchObject([
      {
        ...{ id: line!.id, kind: "measurement-line", name: "gap 1" },
        outline: {
          rings: [
            {
              closed: false,
              vertices: [
                { x: 10, y: 5 },
                { x: 50, y: 30 },
              ],
            },
          ],
        },
        origin: [
          {
            ...{ by: "imported", tool: "DigitalMicrograph", takenOverBy: id },
            source: "wire-3_15min.dm4: DocumentObjectList.0.AnnotationGroupList.0",
          },
        ],
      },
    ]);
    expect((await suggestions()).map(({ state }) => state)).toEqual(["accepted", "open", "dismissed"]);
    // Set aside is not for good; taken over is.
    await json(decide({ accept: [box!.id, text!.id], dismiss: [line!.id] }));
    expect((await suggestions()).map(({ state }) => state)).toEqual(["accepted", "accepted", "accepted"]);
    expect((await marks()).map(({ kind }) => kind).sort()).toEqual(["measurement-line", "region", "text"]);
  });

  it("refuses ids that are of nothing", async () => {
    expect(await errorCode(decide({ accept: ["not-there-1234"] }))).toBe("not-found");
  });
});
