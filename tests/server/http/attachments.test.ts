import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AttachmentShape, ColumnsShape } from "#core/protocol/api/attachments.ts";
import type { Gallery, Source } from "#core/protocol/api/shapes.ts";
import { Bin } from "#server/access/bin.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import {
  admin,
  errorCode,
  json,
  makeGuest,
  makeProject,
  startTestServer,
  type TestServer,
} from "./running-server.ts";

const spectrum =
  "#FORMAT : EMSA/MAS Spectral Data File\n#XPERCHAN : 0.5\n#OFFSET : 1\n#SPECTRUM :\n5,\n6,\n7,\n#ENDOFDATA :\n";

let server: TestServer;
let projectId: string;
let micrographId: string;

const send = (path: string, body: string | Uint8Array, as = admin) =>
  fetch(`${server.url}/api/v1${path}`, {
    method: "POST",
    headers: { ...as, "content-type": "application/octet-stream" },
    body: body as never,
  });
const attach = (name: string, body: string, on = `type=micrograph&on=${micrographId}`) =>
  send(`/projects/${projectId}/attachments?${on}&name=${encodeURIComponent(name)}`, body);
const list = async () =>
  (
    await json<{ attachments: AttachmentShape[] }>(
      server.call("GET", `/projects/${projectId}/attachments`, admin),
    )
  ).attachments;
const sourceOf = async (name: string, body: string | Uint8Array) => {
  const { source } = await json<{ source: string }>(
    send(`/projects/${projectId}/micrographs?name=${name}`, body),
  );
  await server.ingest.settled(source);
  return json<Source>(server.call("GET", `/sources/${source}`, admin));
};

beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "Spectra");
  micrographId = (await sourceOf("a.tif", await phantomTiff(1))).micrographs[0]!;
});
afterAll(() => server?.stop());

describe("attachments", () => {
  it("are kept untouched, listed, plotted, and downloaded by whoever has that right", async () => {
    const kept = await json<AttachmentShape>(attach("../EDX 3.msa", spectrum));
    expect(kept).toMatchObject({
      ...{ fileName: "EDX 3.msa", bytes: spectrum.length, plottable: true, mediaType: "text/x-emsa" },
      on: { type: "micrograph", id: micrographId },
      sha256: createHash("sha256").update(spectrum).digest("hex"),
    });
    const path = `/projects/${projectId}/attachments/${kept.id}`;
    expect(await json<ColumnsShape>(server.call("GET", `${path}/columns`, admin))).toMatchObject({
      x: { values: [1, 1.5, 2] },
      ys: [{ values: [5, 6, 7] }],
    });
    const file = await server.call("GET", path, admin);
    expect(await file.text()).toBe(spectrum);
    expect(file.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''EDX%203.msa");
    expect(file.headers.get("content-security-policy")).toContain("sandbox");

    const { visitor } = await makeGuest(server, projectId, "annotator");
    expect(await errorCode(server.call("GET", path, visitor))).toBe("no-right");
    expect((await server.call("GET", `${path}/columns`, visitor)).status).toBe(200);
    const reader = await makeGuest(server, projectId, "reader", "Rita");
    expect(
      await errorCode(
        send(`/projects/${projectId}/attachments?type=project&on=${projectId}&name=a`, "x", reader.visitor),
      ),
    ).toBe("no-right");
  });

  it("of any kind, on any record; what has no columns says so", async () => {
    const pdf = await json<AttachmentShape>(attach("paper.pdf", "%PDF-1.7", `type=project&on=${projectId}`));
    expect(pdf).toMatchObject({ plottable: false, mediaType: "application/pdf", on: { type: "project" } });
    const notes = await json<AttachmentShape>(attach("notes.txt", "cell opened at noon"));
    expect(
      await errorCode(server.call("GET", `/projects/${projectId}/attachments/${notes.id}/columns`, admin)),
    ).toBe("not-a-picture");
    expect(await errorCode(attach("x.csv", "1,2", "type=specimen&on=not-there-1234"))).toBe("not-found");
    expect(await errorCode(attach("x.csv", "1,2", "type=planet&on=not-there-1234"))).toBe("invalid-request");
    expect(await errorCode(attach("x.csv", ""))).toBe("empty");
    const elsewhere = await makeProject(server, "Elsewhere");
    expect(await errorCode(server.call("GET", `/projects/${elsewhere}/attachments/${pdf.id}`, admin))).toBe(
      "not-found",
    );
  });

  it("can be removed and put back", async () => {
    const { id, sha256 } = await json<AttachmentShape>(attach("removed.csv", "1,2\n3,4\n"));
    const path = `/projects/${projectId}/attachments/${id}`;
    expect((await server.call("DELETE", path, admin)).status).toBe(204);
    expect((await list()).map((one) => one.id)).not.toContain(id);
    expect(await errorCode(server.call("GET", path, admin))).toBe("not-found");
    expect((await server.call("POST", `${path}/restore`, admin)).status).toBe(204);
    expect((await list()).map((one) => one.id)).toContain(id);
    expect(await errorCode(server.call("POST", `${path}/restore`, admin))).toBe("conflict");
    expect(await server.blobs.size(originalKey(sha256))).toBe(8);
  });

  it("rest thirty days, then their bytes go, unless something else stands on them", async () => {
    const [alone, shared] = ["10,20\n30,40\n", "11,21\n31,41\n"];
    const gone = await json<AttachmentShape>(attach("alone.csv", alone));
    const twin = await json<AttachmentShape>(attach("shared.csv", shared));
    const kept = await json<AttachmentShape>(attach("kept.csv", shared));
    for (const { id } of [gone, twin])
      await server.call("DELETE", `/projects/${projectId}/attachments/${id}`, admin);
    const { store, blobs, ingest } = server;
    const sweepAfter = (days: number) =>
      new Bin({
        ...{ sql: store.sql, blobs, log: store.documentLog, moveSource: ingest.catalogue.moveSource },
        now: () => Date.now() + days * 24 * 3600_000,
      }).sweep();
    await sweepAfter(29);
    expect(await blobs.size(originalKey(gone.sha256))).toBe(alone.length);
    await sweepAfter(31);
    expect(await blobs.size(originalKey(gone.sha256))).toBeUndefined();
    expect(await blobs.size(originalKey(kept.sha256))).toBe(shared.length);
    expect((await list()).map(({ fileName }) => fileName)).toContain("kept.csv");
  });
});

describe("a file without a picture", () => {
  it("is refused with what it is, and goes to the record it belongs to", async () => {
    const refused = await sourceOf("spot.msa", spectrum.replace("5,", "50,"));
    expect(refused).toMatchObject({ status: "failed", code: "not-a-picture" });
    expect(refused.reason).toMatch(/EMSA\/MAS spectrum, not a picture\. Attach it/);
    const attached = await json<AttachmentShape>(
      server.call("POST", `/sources/${refused.id}/attach`, admin, { type: "micrograph", on: micrographId }),
    );
    expect(attached).toMatchObject({ fileName: "spot.msa", sha256: refused.sha256, plottable: true });
    expect((await server.call("GET", `/sources/${refused.id}`, admin)).status).toBe(404);
    const gallery = await json<Gallery>(server.call("GET", `/projects/${projectId}/gallery`, admin));
    expect(gallery.sources).toEqual([]);
    expect(
      await (await server.call("GET", `/projects/${projectId}/attachments/${attached.id}`, admin)).text(),
    ).toContain("50,");
  });

  it("a picture is not taken for one", async () => {
    const { sourceId } = (await server.ingest.catalogue.micrograph(micrographId))!;
    const answer = server.call("POST", `/sources/${sourceId}/attach`, admin, {
      type: "project",
      on: projectId,
    });
    expect(await errorCode(answer)).toBe("conflict");
  });
});
