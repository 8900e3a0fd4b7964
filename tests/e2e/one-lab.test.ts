import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historyWalk } from "./history-walk.ts";
import { Lab, type Together } from "./lab.ts";
import { presenceWalk } from "./presence-walk.ts";
import { eachStepNeedsTheLast } from "./steps.ts";
import { truthWalk } from "./truth-walk.ts";

/** Two people at their browsers, one server: each walk on a micrograph of its own, its steps building on each other. */
const walks = [
  ["looking together", "wire presence", presenceWalk],
  ["the history of an image", "wire history", historyWalk],
  ["the save state tells the truth", "wire truth", truthWalk],
] as const;

const walk = {} as Together;

beforeAll(async () => {
  walk.lab = await Lab.open(...walks.map(([, micrograph]) => micrograph));
  const members = [
    { name: "Ada", role: "owner" },
    { name: "Grace", role: "annotator" },
  ];
  [walk.ada, walk.grace] = (await walk.lab.seat(...members)) as [Together["ada"], Together["grace"]];
});
afterAll(() => walk.lab?.close());

describe.each(walks)("%s", (_, micrograph, steps) => {
  beforeAll(() => walk.lab.gather(micrograph));
  eachStepNeedsTheLast();

  steps(walk);

  it("met no error on any page", () => {
    expect([...walk.ada.errors, ...walk.grace.errors]).toEqual([]);
  });
});
