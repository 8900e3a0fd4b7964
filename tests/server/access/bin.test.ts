import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Bin, binRetentionMs } from "#server/access/bin.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { phantomTiff } from "../http/phantom-tiff.ts";
import {
  admin,
  errorCode,
  json,
  makePerson,
  makeProject,
  testServer,
  type Visitor,
} from "../http/running-server.ts";
import { sentMicrograph } from "../http/sent-micrograph.ts";

const server = await testServer();

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const upload = (projectId: string, as: Visitor, bytes: Uint8Array) =>
  sentMicrograph(server, projectId, bytes, { as });

describe("the bin", () => {
  it("gives a project back whole to its owner, and shows it to nobody else", async () => {
    const { id, visitor } = await makePerson(server, "Ola Owner");
    const { visitor: reader, id: readerId } = await makePerson(server, "Rea Reader");
    const projectId = await makeProject(server, "Grains", visitor);
    await server.call("PUT", `/projects/${projectId}/members/${readerId}`, visitor, { role: "reader" });
    const { micrographId } = await upload(projectId, visitor, await phantomTiff(7));
    expect((await server.call("DELETE", `/projects/${projectId}`, visitor)).status).toBe(204);
    for (const path of [`/projects/${projectId}/gallery`, `/micrographs/${micrographId}`]) {
      expect((await server.call("GET", path, visitor)).status, path).toBe(404);
    }
    const listed = await json<{ projects: { id: string; deletedBy: string; erasedAt: string }[] }>(
      server.call("GET", "/bin", visitor),
    );
    expect(listed.projects).toMatchObject([{ id: projectId, name: "Grains", deletedBy: "Ola Owner" }]);
    expect(Date.parse(listed.projects[0]!.erasedAt) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect((await json<{ projects: unknown[] }>(server.call("GET", "/bin", reader))).projects).toEqual([]);
    for (const who of [reader, admin]) {
      expect((await server.call("POST", `/bin/${projectId}/restore`, who)).status).toBe(404);
      expect((await server.call("DELETE", `/bin/${projectId}`, who)).status).toBe(404);
    }
    expect((await server.call("POST", `/bin/${projectId}/restore`, visitor)).status).toBe(204);
    expect((await server.call("GET", `/micrographs/${micrographId}`, reader)).status).toBe(200);
    const { events } = await json<{ events: { kind: string; principalId: string }[] }>(
      server.call("GET", `/projects/${projectId}/events`, reader),
    );
    expect(events.map(({ kind }) => kind)).toEqual(["restored", "binned", "member-changed"]);
    expect(events[0]!.principalId).toBe(id);
  });

  it("erases: a tombstone stays; bytes go, but not those that another project's source uses", async () => {
    const { id, visitor } = await makePerson(server, "Era Sing");
    const [gone, kept] = [
      await makeProject(server, "gone", visitor),
      await makeProject(server, "kept", visitor),
    ];
    const [only, shared] = [await phantomTiff(11), await phantomTiff(12)];
    const alone = await upload(gone, visitor, only);
    const inBoth = await upload(gone, visitor, shared);
    const stays = await upload(kept, visitor, shared);
    const [signal] = (await server.ingest.catalogue.micrograph(alone.micrographId))!.signals;
    const room = `micrograph:${alone.micrographId}:annotations`;
    await server.rooms.writeAsServer(room, id, (doc) => void doc.getMap("a").set("b", "a mark"));
    expect(await server.blobs.size(originalKey(sha256(only)))).toBe(only.length);
    expect(await server.blobs.size(derivedKeys.thumbnail(signal!.derivation!, 0))).toBeGreaterThan(0);

    await server.call("DELETE", `/projects/${gone}`, visitor);
    expect((await server.call("DELETE", `/bin/${gone}`, visitor)).status).toBe(204);
    expect((await server.call("POST", `/bin/${gone}/restore`, visitor)).status).toBe(404);

    expect(await server.blobs.size(originalKey(sha256(only)))).toBeUndefined();
    for (const keyOf of Object.values(derivedKeys)) {
      expect(await server.blobs.size(keyOf(signal!.derivation!, 0))).toBeUndefined();
    }
    expect(await server.blobs.size(originalKey(sha256(shared)))).toBe(shared.length);
    const thumbnail = await server.call("GET", `/micrographs/${stays.micrographId}/thumbnail.jpg`, visitor);
    expect(thumbnail.status).toBe(200);
    const history = await server.store.documentLog.history(room, 0, 10);
    expect(history).toEqual([]);

    const { tombstones } = await json<{ tombstones: { id: string; sha256: string | null }[] }>(
      server.call("GET", "/tombstones", admin),
    );
    const bySource = (sourceId: string) => tombstones.find((stone) => stone.id === sourceId);
    expect(bySource(gone)).toMatchObject({ kind: "project", sha256: null, deletedBy: id });
    expect(bySource(alone.sourceId)).toMatchObject({ kind: "source", sha256: sha256(only), deletedBy: id });
    expect(bySource(inBoth.sourceId)).toMatchObject({ sha256: sha256(shared) });
    expect(bySource(stays.sourceId)).toBeUndefined();
  });

  it("keeps for 30 days, then empties itself; a killed erasure is finished by the next start", async () => {
    const { visitor } = await makePerson(server, "Tim Time");
    const projectId = await makeProject(server, "old", visitor);
    const bytes = await phantomTiff(13);
    await upload(projectId, visitor, bytes);
    await server.call("DELETE", `/projects/${projectId}`, visitor);
    const ports = {
      sql: server.store.sql,
      blobs: server.blobs,
      log: server.store.documentLog,
      moveSource: server.ingest.catalogue.moveSource,
    };
    const binAt = (ageMs: number) => new Bin({ ...ports, now: () => Date.now() + ageMs });
    expect(await binAt(binRetentionMs - 60_000).sweep()).toBe(0);
    expect(await server.blobs.size(originalKey(sha256(bytes)))).toBe(bytes.length);
    // The process dies once the records are gone: the disk says no to every removal.
    const dying = new Bin({
      ...ports,
      now: () => Date.now() + binRetentionMs + 60_000,
      log: { erase: () => Promise.reject(new Error("killed")) },
    });
    await expect(dying.sweep()).rejects.toThrow("killed");
    expect((await json<{ projects: unknown[] }>(server.call("GET", "/bin", visitor))).projects).toEqual([]);
    expect(await server.blobs.size(originalKey(sha256(bytes)))).toBe(bytes.length);
    await binAt(0).sweep();
    expect(await server.blobs.size(originalKey(sha256(bytes)))).toBeUndefined();
  });

  it("an upload of the same bytes while they are being removed is not lost", async () => {
    const { visitor } = await makePerson(server, "Ray Ce");
    for (let round = 0; round < 5; round++) {
      const bytes = await phantomTiff(20 + round);
      const [gone, kept] = [
        await makeProject(server, "gone", visitor),
        await makeProject(server, "kept", visitor),
      ];
      await upload(gone, visitor, bytes);
      await server.call("DELETE", `/projects/${gone}`, visitor);
      const [, again] = await Promise.all([
        server.call("DELETE", `/bin/${gone}`, visitor),
        upload(kept, visitor, bytes),
      ]);
      expect(await server.blobs.size(originalKey(sha256(bytes))), `round ${round}`).toBe(bytes.length);
      expect((await server.call("GET", `/micrographs/${again.micrographId}`, visitor)).status).toBe(200);
    }
  });
});

describe("a single file", () => {
  it("rests in its project's bin: out of sight, brought back with its marks, or erased", async () => {
    const [owner, annotator, other] = [
      await makePerson(server, "Fil Owner"),
      await makePerson(server, "Fil Annotator"),
      await makePerson(server, "Fil Other"),
    ];
    const projectId = await makeProject(server, "files", owner.visitor);
    for (const { id } of [annotator, other])
      await server.call("PUT", `/projects/${projectId}/members/${id}`, owner.visitor, { role: "annotator" });
    const bytes = await phantomTiff(40);
    const { sourceId, micrographId } = await upload(projectId, annotator.visitor, bytes);
    const room = `micrograph:${micrographId}:annotations`;
    await server.rooms.writeAsServer(room, other.id, (doc) => void doc.getMap("a").set("b", "a mark"));
    const remove = (as: Visitor) => server.call("DELETE", `/sources/${sourceId}`, as);
    const visible = async () =>
      (await server.call("GET", `/micrographs/${micrographId}`, owner.visitor)).status;
    expect((await remove(other.visitor)).status).toBe(403);
    expect((await remove(annotator.visitor)).status).toBe(204);
    expect(await visible()).toBe(404);
    expect((await remove(annotator.visitor)).status).toBe(404);
    const gallery = await (await server.call("GET", `/projects/${projectId}/gallery`, owner.visitor)).text();
    expect(gallery).not.toContain(sourceId);
    const { files } = await json<{ files: object[] }>(
      server.call("GET", `/projects/${projectId}/bin`, owner.visitor),
    );
    expect(files).toMatchObject([{ id: sourceId, bytes: bytes.length, deletedBy: "Fil Annotator" }]);
    const elsewhere = await makeProject(server, "elsewhere", owner.visitor);
    const inBin = `/projects/${projectId}/bin/${sourceId}`;
    expect(
      (await server.call("DELETE", `/projects/${elsewhere}/bin/${sourceId}`, owner.visitor)).status,
    ).toBe(404);
    expect((await server.call("POST", `${inBin}/restore`, other.visitor)).status).toBe(403);
    expect((await server.call("POST", `${inBin}/restore`, annotator.visitor)).status).toBe(204);
    expect(await visible()).toBe(200);
    const mark = await server.rooms.readDocument(room, (doc) => doc.getMap("a").get("b"));
    expect(mark).toBe("a mark");

    expect((await remove(owner.visitor)).status).toBe(204);
    expect((await server.call("DELETE", inBin, annotator.visitor)).status).toBe(403);
    expect((await server.call("DELETE", inBin, owner.visitor)).status).toBe(204);
    expect(await server.blobs.size(originalKey(sha256(bytes)))).toBeUndefined();
    const { tombstones } = await json<{ tombstones: { id: string }[] }>(
      server.call("GET", "/tombstones", admin),
    );
    expect(tombstones.find(({ id }) => id === sourceId)).toMatchObject({
      ...{ kind: "source", sha256: sha256(bytes), deletedBy: owner.id },
    });
  });
});

describe("whose a project is", () => {
  it("the last owner cannot leave; of two who leave at once one stays", async () => {
    const [a, b] = [await makePerson(server, "Ann A"), await makePerson(server, "Ben B")];
    const projectId = await makeProject(server, "ours", a.visitor);
    expect(await errorCode(server.call("DELETE", `/projects/${projectId}/membership`, a.visitor))).toBe(
      "last-owner",
    );
    await server.call("PUT", `/projects/${projectId}/members/${b.id}`, a.visitor, { role: "owner" });
    const answers = await Promise.all(
      [a, b].map(({ visitor }) => server.call("DELETE", `/projects/${projectId}/membership`, visitor)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await server.catalogue.members(projectId, "in")).toHaveLength(1);
  });

  it("is transferred: the heir owns it, who gave it stays in the role they chose or leaves", async () => {
    const [a, b] = [await makePerson(server, "Give R"), await makePerson(server, "Take R")];
    const projectId = await makeProject(server, "gift", a.visitor);
    const give = (body: object) => server.call("POST", `/projects/${projectId}/transfer`, a.visitor, body);
    expect((await give({ principalId: "nobody-at-all" })).status).toBe(404);
    expect((await give({ principalId: b.id })).status).toBe(204);
    expect((await server.catalogue.project(projectId))!.ownerId).toBe(b.id);
    expect((await give({ principalId: a.id })).status).toBe(403);
    const { events } = await json<{ events: object[] }>(
      server.call("GET", `/projects/${projectId}/events`, a.visitor),
    );
    expect(events).toMatchObject([{ kind: "transferred", name: "Give R", detail: { toName: "Take R" } }]);
    const back = { principalId: a.id, stayAs: null };
    expect((await server.call("POST", `/projects/${projectId}/transfer`, b.visitor, back)).status).toBe(204);
    expect((await server.call("GET", `/projects/${projectId}/gallery`, b.visitor)).status).toBe(404);
  });
});
