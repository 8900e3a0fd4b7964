import { expect, it } from "vitest";
import { look } from "./browser.ts";
import type { Together } from "./lab.ts";

/** Two people draw, then one of them reads what was done, looks at how it was, and brings parts of it back. */
export function historyWalk(walk: Together): void {
  const region = async () => (await walk.lab.marks()).find(({ kind }) => kind === "region");
  const saved = () => Promise.all([walk.ada.seesState("saved"), walk.grace.seesState("saved")]);
  /** A line of the panel, by what it says. */
  const line = (words: RegExp) => walk.ada.page.getByRole("tabpanel").getByRole("button", { name: words });
  const bring = async (words: RegExp, choice: RegExp) => {
    const row = walk.ada.page
      .getByRole("listitem")
      .filter({ has: walk.ada.page.getByRole("button", { name: words }) });
    await row.hover();
    await row.getByRole("button", { name: "Bring back", exact: false }).click();
    await walk.ada.page.getByRole("menuitem", { name: choice }).click();
  };

  it("lists who did what to which mark, also what others do while it is open", async () => {
    await walk.ada.tool("r");
    await walk.ada.drag([
      [0.3, 0.3],
      [0.5, 0.45],
    ]);
    await walk.grace.seesMarks(1);
    await walk.grace.tool("v");
    const inside = await walk.grace.at([0.4, 0.38]);
    await walk.grace.page.mouse.click(inside.x, inside.y);
    await walk.grace.drag([
      [0.4, 0.38],
      [0.46, 0.5],
    ]);
    await saved();
    await walk.ada.tab("History");
    await line(/drew.*Region/).waitFor();
    await line(/moved.*Region/).waitFor();
    await walk.grace.tool("m");
    await walk.grace.drag([
      [0.6, 0.6],
      [0.8, 0.62],
    ]);
    await line(/drew.*Line/).waitFor();
    await walk.ada.page
      .getByRole("region", { name: /^Grace/ })
      .getByText("2 edits")
      .waitFor();
    await line(/moved.*Region/).hover();
    await look(walk.ada.page, "history-list");
  });

  it("opens a moment on the picture, where nothing can be drawn, and steps on to now", async () => {
    const before = await walk.lab.marks();
    await line(/drew.*Region/).click();
    const banner = walk.ada.page.getByText(/, as it was$/);
    await banner.waitFor();
    await look(walk.ada.page, "history-moment");
    await walk.ada.seesMarks(1);
    await walk.ada.tool("r");
    await walk.ada.drag([
      [0.6, 0.2],
      [0.7, 0.3],
    ]);
    await walk.ada.seesMarks(1);
    await walk.ada.page.getByRole("button", { name: "The edit after" }).click();
    await walk.ada.page.getByText(/moved Region$/).waitFor();
    await walk.ada.page.getByRole("button", { name: "The edit after" }).click();
    await walk.ada.seesMarks(2);
    await walk.ada.page.getByRole("button", { name: "Back to now" }).click();
    await banner.waitFor({ state: "detached" });
    await walk.ada.seesMarks(2);
    expect(await walk.lab.marks()).toEqual(before);
  });

  it("says in a mark's details who drew it and who changed it last", async () => {
    await walk.ada.page
      .getByRole("button", { name: /^Region/ })
      .first()
      .click();
    const details = walk.ada.page.getByRole("region", { name: "Selected mark" });
    await details.getByText(/Last changed by Grace/).waitFor();
    await details.getByText(/^By /).waitFor();
    await look(walk.ada.page, "history-details");
    await walk.ada.page.keyboard.press("Escape");
  });

  it("brings one mark back, having said whose work it takes back", async () => {
    const moved = (await region())!;
    await walk.ada.tab("History");
    await bring(/moved.*Region/, /this mark back as it was before/);
    const question = walk.ada.page.getByRole("dialog");
    await question.getByText(/Grace: 1 edit$/).waitFor();
    await look(walk.ada.page, "history-question");
    await question.getByRole("button", { name: "Bring it back" }).click();
    await question.waitFor({ state: "detached" });
    await expect.poll(async () => (await region())!.outline).not.toEqual(moved.outline);
    await walk.grace.seesMarks(2);
    // A new edit, in the name of whoever asked.
    await line(/moved.*Region/)
      .nth(1)
      .waitFor();
  });

  it("brings the whole image back for who manages it, asked once; deleted marks return", async () => {
    const then = (await walk.lab.marks()).map(({ id }) => id).sort();
    await walk.grace.tab("Annotations");
    await walk.grace.page.getByRole("button", { name: /^Line/ }).first().click();
    await walk.grace.page
      .getByRole("region", { name: "Selected mark" })
      .getByRole("button", { name: "Delete" })
      .click();
    await walk.grace.seesMarks(1);
    await saved();
    await line(/deleted.*Line/).waitFor();
    await line(/drew.*Line/).click();
    await walk.ada.page.getByRole("button", { name: "Bring it back …" }).click();
    const question = walk.ada.page.getByRole("dialog");
    await question.getByText(/Grace: 1 edit of 1 mark$/).waitFor();
    await look(walk.ada.page, "history-question-image");
    await question.getByRole("button", { name: "Bring it back" }).click();
    await Promise.all([walk.ada.seesMarks(2), walk.grace.seesMarks(2)]);
    expect((await walk.lab.marks()).map(({ id }) => id).sort()).toEqual(then);
    await walk.grace.tab("History");
    await walk.grace.page
      .getByRole("button", { name: /^Bring back/ })
      .first()
      .waitFor({ state: "attached" });
    await look(walk.grace.page, "history-of-the-guest");
  });
}
