import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { look } from "./browser.ts";
import { historyWalk } from "./history-walk.ts";
import { Lab, type Together } from "./lab.ts";
import { presenceWalk } from "./presence-walk.ts";
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

describe.each(walks)("%s", (title, micrograph, steps) => {
  beforeAll(() => walk.lab.gather(micrograph));
  // After a step that fails, the others would only wait in vain.
  let failed = false;
  beforeEach((context) => context.skip(failed, "an earlier step failed"));
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || failed) return;
    failed = true;
    await look(walk.ada.page, `failed-ada ${title}`);
    await look(walk.grace.page, `failed-grace ${title}`);
  });

  steps(walk);

  it("met no error on any page", () => {
    expect([...walk.ada.errors, ...walk.grace.errors]).toEqual([]);
  });
});
