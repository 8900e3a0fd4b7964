import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Annotation } from "#core/schema/annotation.ts";
import { look } from "./browser.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { writePhantomFile } from "./phantom-file.ts";
import { Reviewer } from "./reviewer.ts";

/** Two people draw, then one of them reads what was done, looks at how it was, and brings parts of it back. */
describe("the history of an image", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-history-"));
  let server: LamellaProcess;
  let ada: Reviewer;
  let grace: Reviewer;
  let micrographId: string;

  const marks = async (): Promise<Annotation[]> => {
    const answer = await ada.page.request.get(`${server.url}/api/v1/micrographs/${micrographId}/annotations`);
    return ((await answer.json()) as { annotations: Annotation[] }).annotations;
  };
  const region = async () => (await marks()).find(({ kind }) => kind === "region");
  const saved = () => Promise.all([ada.seesState("saved"), grace.seesState("saved")]);
  /** A line of the panel, by what it says. */
  const line = (words: RegExp) => ada.page.getByRole("tabpanel").getByRole("button", { name: words });
  const bring = async (words: RegExp, choice: RegExp) => {
    const row = ada.page.getByRole("listitem").filter({ has: ada.page.getByRole("button", { name: words }) });
    await row.hover();
    await row.getByRole("button", { name: "Bring back", exact: false }).click();
    await ada.page.getByRole("menuitem", { name: choice }).click();
  };

  beforeAll(async () => {
    server = await LamellaProcess.start(join(folder, "data"), { args: ["--no-demo"] });
    [ada, grace] = await Promise.all([Reviewer.arrive(), Reviewer.arrive()]);
    await ada.signIn(server.adminLink!);
    await ada.createProject("Sb on TiN");
    await ada.upload(writePhantomFile(folder, "wire 3 desodiated.dm4").path);
    await ada.openMicrograph("wire 3 desodiated");
    micrographId = /micrographs\/([^/?]+)/.exec(ada.page.url())![1]!;
    await grace.join(await ada.invite("annotator"), "Grace");
    await grace.picture.waitFor();
    await saved();
  });
  afterAll(async () => {
    await Promise.all([ada?.leave(), grace?.leave()]);
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  let failed = false;
  beforeEach((context) => context.skip(failed, "an earlier step failed"));
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || failed) return;
    failed = true;
    await look(ada.page, "history-failed");
  });

  it("lists who did what to which mark, also what others do while it is open", async () => {
    await ada.tool("r");
    await ada.drag([
      [0.3, 0.3],
      [0.5, 0.45],
    ]);
    await grace.seesMarks(1);
    await grace.tool("v");
    const inside = await grace.at([0.4, 0.38]);
    await grace.page.mouse.click(inside.x, inside.y);
    await grace.drag([
      [0.4, 0.38],
      [0.46, 0.5],
    ]);
    await saved();
    await ada.tab("History");
    await line(/drew.*Region/).waitFor();
    await line(/moved.*Region/).waitFor();
    await grace.tool("m");
    await grace.drag([
      [0.6, 0.6],
      [0.8, 0.62],
    ]);
    await line(/drew.*Line/).waitFor();
    await ada.page
      .getByRole("region", { name: /^Grace \(guest of/ })
      .getByText("2 edits")
      .waitFor();
    await line(/moved.*Region/).hover();
    await look(ada.page, "history-list");
  });

  it("opens a moment on the picture, where nothing can be drawn, and steps on to now", async () => {
    const before = await marks();
    await line(/drew.*Region/).click();
    const banner = ada.page.getByText(/, as it was$/);
    await banner.waitFor();
    await look(ada.page, "history-moment");
    await ada.seesMarks(1);
    await ada.tool("r");
    await ada.drag([
      [0.6, 0.2],
      [0.7, 0.3],
    ]);
    await ada.seesMarks(1);
    await ada.page.getByRole("button", { name: "The edit after" }).click();
    await ada.page.getByText(/moved Region$/).waitFor();
    await ada.page.getByRole("button", { name: "The edit after" }).click();
    await ada.seesMarks(2);
    await ada.page.getByRole("button", { name: "Back to now" }).click();
    await banner.waitFor({ state: "detached" });
    await ada.seesMarks(2);
    expect(await marks()).toEqual(before);
  });

  it("says in a mark's details who drew it and who changed it last", async () => {
    await ada.page
      .getByRole("button", { name: /^Region/ })
      .first()
      .click();
    const details = ada.page.getByRole("region", { name: "Selected mark" });
    await details.getByText(/Last moved by Grace \(guest of/).waitFor();
    await details.getByText(/^By /).waitFor();
    await look(ada.page, "history-details");
    await ada.page.keyboard.press("Escape");
  });

  it("brings one mark back, having said whose work it takes back", async () => {
    const moved = (await region())!;
    await ada.tab("History");
    await bring(/moved.*Region/, /as it was before this/);
    const question = ada.page.getByRole("dialog");
    await question.getByText(/Grace \(guest of .*\): 1 edit$/).waitFor();
    await look(ada.page, "history-question");
    await question.getByRole("button", { name: "Bring it back" }).click();
    await question.waitFor({ state: "detached" });
    await expect.poll(async () => (await region())!.outline, { timeout: 10_000 }).not.toEqual(moved.outline);
    await grace.seesMarks(2);
    // A new edit, in the name of whoever asked.
    await line(/moved.*Region/)
      .nth(1)
      .waitFor();
  });

  it("brings the whole image back for who manages it, asked once; deleted marks return", async () => {
    const then = (await marks()).map(({ id }) => id).sort();
    await grace.tab("Annotations");
    await grace.page.getByRole("button", { name: /^Line/ }).first().click();
    await grace.page
      .getByRole("region", { name: "Selected mark" })
      .getByRole("button", { name: "Delete" })
      .click();
    await grace.seesMarks(1);
    await saved();
    await line(/deleted.*Line/).waitFor();
    await line(/drew.*Line/).click();
    await ada.page.getByRole("button", { name: "Bring it back …" }).click();
    const question = ada.page.getByRole("dialog");
    await question.getByText(/Grace \(guest of .*\): 1 edit of 1 mark$/).waitFor();
    await look(ada.page, "history-question-image");
    await question.getByRole("button", { name: "Bring it back" }).click();
    await Promise.all([ada.seesMarks(2), grace.seesMarks(2)]);
    expect((await marks()).map(({ id }) => id).sort()).toEqual(then);
    await grace.tab("History");
    await grace.page
      .getByRole("button", { name: /^Bring back/ })
      .first()
      .waitFor({ state: "attached" });
    await look(grace.page, "history-of-the-guest");
  });

  it("met no error on any page", () => {
    ada.hasSeenNoError();
    grace.hasSeenNoError();
  });
});
