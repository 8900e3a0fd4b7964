import { describe, expect, it } from "vitest";
import { addressOfMicrograph, routeOf, viewOf } from "#client/state/router.ts";

const route = (pathname: string, hash = "") => routeOf({ pathname, hash });

describe("addresses", () => {
  it("lead to their pages", () => {
    expect(route("/")).toEqual({ page: "projects" });
    expect(route("/projects/abcdefgh12")).toEqual({ page: "project", projectId: "abcdefgh12" });
    expect(route("/projects/abcdefgh12/settings")).toEqual({
      page: "project-settings",
      projectId: "abcdefgh12",
    });
    expect(route("/account")).toEqual({ page: "account" });
    expect(route("/administration")).toEqual({ page: "administration" });
    expect(route("/micrographs/abcdefgh12")).toEqual({ page: "micrograph", micrographId: "abcdefgh12" });
    expect(route("/projects/projectid1/micrographs/microid12")).toEqual({
      page: "micrograph",
      micrographId: "microid12",
    });
    expect(route("/join/a%2Fb")).toEqual({ page: "join", token: "a/b" });
  });

  it("carry the sign-in token in the hash, which no server sees", () => {
    expect(route("/sign-in", "#secret")).toEqual({ page: "sign-in", token: "secret" });
    expect(route("/sign-in")).toEqual({ page: "sign-in", token: null });
  });

  it("that mean nothing say so", () => {
    for (const path of ["/projects/short", "/nowhere", "/micrographs/", "/projects/a b c d e f"]) {
      expect(route(path), path).toEqual({ page: "unknown" });
    }
  });

  it("carry a view there and back", () => {
    const address = addressOfMicrograph("microid12", { x: 512.34, y: 100, width: 300.26 });
    expect(address).toBe("/micrographs/microid12?view=512.3,100,300.3");
    expect(viewOf(new URL(address, "http://x").search)).toEqual({ x: 512.3, y: 100, width: 300.3 });
  });

  it("with a broken view ask for none", () => {
    for (const search of ["", "?view=", "?view=1,2", "?view=1,2,x", "?view=1,2,0", "?view=1,2,3,4"]) {
      expect(viewOf(search), search).toBeNull();
    }
  });
});
