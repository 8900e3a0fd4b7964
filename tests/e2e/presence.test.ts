import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { look } from "./browser.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { writePhantomFile } from "./phantom-file.ts";
import { type Place, Reviewer } from "./reviewer.ts";

/** One shows the others something: following, presenting, a lent contrast, a laser pointer. */
describe("looking together", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-presence-"));
  let server: LamellaProcess;
  let ada: Reviewer;
  let grace: Reviewer;

  const zoomOf = ({ page }: Reviewer) => page.getByText(/^[\d.]+ %$/).textContent();
  const zoomIn = async (who: Reviewer, at: Place) => {
    const point = await who.at(at);
    await who.page.mouse.move(point.x, point.y);
    await who.page.mouse.wheel(0, -600);
  };
  const inverted = (who: Reviewer) => who.page.getByRole("switch", { name: "Invert" }).isChecked();
  const banner = ({ page }: Reviewer, words: RegExp) =>
    page.getByRole("status").filter({ hasText: words }).first();
  const followAda = () => grace.page.getByRole("button", { name: "Follow Administrator" });
  /** Something is painted above the picture there. */
  const painted = async (who: Reviewer, place: Place, offsetPx: number) => {
    const point = await who.at(place);
    return who.page.evaluate(
      ([x, y]) =>
        [
          ...document.querySelectorAll<HTMLCanvasElement>(
            '[data-testid="micrograph-canvas"] .konvajs-content canvas',
          ),
        ]
          .slice(-1)
          .some((canvas) => {
            const box = canvas.getBoundingClientRect();
            const [px, py] = [x - box.left, y - box.top].map((v) =>
              Math.round(v * (canvas.width / box.width)),
            );
            return canvas.getContext("2d")!.getImageData(px!, py!, 1, 1).data[3]! > 0;
          }),
      [point.x + offsetPx, point.y] as const,
    );
  };

  /** How bright the picture itself is there, 0-255. */
  const brightness = async (who: Reviewer, place: Place) => {
    const point = await who.at(place);
    return who.page.evaluate(
      ([x, y]) => {
        const canvas = document.querySelector<HTMLCanvasElement>(
          '[data-testid="micrograph-canvas"] .openseadragon-canvas canvas',
        )!;
        const box = canvas.getBoundingClientRect();
        const [px, py] = [x - box.left, y - box.top].map((v) => Math.round(v * (canvas.width / box.width)));
        return canvas.getContext("2d")!.getImageData(px!, py!, 1, 1).data[0]!;
      },
      [point.x, point.y] as const,
    );
  };

  beforeAll(async () => {
    server = await LamellaProcess.start(join(folder, "data"), { args: ["--no-demo"] });
    [ada, grace] = await Promise.all([Reviewer.arrive(), Reviewer.arrive()]);
    await ada.signIn(server.adminLink!);
    await ada.createProject("Sb on TiN");
    await ada.upload(writePhantomFile(folder, "wire 3 desodiated.dm4").path);
    await ada.openMicrograph("wire 3 desodiated");
    await grace.join(await ada.invite("annotator"), "Grace");
    await grace.picture.waitFor();
    await grace.seesState("saved");
    await Promise.all([ada.tab("Display"), grace.tab("Display")]);
    await followAda().waitFor();
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
    await look(ada.page, "presence-failed-ada");
    await look(grace.page, "presence-failed-grace");
  });

  it("follows by a click on the avatar, lets go by another click and by any input of one's own", async () => {
    await followAda().click();
    await banner(grace, /Following Administrator/).waitFor();
    await zoomIn(ada, [0.3, 0.3]);
    await expect.poll(() => zoomOf(ada)).not.toBe("103 %");
    await expect.poll(async () => (await zoomOf(grace)) === (await zoomOf(ada))).toBe(true);
    await look(grace.page, "presence-following");
    await grace.page.getByRole("button", { name: "Stop following Administrator" }).click();
    await banner(grace, /Following Administrator/).waitFor({ state: "detached" });
    await followAda().click();
    await zoomIn(grace, [0.5, 0.5]);
    await banner(grace, /Following Administrator/).waitFor({ state: "detached" });
    const own = await zoomOf(grace);
    expect(own).not.toBe(await zoomOf(ada));
    await zoomIn(ada, [0.5, 0.5]);
    expect(await zoomOf(grace)).toBe(own);
  });

  it("asks whoever is at work to come, and the presenter sees who did", async () => {
    await zoomIn(grace, [0.5, 0.5]);
    await ada.page.getByRole("button", { name: "Bring everyone here" }).click();
    await banner(grace, /presents and asks everyone to follow/).waitFor();
    await banner(ada, /You present: 0 of 1/).waitFor();
    await look(grace.page, "presence-asked");
    await grace.page.getByRole("button", { name: "Stay here" }).click();
    await banner(grace, /asks everyone/).waitFor({ state: "detached" });
    await ada.page.getByRole("button", { name: "Stop", exact: true }).click();
    await zoomIn(grace, [0.4, 0.4]);
    await ada.page.getByRole("button", { name: "Bring everyone here" }).click();
    await grace.page.getByRole("button", { name: "Follow", exact: true }).click();
    await banner(grace, /Administrator presents/).waitFor();
    await banner(ada, /You present: 1 of 1/).waitFor();
    await expect.poll(async () => (await zoomOf(grace)) === (await zoomOf(ada))).toBe(true);
  });

  it("lends the presenter's contrast to who follows; declined or let go, one's own is back", async () => {
    expect([await inverted(ada), await inverted(grace)]).toEqual([false, false]);
    const place: Place = [0.4, 0.75];
    const dark = await brightness(grace, place);
    expect(dark).toBeLessThan(128);
    await ada.page.getByRole("switch", { name: "Show my contrast" }).setChecked(true, { force: true });
    await ada.page.getByRole("switch", { name: "Invert" }).setChecked(true, { force: true });
    await expect.poll(() => inverted(grace)).toBe(true);
    await expect.poll(() => brightness(grace, place)).toBe(255 - dark);
    await Promise.all([look(ada.page, "presence-presenting"), look(grace.page, "presence-lent-contrast")]);
    const theirs = grace.page.getByRole("switch", { name: "Their contrast" });
    await theirs.setChecked(false, { force: true });
    await expect.poll(() => inverted(grace)).toBe(false);
    await expect.poll(() => brightness(grace, place)).toBe(dark);
    await theirs.setChecked(true, { force: true });
    await expect.poll(() => inverted(grace)).toBe(true);
    await grace.picture.focus();
    await grace.page.keyboard.press("ArrowLeft");
    await banner(grace, /presents/).waitFor({ state: "detached" });
    expect(await inverted(grace)).toBe(false);
    await ada.page.getByRole("button", { name: "Stop", exact: true }).click();
    expect(await inverted(ada)).toBe(true);
  });

  it("shows a laser pointer for as long as its key is held", async () => {
    for (const who of [ada, grace]) {
      await who.picture.focus();
      await who.page.keyboard.press("Shift+Digit1");
    }
    await ada.page.keyboard.down("z");
    await ada.drag(
      [
        [0.3, 0.3],
        [0.6, 0.35],
      ],
      true,
    );
    await expect.poll(() => painted(grace, [0.6, 0.35], -9)).toBe(true);
    await look(grace.page, "presence-laser");
    await ada.page.keyboard.up("z");
    await expect.poll(() => painted(grace, [0.6, 0.35], -9)).toBe(false);
    // Pointing draws nothing.
    await ada.seesMarks(0);
  });

  it("met no error on any page", () => {
    ada.hasSeenNoError();
    grace.hasSeenNoError();
  });
});
