import { unzipSync } from "fflate";
import { expect, it, vi } from "vitest";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Job } from "#core/protocol/api/shapes.ts";
import { replayHere } from "#server/sync/replay.ts";
import { patienceMs } from "#tests/patience.ts";
import { square } from "../sync/square.ts";
import { bareMicrograph } from "./bare-micrograph.ts";
import { admin, json, makeProject, testServer } from "./running-server.ts";

const server = await testServer();
const marks = 20_000;

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** The longest this thread was held between two turns of its loop, in its own processor time: others' does not count. */
async function longestHoldMs(work: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let lastMs = cpuMs();
  const turn = () => {
    const nowMs = cpuMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  const turns = setInterval(turn, 1);
  await work();
  turn();
  clearInterval(turns);
  return longestMs;
}

async function largeRoom() {
  const projectId = await makeProject(server, "p");
  const micrographId = await bareMicrograph(server, projectId);
  const room = `micrograph:${micrographId}:annotations`;
  const { id } = (await server.catalogue.administrator())!;
  await server.rooms.editAsServer(room, id, {
    ...{ type: "add-marks", most: marks },
    marks: Array.from({ length: marks }, (_, i) => ({ id: `mark-${i}`, annotation: square })),
  });
  return { projectId, micrographId, room };
}

it("P60 whoever asks for all marks of a large room, or their numbers, keeps nobody else waiting", {
  timeout: patienceMs,
}, async () => {
  const { micrographId, room } = await largeRoom();
  const read = async (what: string) => {
    const response = await server.call("GET", `/micrographs/${micrographId}/${what}`, admin);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/json; charset=utf-8",
    ]);
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body!) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const parts = await server.rooms.readParts(room);
  const uncalibrated: Calibration = { state: "uncalibrated", reason: "none" };
  const here = {
    annotations: () => replayHere.annotations(parts),
    measurements: () => replayHere.measurements(parts, uncalibrated),
  };
  const answers: Record<string, Buffer> = {};
  for (const what of ["annotations", "measurements"] as const) {
    const onTheLoopMs = await longestHoldMs(here[what]);
    const heldMs = await longestHoldMs(async () => {
      answers[what] = await read(what);
    });
    expect(heldMs).toBeLessThan(onTheLoopMs / 5);
  }
  const { annotations, format } = JSON.parse(answers["annotations"]!.toString());
  expect([format, annotations.length]).toEqual(["lamella-annotations", marks]);
  expect(annotations.at(-1)).toMatchObject({ id: expect.stringMatching(/^mark-/), kind: "region" });
  const { measurements, ...head } = JSON.parse(answers["measurements"]!.toString());
  expect(head).toMatchObject({
    micrographId,
    calibration: { state: "uncalibrated" },
    flags: { lossy: false },
  });
  expect(measurements.length).toBeGreaterThan(marks);
  expect(measurements.at(-1)).toMatchObject({ unit: expect.any(String), quantity: expect.any(String) });
});

it("an export of a large room keeps nobody else waiting, and holds every mark", {
  timeout: patienceMs,
}, async () => {
  const { projectId, room } = await largeRoom();
  const parts = await server.rooms.readParts(room);
  const onTheLoopMs = await longestHoldMs(() => replayHere.annotations(parts));
  let archive!: Buffer;
  const heldMs = await longestHoldMs(async () => {
    const { id } = await json<Job>(
      server.call("POST", `/projects/${projectId}/exports`, admin, { format: "measurements-csv" }),
    );
    const job = await vi.waitFor(
      async () => {
        const now = await json<Job>(server.call("GET", `/jobs/${id}`, admin));
        expect(now.status, now.reason ?? "").toBe("done");
        return now;
      },
      { timeout: patienceMs, interval: 50 },
    );
    archive = Buffer.from(await (await fetch(server.url + job.download, { headers: admin })).arrayBuffer());
  });
  expect(heldMs).toBeLessThan(onTheLoopMs / 2);
  const files = Object.values(unzipSync(new Uint8Array(archive))).map((bytes) =>
    Buffer.from(bytes).toString(),
  );
  const table = files.find((file) => file.includes("mark-19999"))!;
  expect(table.split("\n").length).toBeGreaterThan(marks);
});

it("a room without a mark answers with empty lists", async () => {
  const micrographId = await bareMicrograph(server, await makeProject(server, "q"));
  const get = (what: string) => json(server.call("GET", `/micrographs/${micrographId}/${what}`, admin));
  expect(await get("annotations")).toEqual({ format: "lamella-annotations", version: 1, annotations: [] });
  expect(await get("measurements")).toMatchObject({ micrographId, measurements: [] });
});
