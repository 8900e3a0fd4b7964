import { unzipSync } from "fflate";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Job } from "#core/protocol/api/shapes.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";
import { square } from "./square-mark.ts";

let server: TestServer;
let projectId: string;
let micrographId: string;
const [width, height] = [60, 40];
const valueAt = (i: number) => (i * 27) % 65_536;

beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "dataset");
  const pixels = Uint16Array.from({ length: width * height }, (_, i) => valueAt(i));
  const tiff = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .tiff({ compression: "deflate" })
    .toBuffer();
  ({ micrographId } = await sentMicrograph(server, projectId, tiff, { name: "ramp.tif" }));
});
afterAll(() => server.stop());

it("marks go in as native JSON, are measured in px, leave in an archive and come back", async () => {
  const body = { format: "lamella-annotations", version: 1, annotations: [square] };
  const posted = await server.call("POST", `/micrographs/${micrographId}/annotations`, admin, body);
  expect(await json(posted)).toEqual({ ids: ["square123456"] });
  const bad = { ...body, annotations: [square, { ...square, kind: "no-such-kind" }] };
  expect((await server.call("POST", `/micrographs/${micrographId}/annotations`, admin, bad)).status).toBe(
    422,
  );
  const read = () =>
    json<{ annotations: (typeof square)[] }>(
      server.call("GET", `/micrographs/${micrographId}/annotations`, admin),
    );
  expect((await read()).annotations).toHaveLength(1);

  const { measurements } = await json<{ measurements: { quantity: string; value: number; unit: string }[] }>(
    server.call("GET", `/micrographs/${micrographId}/measurements`, admin),
  );
  expect(measurements.find(({ quantity }) => quantity === "area")).toMatchObject({ value: 200, unit: "px²" });

  for (const format of ["coco", "lamella-json", "measurements-csv"]) {
    const { id } = await json<Job>(server.call("POST", `/projects/${projectId}/exports`, admin, { format }));
    const wait = async (): Promise<Job> => {
      const job = await json<Job>(server.call("GET", `/jobs/${id}`, admin));
      return job.status === "done" || job.status === "failed" ? job : wait();
    };
    const job = await wait();
    expect(job, job.reason ?? "").toMatchObject({ status: "done", download: `/api/v1/jobs/${id}/download` });
    const archive = unzipSync(
      new Uint8Array(await (await fetch(server.url + job.download, { headers: admin })).arrayBuffer()),
    );
    const names = Object.keys(archive);
    expect(names.length).toBeGreaterThan(0);
    const picture = names.find((name) => name.endsWith(".png"));
    if (picture) await expectWindowed(archive[picture]!);
    if (format === "lamella-json") {
      const text = new TextDecoder().decode(
        archive[names.find((name) => name.endsWith(".json") && !name.includes("manifest"))!],
      );
      const back = await json<{ placed: object[]; failed: object[] }>(
        server.call("POST", `/projects/${projectId}/imports`, admin, { fileName: "dataset.json", text }),
      );
      expect(back).toMatchObject({ placed: [{ micrographId, marks: 1 }], failed: [] });
      const marks = (await read()).annotations;
      expect(marks).toHaveLength(2);
      const points = marks.map((m) => m.outline.rings[0]!.vertices.map(({ x, y }) => [x, y]));
      expect(points[1]).toEqual(points[0]);
    }
  }
});

/** Every pixel of the picture is the recorded value in the signal's window. */
async function expectWindowed(png: Uint8Array): Promise<void> {
  const { data, info } = await sharp(png).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([width, height, 1]);
  const { low, high } = (await server.ingest.catalogue.micrograph(micrographId))!.signals[0]!.window;
  const errors = Array.from(data, (grey, i) =>
    Math.abs(grey - Math.min(255, Math.max(0, ((valueAt(i) - low) / (high - low)) * 255))),
  );
  expect(Math.max(...errors)).toBeLessThanOrEqual(0.5001);
}

it("calibration and comments are signed by who asked, whatever was sent; a comment cannot overwrite another", async () => {
  const source = { kind: "person", principalId: "somebody-else", method: "typed", note: "" };
  const calibration = {
    ...{
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0.5, y: 0.5 },
      rotationDeg: 0,
      source,
      certified: false,
    },
    relativeStandardUncertainty: { x: 0.01, y: 0.01 },
  };
  const send = (command: object) =>
    server.call("POST", `/micrographs/${micrographId}/record`, admin, command);
  expect((await send({ type: "calibrate", calibration })).status).toBe(204);
  const { id: me } = (await server.catalogue.administrator())!;
  const micrograph = await json(server.call("GET", `/micrographs/${micrographId}`, admin));
  expect(micrograph).toMatchObject({ calibration: { source: { principalId: me } } });
  const { measurements } = await json<{ measurements: { quantity: string; value: number; unit: string }[] }>(
    server.call("GET", `/micrographs/${micrographId}/measurements`, admin),
  );
  expect(measurements.find(({ quantity }) => quantity === "area")).toMatchObject({ value: 50, unit: "nm²" });

  const comment = {
    type: "comment",
    id: "comment12345",
    threadId: null,
    annotationId: null,
    at: null,
    text: "<b>look</b>",
  };
  expect((await send(comment)).status).toBe(204);
  expect((await send({ ...comment, text: "forged" })).status).toBe(409);
  expect((await send({ type: "resolve", threadId: "comment12345", resolved: true })).status).toBe(204);
  expect((await send({ type: "resolve", threadId: "not-there", resolved: true })).status).toBe(404);
});
