import { expect, it } from "vitest";
import { look } from "./browser.ts";
import type { Together } from "./lab.ts";
import type { Place, Reviewer } from "./reviewer.ts";

/** One shows the others something: following, presenting, a lent contrast, a laser pointer. */
export function presenceWalk(walk: Together): void {
  const zoomOf = ({ page }: Reviewer) => page.getByText(/^[\d.]+ %$/).textContent();
  const zoomIn = async (who: Reviewer, at: Place) => {
    const point = await who.at(at);
    await who.page.mouse.move(point.x, point.y);
    await who.page.mouse.wheel(0, -600);
  };
  const inverted = (who: Reviewer) => who.page.getByRole("switch", { name: "Invert" }).isChecked();
  const banner = ({ page }: Reviewer, words: RegExp) =>
    page.getByRole("status").filter({ hasText: words }).first();
  const followAda = () => walk.grace.page.getByRole("button", { name: "Follow Ada" });
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

  /** What is read again and again until it has stayed the same: a picture is still coming, or still moves. */
  const steady = async (read: () => Promise<number>) => {
    let [last, times] = [Number.NaN, 0];
    await expect
      .poll(
        async () => {
          const now = await read();
          times = now === last ? times + 1 : 0;
          last = now;
          return times;
        },
        { interval: 100 },
      )
      .toBeGreaterThanOrEqual(10);
    return last;
  };

  it("follows by a click on the avatar, lets go by another click and by any input of one's own", async () => {
    await Promise.all([walk.ada.tab("Display"), walk.grace.tab("Display")]);
    await followAda().click();
    await banner(walk.grace, /Following Ada/).waitFor();
    const before = await zoomOf(walk.ada);
    await zoomIn(walk.ada, [0.3, 0.3]);
    await expect.poll(() => zoomOf(walk.ada)).not.toBe(before);
    await expect.poll(async () => (await zoomOf(walk.grace)) === (await zoomOf(walk.ada))).toBe(true);
    await look(walk.grace.page, "presence-following");
    await walk.grace.page.getByRole("button", { name: "Stop following Ada" }).click();
    await banner(walk.grace, /Following Ada/).waitFor({ state: "detached" });
    await followAda().click();
    await zoomIn(walk.grace, [0.5, 0.5]);
    await banner(walk.grace, /Following Ada/).waitFor({ state: "detached" });
    await expect.poll(async () => (await zoomOf(walk.grace)) === (await zoomOf(walk.ada))).toBe(false);
    const [own, shown] = [await zoomOf(walk.grace), await zoomOf(walk.ada)];
    await zoomIn(walk.ada, [0.5, 0.5]);
    await expect.poll(() => zoomOf(walk.ada)).not.toBe(shown);
    expect(await zoomOf(walk.grace)).toBe(own);
  });

  it("asks whoever is at work to come, and the presenter sees who did", async () => {
    /** Ada calls while Grace has a line in hand, which Grace then lets go of. */
    const callWhileDrawing = async () => {
      await walk.grace.tool("m");
      await walk.grace.drag(
        [
          [0.3, 0.6],
          [0.5, 0.62],
        ],
        false,
      );
      await walk.ada.page.getByRole("button", { name: "Bring everyone here" }).click();
      await banner(walk.grace, /presents and asks everyone to follow/).waitFor();
      await walk.grace.page.keyboard.press("Escape");
      await walk.grace.page.mouse.up();
    };
    await callWhileDrawing();
    await banner(walk.ada, /You present: 0 of 1/).waitFor();
    await look(walk.grace.page, "presence-asked");
    await walk.grace.page.getByRole("button", { name: "Stay here" }).click();
    await banner(walk.grace, /asks everyone/).waitFor({ state: "detached" });
    await walk.ada.page.getByRole("button", { name: "Stop", exact: true }).click();
    await callWhileDrawing();
    await walk.grace.page.getByRole("button", { name: "Follow", exact: true }).click();
    await banner(walk.grace, /Ada presents/).waitFor();
    await banner(walk.ada, /You present: 1 of 1/).waitFor();
    await expect.poll(async () => (await zoomOf(walk.grace)) === (await zoomOf(walk.ada))).toBe(true);
  });

  it("lends the presenter's contrast to who follows; declined or let go, one's own is back", async () => {
    expect([await inverted(walk.ada), await inverted(walk.grace)]).toEqual([false, false]);
    const place: Place = [0.4, 0.75];
    const dark = await steady(() => brightness(walk.grace, place));
    expect(dark).toBeLessThan(128);
    await walk.ada.page.getByRole("switch", { name: "Show my contrast" }).setChecked(true, { force: true });
    await walk.ada.page.getByRole("switch", { name: "Invert" }).setChecked(true, { force: true });
    await expect.poll(() => inverted(walk.grace)).toBe(true);
    await expect.poll(() => brightness(walk.grace, place)).toBe(255 - dark);
    await Promise.all([
      look(walk.ada.page, "presence-presenting"),
      look(walk.grace.page, "presence-lent-contrast"),
    ]);
    const theirs = walk.grace.page.getByRole("switch", { name: "Their contrast" });
    await theirs.setChecked(false, { force: true });
    await expect.poll(() => inverted(walk.grace)).toBe(false);
    await expect.poll(() => brightness(walk.grace, place)).toBe(dark);
    await theirs.setChecked(true, { force: true });
    await expect.poll(() => inverted(walk.grace)).toBe(true);
    await walk.grace.picture.focus();
    await walk.grace.page.keyboard.press("ArrowLeft");
    await banner(walk.grace, /presents/).waitFor({ state: "detached" });
    await expect.poll(() => inverted(walk.grace)).toBe(false);
    await walk.ada.page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect.poll(() => inverted(walk.ada)).toBe(true);
  });

  it("shows a laser pointer for as long as its key is held", async () => {
    for (const who of [walk.ada, walk.grace]) {
      await who.picture.focus();
      await who.page.keyboard.press("Shift+Digit1");
    }
    await walk.ada.page.keyboard.down("z");
    await walk.ada.drag(
      [
        [0.3, 0.3],
        [0.6, 0.35],
      ],
      true,
    );
    await expect.poll(() => painted(walk.grace, [0.6, 0.35], -9)).toBe(true);
    await look(walk.grace.page, "presence-laser");
    await walk.ada.page.keyboard.up("z");
    await expect.poll(() => painted(walk.grace, [0.6, 0.35], -9)).toBe(false);
    // Pointing draws nothing.
    await walk.ada.seesMarks(0);
  });
}
