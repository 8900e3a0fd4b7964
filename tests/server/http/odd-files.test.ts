import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gallery, Micrograph, Source } from "#core/protocol/api/shapes.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "./running-server.ts";

const [width, height] = [9, 6];
let server: TestServer;
let projectId: string;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "odd");
});
afterAll(() => server.stop());

const upload = async (name: string, bytes: Uint8Array): Promise<string> => {
  const address = `${server.url}/api/v1/projects/${projectId}/micrographs?name=${encodeURIComponent(name)}`;
  const headers = { ...admin, "content-type": "application/octet-stream" };
  const { source } = await json<{ source: string }>(
    fetch(address, { method: "POST", headers, body: new Uint8Array(bytes) }),
  );
  await server.ingest.settled(source);
  return source;
};
const source = (id: string) => json<Source>(server.call("GET", `/sources/${id}`, admin));
const micrographs = async (id: string) =>
  Promise.all(
    (await source(id)).micrographs.map((one) =>
      json<Micrograph>(server.call("GET", `/micrographs/${one}`, admin)),
    ),
  );
const float = (value: (i: number) => number) =>
  writeTiff([
    [
      {
        ...{ width, height, samplesPerPixel: 1, sampleType: "float32" },
        data: Float32Array.from({ length: width * height }, (_, i) => value(i)),
      },
      {},
    ],
  ]);

describe("files that say little", () => {
  it("a document leaves the list of arrivals when its series has been read", async () => {
    const options = { wide: false, announced: 1, deltaM: [2e-9, 3e-9] } as const;
    const document = await upload("a.emi", writeEmi([["High tension", "200", "kV"]]));
    const pixels = Uint16Array.from({ length: width * height }, (_, i) => i);
    await upload("a_1.ser", writeSer([pixels], width, height, options));
    await expect.poll(async () => (await source(document)).status).toBe("ready");
    const gallery = await json<Gallery>(server.call("GET", `/projects/${projectId}/gallery`, admin));
    expect(gallery.sources.map(({ fileName }) => fileName)).toEqual([]);
    expect(gallery.micrographs.map(({ name }) => name)).toEqual(["a_1"]);
  });

  it("a picture without a finite number opens and says so; one with some has the others' statistics", async () => {
    const [none] = await micrographs(
      await upload(
        "none.tif",
        float(() => Number.NaN),
      ),
    );
    expect(none!.status).toBe("ready");
    expect(none!.warnings).toEqual([expect.stringContaining("not one pixel is a finite number")]);
    const [some] = await micrographs(
      await upload(
        "some.tif",
        float((i) => (i === 7 ? Number.NEGATIVE_INFINITY : i)),
      ),
    );
    expect(some!.warnings).toEqual([expect.stringContaining("1 pixel is not a finite number")]);
    expect(some!.signals[0]!.range).toMatchObject({ min: 0, max: width * height - 1 });
  });

  it("complex pixels say that their modulus is shown", async () => {
    const data = Float32Array.from({ length: 2 * width * height }, (_, i) => i);
    const calibrations = [1, 1].map((scale) => ({ scale, unit: "nm" }));
    const image = { name: "FFT", dimensions: [width, height], dataType: 3, data, calibrations };
    const [micrograph] = await micrographs(await upload("fft.dm4", writeDm(4, [image])));
    expect(micrograph!.warnings).toEqual([expect.stringContaining("FFT: the pixels are complex numbers")]);
    expect(micrograph!.signals[0]!.range.max).toBeCloseTo(Math.hypot(data.length - 2, data.length - 1), 3);
  });
});
