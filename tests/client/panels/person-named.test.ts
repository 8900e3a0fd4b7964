import { describe, expect, it } from "vitest";
import { personNamed } from "#client/panels/person-named.ts";

const ada = { id: "ada", name: "Ada Lovelace", colour: "#8a63d2" };
const grace = { id: "grace", name: "Grace Hopper", colour: "#0b7285" };
const members = [{ principal: grace }];

describe("what a person is called", () => {
  it("whoever is signed in has their name at once, without any list", () => {
    expect(personNamed("ada", ada, null, true)).toEqual(ada);
    expect(personNamed("ada", ada, members, false)).toEqual(ada);
  });

  it("nobody is “somebody” while their name may still come", () => {
    expect(personNamed("grace", ada, null, true)).toEqual({ name: "…", colour: null });
    expect(personNamed("grace", null, null, true).name).toBe("…");
    // Came in after the list was told: asked for once more.
    expect(personNamed("jonas", ada, members, true).name).toBe("…");
  });

  it("a member is called as the list says, and whoever nobody knows is somebody", () => {
    expect(personNamed("grace", ada, members, true)).toEqual(grace);
    expect(personNamed("jonas", ada, members, false)).toEqual({ name: "somebody", colour: null });
    expect(personNamed("grace", ada, null, false).name).toBe("somebody");
  });
});
