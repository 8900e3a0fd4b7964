import { expect, it } from "vitest";
import { readShared } from "#core/document/shared-document.ts";
import { adminToken, byToken, makeProject, testServer } from "./running-server.ts";

const server = await testServer();

it("browsers that name different interfaces at once get different names; the same one is named once", async () => {
  const projectId = await makeProject(server, "p");
  const name = (id: string, proposed: boolean, as = "Interface 1") =>
    server.call("POST", `/projects/${projectId}/shared`, byToken(adminToken), {
      ...{ type: "put-interface", proposed },
      interface: { id, name: as, objectId: null, substrate: "", film: "" },
    });
  const answers = await Promise.all(["a", "b", "c", "a", "b"].map((id) => name(id, true)));
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
  const names = async () =>
    server.rooms.readDocument(`project:${projectId}:shared`, (doc) =>
      Object.fromEntries([...readShared(doc).interfaces.values()].map((one) => [one.id, one.name])),
    );
  const given = await names();
  expect(Object.values(given).toSorted()).toEqual(["Interface 1", "Interface 2", "Interface 3"]);
  // What a person chooses is written as it is, and the program does not take it back.
  await name("b", false, "upper Sb|TiN");
  await name("b", true);
  expect(await names()).toEqual({ ...given, b: "upper Sb|TiN" });
});
