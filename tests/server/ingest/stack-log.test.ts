import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRecord } from "#core/document/record-document.ts";
import type { Job } from "#core/protocol/api/shapes.ts";
import type { StackFrames, StackLogAnswer, StackLogVersion } from "#core/protocol/api/stack-log.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { writeSer } from "#scripts/fixtures/ser-writer.ts";
import {
  admin,
  errorCode,
  json,
  makeMember,
  makeProject,
  startTestServer,
  type TestServer,
} from "../http/running-server.ts";
import { sentMicrograph } from "../http/sent-micrograph.ts";

const [width, height] = [7, 5];
const timesS = [0, 1, 3, 4, 9];
/** Frame n counts up from 100 n: its least value, and its mean is 17 above. */
const frames = timesS.map((_, n) => Uint16Array.from({ length: width * height }, (_, i) => 100 * n + i));

let server: TestServer;
let project: string;
let micrograph: string;
let sourceId: string;

beforeAll(async () => {
  server = await startTestServer();
  project = await makeProject(server, "in situ");
  const bytes = writeSer(frames, width, height, {
    ...{ wide: false, announced: frames.length, deltaM: [1e-9, 1e-9] },
    timesS,
  });
  const sent = await server.call(
    "POST",
    `/projects/${project}/micrographs?name=heat_1.ser`,
    admin,
    undefined,
    {},
  );
  expect(sent.status).toBe(400); // an empty body is no file
  const made = await sentMicrograph(server, project, bytes, { name: "heat_1.ser" });
  ({ sourceId, micrographId: micrograph } = made);
});
afterAll(() => server.stop());

function send(path: string, body: Uint8Array | string, as = admin): Promise<Response> {
  return fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: { ...as, "content-type": "application/octet-stream" },
    body: typeof body === "string" ? body : (body as Uint8Array<ArrayBuffer>),
  });
}
const at = (rest: string) => `/micrographs/${micrograph}${rest}`;
const framesNow = () => json<StackFrames>(server.call("GET", at("/frames"), admin));
const potentials = ({ frames: all }: StackFrames) =>
  all.map(({ conditions }) => conditions.find(({ quantity }) => quantity === "potential")?.value ?? null);

const log = "time/s;Ewe/V;T (°C)\n2;1,0;20\n4;2,0;30\n10;8,0;\n";

describe("a log beside a stack", () => {
  it("is not there before somebody put it there, and frames have the file's own times", async () => {
    expect((await server.call("GET", at("/log"), admin)).status).toBe(404);
    expect((await server.call("DELETE", at("/log"), admin)).status).toBe(404);
    expect((await server.call("PUT", at("/log"), admin, { offsetS: 1 })).status).toBe(404);
    const { times, frames: all } = await framesNow();
    expect(times).toBe("file");
    expect(all.map(({ timeS }) => timeS)).toEqual(timesS);
  });

  it("is refused where it is none, and nothing is kept", async () => {
    const refused = await send(at("/log?name=notes.csv"), "name,colour\na,b\n");
    expect(refused.status).toBe(422);
    expect(await errorCode(refused)).toBe("not-a-log");
    expect((await server.call("GET", at("/log"), admin)).status).toBe(404);
  });

  it("gives each frame what lies between its samples, and nothing outside", async () => {
    const version = await json<StackLogVersion>(send(at("/log?name=cycle.csv"), log));
    expect(version).toMatchObject({ number: 1, offsetS: 0, offsetBasis: "assumed", frameIntervalS: null });
    expect(version.file?.name).toBe("cycle.csv");
    // Frames at 0, 1, 3, 4, 9 s of a log that runs from 2 to 10 s.
    expect(potentials(await framesNow())).toEqual([null, null, 1.5, 2, 7]);
    const answer = await json<StackLogAnswer>(server.call("GET", at("/log"), admin));
    expect(answer.timesS).toEqual([2, 4, 10]);
    expect(answer.channels.map(({ label, unit, values }) => [label, unit, values])).toEqual([
      ["Ewe", "V", [1, 2, 8]],
      ["T", "°C", [20, 30, null]],
    ]);
  });

  it("moves under the frames; each placing is a version with its author", async () => {
    const { id, visitor } = await makeMember(server, project, "annotator", "Ines");
    const moved = await json<StackLogVersion>(server.call("PUT", at("/log"), visitor, { offsetS: 2 }));
    expect(moved).toMatchObject({ number: 2, offsetS: 2, offsetBasis: "person", madeBy: id });
    const all = await framesNow();
    expect(all.log?.number).toBe(2);
    expect(potentials(all)).toEqual([1, 1.5, 3, 4, null]);
    // Beside an empty cell there is no temperature.
    expect(all.frames.map(({ conditions }) => conditions.length)).toEqual([2, 2, 1, 1, 0]);
  });

  it("with clock times of its own is placed by the clocks of both", async () => {
    const clocked = "date;T/K\n2017-07-14T02:39:50Z;300\n2017-07-14T02:40:20Z;330\n";
    const version = await json<StackLogVersion>(send(at("/log?name=heater.csv"), clocked));
    expect(version).toMatchObject({ offsetS: 10, offsetBasis: "clocks" });
    const { frames: all } = await framesNow();
    expect(all.map(({ conditions }) => conditions[0]?.value)).toEqual([310, 311, 313, 314, 319]);
  });

  it("goes and leaves its versions; every file of it goes with the micrograph for good", async () => {
    expect((await server.call("DELETE", at("/log"), admin)).status).toBe(204);
    expect((await server.call("GET", at("/log"), admin)).status).toBe(404);
    expect(potentials(await framesNow())).toEqual([null, null, null, null, null]);
    const again = await json<StackLogVersion>(send(at("/log?name=cycle.csv"), log));
    expect(again.number).toBe(5);
    const room = formatRoomName({ kind: "record", micrographId: micrograph });
    const { logs } = await server.rooms.readDocument(room, readRecord);
    expect(logs.map(({ number, file, offsetBasis }) => [number, file?.name ?? null, offsetBasis])).toEqual([
      [1, "cycle.csv", "assumed"],
      [2, "cycle.csv", "person"],
      [3, "heater.csv", "clocks"],
      [4, null, "clocks"],
      [5, "cycle.csv", "assumed"],
    ]);
    expect(new Set(logs.map(({ madeBy }) => madeBy)).size).toBe(2);
    const kept = join(server.dataDir, "blobs", "logs", micrograph);
    expect((await readdir(kept)).length).toBe(2);
  });
});

describe("numbers of the frames", () => {
  it("are read when asked for, exactly", async () => {
    const one = await json(server.call("GET", at("/frames/3/statistics"), admin));
    expect(one).toEqual({ min: 300, max: 334, mean: 317 });
    expect((await server.call("GET", at("/frames/5/statistics"), admin)).status).toBe(404);
    expect((await framesNow()).frames.map(({ statistics }) => statistics?.mean ?? null)).toEqual([
      ...[null, null, null, 317, null],
    ]);
  });

  it("of all frames are a job, and a table with the conditions beside them", async () => {
    const ordered = await json<Job>(server.call("POST", at("/frames/statistics"), admin));
    expect((await server.ingest.jobs.settled(ordered.id)).status).toBe("done");
    const answer = await server.call("GET", at("/frames.csv"), admin);
    expect(answer.headers.get("content-disposition")).toContain("heat_1%20frames.csv");
    expect((await answer.text()).trim().split("\r\n")).toEqual([
      "frame,time_s,min,max,mean,potential Ewe (V),temperature T (°C),log_offset_s,log_offset_basis",
      "1,0,0,34,17,,,0,assumed",
      "2,1,100,134,117,,,0,assumed",
      "3,3,200,234,217,1.5,25,0,assumed",
      "4,4,300,334,317,2,30,0,assumed",
      "5,9,400,434,417,7,,0,assumed",
    ]);
  });
});

it("erasing the file erases its logs", async () => {
  const folder = join(server.dataDir, "blobs", "logs", micrograph);
  expect((await server.call("DELETE", `/sources/${sourceId}`, admin)).status).toBe(204);
  expect((await readdir(folder)).length).toBe(2);
  expect((await server.call("DELETE", `/projects/${project}/bin/${sourceId}`, admin)).status).toBe(204);
  expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]);
});
