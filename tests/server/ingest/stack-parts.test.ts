import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gallery, Micrograph } from "#core/protocol/api/shapes.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { writeTvips } from "#scripts/fixtures/tvips-writer.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "../http/running-server.ts";
import { sendFile, sentMicrograph } from "../http/sent-micrograph.ts";

const [width, height] = [9, 6];
let server: TestServer;
let project: string;

beforeAll(async () => {
  server = await startTestServer();
  project = await makeProject(server, "in situ");
});
afterAll(() => server.stop());

/** Frame n counts up from 100 n. */
const tiff = (n: number, w = width) =>
  writeTiff([
    [
      {
        ...{ width: w, height, samplesPerPixel: 1, sampleType: "uint16" },
        data: Uint16Array.from({ length: w * height }, (_, i) => 100 * n + i),
      },
      {},
    ],
  ]);

/** As the page uploads a file of a stack. @returns its source */
async function upload(path: string, bytes: Uint8Array, stack: object | string): Promise<string> {
  const metadata = Object.entries({
    filename: path.slice(path.lastIndexOf("/") + 1),
    relativePath: path,
    projectId: project,
    stack: typeof stack === "string" ? stack : JSON.stringify(stack),
  })
    .map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`)
    .join(",");
  const tus = { ...admin, "tus-resumable": "1.0.0" };
  const created = await fetch(`${server.url}/api/v1/uploads`, {
    method: "POST",
    headers: { ...tus, "upload-length": String(bytes.length), "upload-metadata": metadata },
  });
  expect(created.status).toBe(201);
  const sent = await fetch(new URL(created.headers.get("location")!, `${server.url}/api/v1/uploads`), {
    method: "PATCH",
    headers: { ...tus, "upload-offset": "0", "content-type": "application/offset+octet-stream" },
    body: bytes as Uint8Array<ArrayBuffer>,
  });
  expect(sent.status).toBe(204);
  return sent.headers.get("x-lamella-source")!;
}

const gallery = () => json<Gallery>(server.call("GET", `/projects/${project}/gallery`, admin));
const named = async (name: string): Promise<Micrograph | undefined> =>
  (await gallery()).micrographs.find((micrograph) => micrograph.name === name);
async function ready(name: string): Promise<Micrograph> {
  await expect.poll(async () => (await named(name))?.status).toBe("ready");
  return (await named(name))!;
}

describe("files handed over as the frames of one stack", () => {
  const stack = { id: "stack-0001", name: "wire 3", count: 3 };
  let sources: string[];

  it("become one micrograph when the last is there, in any order of coming", async () => {
    sources = [];
    for (const index of [2, 0, 1])
      sources[index] = await upload(`day 2/wire_${index}.tif`, tiff(index), { ...stack, index });
    const micrograph = await ready("wire 3");
    expect([micrograph.frames, micrograph.width, micrograph.height]).toEqual([3, width, height]);
    const { micrographs, sources: left } = await gallery();
    expect(micrographs.length).toBe(1);
    expect(left).toEqual([]);
    for (const frame of [0, 1, 2]) {
      const values = await json(
        server.call("GET", `/micrographs/${micrograph.id}/frames/${frame}/statistics`, admin),
      );
      expect(values).toEqual({ min: 100 * frame, max: 100 * frame + 53, mean: 100 * frame + 26.5 });
    }
  });

  it("have tiles of every frame, derived when asked for", async () => {
    const { id, signals } = (await named("wire 3"))!;
    expect(signals[0]!.derivation).not.toBeNull();
    const thumbnail = (frame: number) =>
      server.call("GET", `/micrographs/${id}/thumbnail.jpg?frame=${frame}`, admin);
    expect((await thumbnail(2)).status).toBe(404);
    await server.call("GET", `/micrographs/${id}/image_files/8/0_0.jpg?frame=2`, admin);
    await expect.poll(async () => (await thumbnail(2)).status).toBe(200);
  });

  it("keep every file as it came, until the stack is erased", async () => {
    const original = (id: string) => server.call("GET", `/sources/${id}/original`, admin);
    const bytes = new Uint8Array(await (await original(sources[1]!)).arrayBuffer());
    expect(Buffer.compare(bytes, tiff(1))).toBe(0);
    const { sourceId } = (await named("wire 3"))!;
    expect((await server.call("DELETE", `/sources/${sourceId}`, admin)).status).toBe(204);
    expect((await original(sources[1]!)).status).toBe(200);
    expect((await server.call("DELETE", `/projects/${project}/bin/${sourceId}`, admin)).status).toBe(204);
    for (const id of sources) expect((await original(id)).status).toBe(404);
  });

  it("outlive a stack that is erased where another is made of them", async () => {
    const short = { id: "stack-0010", name: "short", count: 2 };
    const long = { id: "stack-0011", name: "long", count: 3 };
    for (const index of [0, 1]) await upload(`both_${index}.tif`, tiff(index + 20), { ...short, index });
    const { sourceId } = await ready("short");
    const parts: string[] = [];
    for (const index of [0, 1, 2])
      parts.push(await upload(`both_${index}.tif`, tiff(index + 20), { ...long, index }));
    const { id } = await ready("long");
    expect((await server.call("DELETE", `/sources/${sourceId}`, admin)).status).toBe(204);
    expect((await server.call("DELETE", `/projects/${project}/bin/${sourceId}`, admin)).status).toBe(204);
    for (const part of parts)
      expect((await server.call("GET", `/sources/${part}/original`, admin)).status).toBe(200);
    const second = await json(server.call("GET", `/micrographs/${id}/frames/1/statistics`, admin));
    expect(second).toMatchObject({ min: 2100, max: 2153 });
  });

  it("of different sizes are kept single, and say why", async () => {
    const other = { id: "stack-0002", name: "mixed", count: 3 };
    for (const index of [0, 1, 2])
      await upload(`mixed_${index}.tif`, tiff(index + 5, index === 2 ? 8 : 9), { ...other, index });
    for (const index of [0, 1, 2]) {
      const { frames, warnings } = await ready(`mixed_${index}`);
      expect(frames).toBe(1);
      expect(warnings.join()).toContain("frame 3 is 8 × 6 px where the first is 9 × 6 px");
    }
    expect(await named("mixed")).toBeUndefined();
  });

  it("with a place that is none are files of their own", async () => {
    await upload("alone.tif", tiff(9), "not json");
    await upload("beyond.tif", tiff(8), { id: "stack-0003", name: "x", count: 2, index: 2 });
    expect((await ready("alone")).frames).toBe(1);
    expect((await ready("beyond")).frames).toBe(1);
  });
});

it("the parts of a recording become one stack with the camera's times", async () => {
  const frame = (n: number) => Uint8Array.from({ length: width * height }, (_, i) => 10 * n + i);
  const part = (numbers: readonly number[], timesS: readonly number[]) =>
    writeTvips(numbers.map(frame), width, height, { version: 2, timesS, continues: numbers[0] !== 0 });
  const stack = { id: "stack-0004", name: "run 5", count: 2 };
  await upload("run 5_001.tvips", part([2], [1_600_000_007.5]), { ...stack, index: 1 });
  await upload("run 5_000.tvips", part([0, 1], [1_600_000_000, 1_600_000_001.25]), { ...stack, index: 0 });
  const { id, frames, frameTimesS } = await ready("run 5");
  expect([frames, frameTimesS]).toEqual([3, [0, 1.25, 7.5]]);
  const last = await json(server.call("GET", `/micrographs/${id}/frames/2/statistics`, admin));
  expect(last).toEqual({ min: 20, max: 73, mean: 46.5 });
});

const hasFfmpeg = ["ffmpeg", "ffprobe"].every((name) => spawnSync(name, ["-version"]).status === 0);

it.skipIf(!hasFfmpeg)("a video's frames are derived like any other's, and it is flagged lossy", async () => {
  const film = spawnSync("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=1", "-c:v", "mpeg4"],
    ...["-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "pipe:1"],
  ]);
  await sentMicrograph(server, project, film.stdout, { name: "film.mp4" });
  const { id, frames, frameTimesS, flags, width: across } = await ready("film");
  expect([frames, across, flags.lossy]).toEqual([5, 64, true]);
  expect(frameTimesS).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  await server.call("GET", `/micrographs/${id}/image_files/8/0_0.jpg?frame=4`, admin);
  const thumbnail = () => server.call("GET", `/micrographs/${id}/thumbnail.jpg?frame=4`, admin);
  await expect.poll(async () => (await thumbnail()).status).toBe(200);
});

it("a list of frames from somewhere else opens no file of anybody's", async () => {
  const list = JSON.stringify({
    ...{ format: "lamella-frames", version: 1, name: "theirs", timesS: null, timesFrom: null },
    frames: [
      { fileName: "wire_0.tif", sha256: (await server.ingest.catalogue.listSources(project))[0]!.sha256 },
    ],
  });
  const { source } = await json<{ source: string }>(
    sendFile(server, project, Buffer.from(list), { name: "theirs.frames.json" }),
  );
  expect(await server.ingest.settled(source)).toBe("failed");
  expect((await server.ingest.catalogue.source(source))!.reason).toContain("is not there");
});
