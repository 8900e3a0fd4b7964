import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diskReserveBytes } from "#server/access/intake.ts";
import { readConfig } from "#server/config.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import {
  json,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "./running-server.ts";
import { sendFile } from "./sent-micrograph.ts";
import { square } from "./square-mark.ts";

const disk = { free: Number.MAX_SAFE_INTEGER };
const quotas = {
  bytesPerPerson: 40_000,
  bytesPerProject: 20_000,
  micrographsPerProject: 2,
  marksPerMicrograph: 3,
};
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ quotas }, { freeBytesOf: async () => disk.free });
});
afterAll(() => server.stop());

async function send(projectId: string, as: Visitor, bytes: Uint8Array) {
  const answer = await sendFile(server, projectId, bytes, { as });
  const body = (await answer.json()) as { source?: string; error?: { code: string; message: string } };
  if (body.source) await server.ingest.settled(body.source);
  return { ...body, status: answer.status };
}

const begin = (projectId: string, as: Visitor, bytes: number) =>
  server.call("POST", "/uploads", as, undefined, {
    "tus-resumable": "1.0.0",
    "upload-length": String(bytes),
    "upload-metadata": `filename ${btoa("a.tif")},projectId ${btoa(projectId)}`,
  });

describe("what somebody may bring", () => {
  it("bytes of a project, bytes of a person, micrographs: each refusal says limit, taken and asked for", async () => {
    const { visitor } = await makePerson(server, "Quo Ta");
    const [first, second, third] = [
      await makeProject(server, "1", visitor),
      await makeProject(server, "2", visitor),
      await makeProject(server, "3", visitor),
    ];
    const large = await phantomTiff(1, 150, 100); // 15 kB
    expect((await send(first, visitor, large)).status).toBe(201);
    const over = await send(first, visitor, await phantomTiff(2, 150, 100));
    expect(over).toMatchObject({ status: 429, error: { code: "quota" } });
    expect(over.error!.message).toMatch(
      /A project may keep 20 kB here, of which 15\.\d kB are taken; this file has 15/,
    );
    expect((await begin(first, visitor, large.length)).status).toBe(429);
    expect((await send(second, visitor, await phantomTiff(3, 150, 100))).status).toBe(201);
    const mine = await send(third, visitor, await phantomTiff(4, 150, 100));
    expect(mine.error!.message).toMatch(/^You may keep 40 kB here/);

    const other = await makePerson(server, "Sma Ll");
    const many = await makeProject(server, "many", other.visitor);
    for (const seed of [5, 6])
      expect((await send(many, other.visitor, await phantomTiff(seed, 40, 30))).status).toBe(201);
    const third3 = await send(many, other.visitor, await phantomTiff(7, 40, 30));
    expect(third3).toMatchObject({ status: 429 });
    expect(third3.error!.message).toContain("may hold 2 micrographs");
  });

  it("of several sent at once only those that fit together, whichever way they are sent", async () => {
    const { visitor } = await makePerson(server, "Con Current");
    const projectId = await makeProject(server, "c", visitor);
    const bytes = await Promise.all([11, 12, 13].map((seed) => phantomTiff(seed, 120, 75))); // 9 kB of 20
    const answers = await Promise.all(bytes.map((one) => send(projectId, visitor, one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 429]);

    const { visitor: resuming } = await makePerson(server, "Re Sumer");
    const mine = await makeProject(server, "r", resuming);
    const begun = await Promise.all([9_000, 9_000, 9_000].map((size) => begin(mine, resuming, size)));
    expect(begun.map(({ status }) => status).sort()).toEqual([201, 201, 429]);
    // What is only announced holds its place until it is given up.
    expect((await send(mine, resuming, bytes[0]!)).status).toBe(429);
    const at = begun.find(({ status }) => status === 201)!.headers.get("location")!;
    const given = await fetch(new URL(at, `${server.url}/api/v1/uploads`), {
      method: "DELETE",
      headers: { ...resuming, "tus-resumable": "1.0.0" },
    });
    expect(given.status).toBe(204);
    expect((await send(mine, resuming, bytes[0]!)).status).toBe(201);
  });

  it("a body of unknown length is stopped where the quota ends, and leaves nothing", async () => {
    const { visitor } = await makePerson(server, "Chun Ked");
    const projectId = await makeProject(server, "u", visitor);
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 4_000;
        controller.enqueue(new Uint8Array(4_000));
        if (given > 4_000_000) controller.close();
      },
    });
    const answer = await fetch(`${server.url}/api/v1/projects/${projectId}/micrographs?name=a.tif`, {
      ...{ method: "POST", headers: visitor, body: endless, duplex: "half" },
    } as RequestInit);
    expect(answer.status).toBe(429);
    expect(await answer.text()).toMatch(/may keep \d0 kB here, of which 0 B are taken/);
    expect((await send(projectId, visitor, await phantomTiff(14, 120, 75))).status).toBe(201);
    const fits = new Blob([new Uint8Array(await phantomTiff(15, 120, 75))]).stream();
    const small = await fetch(`${server.url}/api/v1/projects/${projectId}/micrographs?name=a.tif`, {
      ...{ method: "POST", headers: visitor, body: fits, duplex: "half" },
    } as RequestInit);
    expect(small.status).toBe(201);
  });

  it("marks of a micrograph, all of a request or none", async () => {
    const { visitor } = await makePerson(server, "Mar Ks");
    const projectId = await makeProject(server, "m", visitor);
    const { source } = await send(projectId, visitor, await phantomTiff(8, 40, 30));
    const [micrographId] = (await server.ingest.catalogue.source(source!))!.micrographs;
    const path = `/micrographs/${micrographId}/annotations`;
    const empty = await json<{ format: string; version: number; annotations: unknown[] }>(
      server.call("GET", path, visitor),
    );
    const marks = (n: number) => ({
      ...empty,
      annotations: Array.from({ length: n }, (_, i) => ({ ...square, id: `square${n}${i}0000` })),
    });
    const refused = await server.call("POST", path, visitor, marks(4));
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain(
      "A micrograph may hold 3 marks; this one has 0 and would get 4 more",
    );
    const after = await json<{ annotations: unknown[] }>(server.call("GET", path, visitor));
    expect(after.annotations).toEqual([]);
    expect((await server.call("POST", path, visitor, marks(3))).status).toBe(201);
    expect((await server.call("POST", path, visitor, marks(1))).status).toBe(429);
  });

  it("nothing that the disk has no room for, asked before it is sent", async () => {
    const { visitor } = await makePerson(server, "Dis K");
    const projectId = await makeProject(server, "d", visitor);
    const bytes = await phantomTiff(9, 40, 30);
    disk.free = diskReserveBytes + bytes.length;
    try {
      const refused = await send(projectId, visitor, bytes);
      expect(refused).toMatchObject({ status: 507, error: { code: "full" } });
      expect(refused.error!.message).toContain("Tell your administrator");
      expect((await begin(projectId, visitor, bytes.length)).status).toBe(507);
      disk.free = diskReserveBytes - 1;
      const ready = await fetch(`${server.url}/readyz`);
      expect(JSON.stringify(await ready.json())).toContain("256 MB are the least".replace("256", "268"));
    } finally {
      disk.free = Number.MAX_SAFE_INTEGER;
    }
    expect((await send(projectId, visitor, bytes)).status).toBe(201);
  });

  it("an original that is gone from the store is told so before an answer begins", async () => {
    const { visitor } = await makePerson(server, "Lo St");
    const projectId = await makeProject(server, "l", visitor);
    const bytes = await phantomTiff(10, 40, 30);
    const { source } = await send(projectId, visitor, bytes);
    const path = `/sources/${source}/original`;
    const whole = await server.call("GET", path, visitor);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    await rm(join(server.dataDir, "blobs", originalKey(createHash("sha256").update(bytes).digest("hex"))));
    const gone = await server.call("GET", path, visitor);
    expect(gone.status).toBe(404);
    expect(await gone.text()).toContain("lamella verify");
  });

  it("are set in one line, and a line that is not one is refused", () => {
    const read = (text: string) => readConfig([], { LAMELLA_QUOTAS: text }).quotas;
    expect(read("person=500GB, marks=10")).toEqual({
      bytesPerPerson: 500e9,
      bytesPerProject: null,
      micrographsPerProject: 20_000,
      marksPerMicrograph: 10,
    });
    expect(() => read("persons=1")).toThrow(/Expected LAMELLA_QUOTAS such as/);
  });
});
