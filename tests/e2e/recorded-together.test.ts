import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { look } from "./browser.ts";
import { setUpDesk } from "./desk.ts";
import type { LamellaProcess } from "./lamella-process.ts";
import type { Reviewer } from "./reviewer.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

const [width, height] = [320, 240];

/** A wire on carbon: dark on bright in bright field, the other way round in dark field. */
function writeSeries(path: string, isDark: boolean): void {
  const random = createRandom(7);
  const pixels = Uint16Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const isWire = Math.abs(y - height / 2 - 12 * Math.sin(x / 40)) < 30;
    return (isWire === isDark ? 3000 : 900) + Math.floor(random() * 200);
  });
  writeFileSync(
    path,
    writeSer([pixels], width, height, { wide: false, announced: 1, deltaM: [4e-10, 4e-10] }),
  );
}

describe("bright and dark field of one acquisition", () => {
  let server: LamellaProcess;
  let ada: Reviewer;
  const { folder } = setUpDesk("together", (desk) => {
    ({ server, ada } = desk);
  });
  beforeAll(() => {
    writeSeries(join(folder, "wire 4_1.ser"), false);
    writeSeries(join(folder, "wire 4_2.ser"), true);
    const labels = [["High tension", "200", "kV"]] as const;
    writeFileSync(join(folder, "wire 4.emi"), writeEmi(labels, ["BF", "DF4"]));
  });

  eachStepNeedsTheLast();

  const signal = () => ada.page.getByLabel("Signal", { exact: true });
  const cards = () => ada.page.locator("li", { has: ada.page.locator("img") });
  let addressOfDarkField = "";

  it("three files are one card in the gallery", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("STEM");
    await ada.page.getByText("STEM").first().click();
    // Dark field first, and looked at before the others come: looking is no work of its own.
    await ada.upload(join(folder, "wire 4_2.ser"));
    await ada.openMicrograph("wire 4_2");
    addressOfDarkField = ada.page.url();
    await ada.page.goBack();
    await ada.upload(join(folder, "wire 4_1.ser"), join(folder, "wire 4.emi"));
    await ada.page.getByText("2 signals").waitFor({ timeout: 60_000 });
    await expect.poll(() => cards().count()).toBe(1);
    await look(ada.page, "together-gallery");
  });

  it("its signal switch offers both by their detectors; a mark drawn on one is on the other", async () => {
    await ada.openMicrograph("wire 4_1");
    await ada.tab("Display");
    // What the document says may come a moment after the pictures; the page asks again by itself.
    await expect.poll(() => signal().locator("option").allTextContents()).toEqual(["BF", "DF4"]);
    await ada.tool("r");
    await ada.drag([
      [0.3, 0.4],
      [0.5, 0.6],
    ]);
    await ada.seesMarks(1);
    await ada.seesState("saved");
    await ada.tab("Display");
    await look(ada.page, "together-bright");
    const brightField = await ada.picture.screenshot();
    await signal().selectOption({ label: "DF4" });
    await expect.poll(async () => (await ada.picture.screenshot()).equals(brightField)).toBe(false);
    await ada.seesMarks(1);
    await look(ada.page, "together-dark");
    const inLine = (name: string) => ada.page.getByRole("button", { name, exact: true });
    await ada.picture.focus();
    await ada.page.keyboard.press("s");
    await expect.poll(() => inLine("BF").getAttribute("aria-pressed")).toBe("true");
    await inLine("DF4").click();
    await expect.poll(() => inLine("DF4").getAttribute("aria-pressed")).toBe("true");
  });

  it("the address of the dark field leads to this micrograph, to its own signal", async () => {
    const joint = ada.page.url();
    expect(joint).not.toBe(addressOfDarkField);
    await ada.page.goto(addressOfDarkField);
    await ada.page.waitForURL(joint);
    await ada.picture.waitFor();
    await ada.seesMarks(1);
    await ada.tab("Display");
    await expect.poll(() => signal().inputValue()).toBe("2");
    await ada.tab("Info");
    await ada.page.getByRole("heading", { name: "Recorded together" }).waitFor();
    for (const file of ["wire 4_1.ser", "wire 4_2.ser", "wire 4.emi"])
      await ada.page.getByRole("link", { name: `Download ${file}` }).waitFor();
    await look(ada.page, "together-info");
    ada.hasSeenNoError();
  });
});
