import { expect, it, vi } from "vitest";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import { square } from "../sync/square.ts";
import { bareMicrograph } from "./bare-micrograph.ts";
import { admin, json, makeProject, testServer } from "./running-server.ts";

const server = await testServer();

it("a gallery counts the marks of each class without opening a room, and again when they have changed", async () => {
  const projectId = await makeProject(server, "p");
  const ids = [await bareMicrograph(server, projectId), await bareMicrograph(server, projectId)];
  for (const id of ids) await server.ingest.catalogue.setMicrographStatus(id, "ready");
  const [drawn, empty] = ids as [string, string];
  const room = `micrograph:${drawn}:annotations`;
  const edit = (marks: readonly string[], classId: string | null) =>
    server.rooms.editAsServer(room, "p-anna", {
      ...{ type: "add-marks", most: 100 },
      marks: marks.map((id) => ({ id, annotation: { ...square, classId } })),
    });
  await edit(["m1", "m2", "m3"], "void");
  await edit(["m4"], null);
  const opened = vi.spyOn(server.rooms, "readDocument");
  const marks = async () =>
    (await json<Gallery>(server.call("GET", `/projects/${projectId}/gallery`, admin))).marks;
  await expect.poll(async () => Object.keys((await marks()) ?? {}).length).toBe(2);
  const counts = await marks();
  expect(new Map(counts![drawn]!.map(({ classId, count }) => [classId, count]))).toEqual(
    new Map([
      ["void", 3],
      [null, 1],
    ]),
  );
  expect(counts![empty]).toEqual([]);
  expect(opened.mock.calls.map(([name]) => name).filter((name) => name.startsWith("micrograph:"))).toEqual(
    [],
  );

  await server.rooms.writeAsServer(room, "p-anna", (doc) => {
    const document = openAnnotationDocument(doc);
    document.execute({ type: "delete", ids: ["m1"] });
    document.close();
  });
  // A room is asked again at most every two seconds.
  await expect
    .poll(async () => (await marks())![drawn]!.find(({ classId }) => classId === "void")?.count, {
      timeout: 10_000,
    })
    .toBe(2);
});
