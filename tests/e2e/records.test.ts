import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import { look } from "./browser.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { overlayExtent } from "./overlay-extent.ts";
import { Reviewer } from "./reviewer.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

const [width, height] = [320, 240];

const counts = Array.from({ length: 400 }, (_, i) =>
  Math.round(40 + 900 * Math.exp(-(((i - 104) / 5) ** 2)) + 500 * Math.exp(-(((i - 360) / 6) ** 2))),
);
const emsa = [
  "#FORMAT : EMSA/MAS Spectral Data File",
  "#TITLE : spot on the shell",
  "#XUNITS : keV",
  "#XLABEL : Energy",
  "#XPERCHAN : 0.01",
  "#OFFSET : 0",
  "#SPECTRUM :",
  ...counts.map((count) => `${count},`),
  "#ENDOFDATA :",
].join("\n");

/** A wire on a dark ground, growing with the state; the noise of its own exposure. */
function expose(state: number, seed: number): Uint16Array {
  const normal = createNormal(createRandom(seed));
  return Uint16Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = Math.abs(y - 120 - 8 * Math.sin(x / 60)) < 26 + 9 * state;
    return Math.max(0, (inside ? 21_000 : 9000) + 1800 * Math.sin(x / 40) + 1200 * normal());
  });
}

/** A folder as somebody brings it from the microscope: three states of a wire, one of them exported as JPEG beside. */
async function writeFolder(root: string): Promise<string> {
  const folder = join(root, "Sb on Ge, batch 4");
  const place = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  const names = ["00-as-synthesised", "01-sodiated-15min", "02-desodiated_-0.2V"];
  const tags = { "Microscope Info": { Microscope: "Titan 80-300", Operator: "K. Ito" } };
  for (const [state, name] of names.entries()) {
    const calibration = { scale: 0.8, unit: "nm" };
    const data = expose(state, 40 + state);
    const image = {
      name,
      dimensions: [width, height],
      dataType: 10,
      data,
      calibrations: [calibration, calibration],
    };
    // What somebody drew at the microscope, in the second state.
    const drawn =
      state === 1
        ? [
            { type: 2, rectangle: [84, 60, 156, 60] as const, label: "diameter" },
            { type: 31, rectangle: [220, 10, 224, 60] as const },
          ]
        : [];
    writeFileSync(place(`2026-02-03/wire 3/${name}.dm4`), writeDm(4, [{ ...image, tags }], drawn));
  }
  const eight = Uint8Array.from(expose(1, 41), (v) => Math.min(255, v / 100));
  const jpeg = sharp(eight, { raw: { width, height, channels: 1 } }).jpeg({ quality: 90 });
  writeFileSync(place("2026-02-03/wire 3/for the talk.jpg"), await jpeg.toBuffer());
  writeFileSync(place("2026-02-03/EDX spot.msa"), emsa);
  return folder;
}

const tiff = (pixels: Uint16Array) =>
  sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .tiff({ compression: "none" })
    .toBuffer();

/** Somebody drops a folder, looks at what its names propose, corrects one, and finds the pictures by what they show. */
describe("a folder from the microscope", () => {
  const root = mkdtempSync(join(tmpdir(), "lamella-records-"));
  let server: LamellaProcess;
  let watched: string;
  let ada: Reviewer;

  beforeAll(async () => {
    mkdirSync(join(root, "scope/Titan/Watched"), { recursive: true });
    server = await LamellaProcess.start(join(root, "data"), {
      args: [
        ...["--no-demo", "--watch", join(root, "scope"), "--watch-pattern", "{instrument}/{project}/…"],
        "--watch-in-place",
      ],
    });
    watched = join(root, "scope/Titan/Watched/as-synthesised.tif");
    writeFileSync(watched, await tiff(expose(0, 7)));
    ada = await Reviewer.arrive();
  });
  afterAll(async () => {
    await ada?.leave();
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  eachStepNeedsTheLast();

  it("comes in whole, and the picture saved twice is one card", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("Sodiation");
    await ada.page
      .locator('input[type="file"]')
      .nth(1)
      .setInputFiles(await writeFolder(root));
    const cards = ada.page.locator("article");
    await ada.page.getByText("also saved as").waitFor({ timeout: 60_000 });
    await expect.poll(() => cards.locator("img").count(), { timeout: 60_000 }).toBe(3);
    await cards.filter({ hasText: "for the talk.jpg" }).filter({ hasText: "01-sodiated-15min" }).waitFor();
    await look(ada.page, "records-gallery-before");
  });

  it("proposes; nothing is said until a person confirms", async () => {
    await ada.page.getByText(/Folders, names and tags of 4 micrographs propose/).waitFor();
    await ada.page.getByRole("button", { name: "Look at the proposals" }).click();
    const cell = (column: string, name: string) =>
      ada.page.getByRole("textbox", { name: `${column} of ${name}`, exact: true });
    await cell("Elapsed", "01-sodiated-15min").waitFor();
    await look(ada.page, "records-table-proposed");
    const proposed = (column: string, name: string) =>
      expect.poll(() => cell(column, name).getAttribute("placeholder"));
    await proposed("Elapsed", "01-sodiated-15min").toBe("15 min");
    await proposed("Conditions", "02-desodiated_-0.2V").toBe("-0.2 V");
    expect(await cell("Elapsed", "01-sodiated-15min").inputValue()).toBe("");
    await ada.page.getByRole("button", { name: /^Take the proposals of 4/ }).click();
    await cell("Series", "for the talk").fill("");
    await cell("Object", "for the talk").fill("");
    // A block from a spreadsheet, pasted over two cells.
    await cell("Instrument", "00-as-synthesised").evaluate((input) => {
      const data = new DataTransfer();
      data.setData("text/plain", "Titan G2\tsingle tilt\n");
      input.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await expect.poll(() => cell("Holder", "00-as-synthesised").inputValue()).toBe("single tilt");
    await cell("Elapsed", "02-desodiated_-0.2V").fill("thirty");
    await ada.page.getByText("1 row has a cell that cannot be read").waitFor();
    await cell("Elapsed", "02-desodiated_-0.2V").fill("0.5 h");
    await look(ada.page, "records-table-taken");
    await ada.page.getByRole("button", { name: "Confirm 4" }).click();
    await ada.page.getByText("4 micrographs are described.").waitFor();
  });

  it("groups the gallery by what was said, and finds it", async () => {
    await ada.page.getByRole("heading", { name: /wire 3/ }).waitFor();
    const titles = () => ada.page.locator("article img").locator("xpath=ancestor::article").allTextContents();
    await expect
      .poll(async () =>
        (await titles()).map((text) => /^(as-synthesised|sodiated 15 min|desodiated)/.test(text)),
      )
      .toEqual(expect.arrayContaining([true, true, true]));
    await ada.page.getByLabel("Group by").selectOption("specimen");
    await ada.page.getByRole("heading", { name: /batch 4/ }).waitFor();
    await look(ada.page, "records-gallery-specimen");
    await ada.page.getByLabel("Group by").selectOption("session");
    await ada.page.getByRole("heading", { name: /2026-02-03 · Titan G2 · single tilt/ }).waitFor();
    await look(ada.page, "records-gallery-session");
    await ada.page.getByLabel("Search micrographs").fill("microscope titan");
    await ada.page.getByText("Microscope Info.Microscope").first().waitFor();
    await look(ada.page, "records-search");
    ada.hasSeenNoError();
  });

  it("a spectrum is no picture: it goes to the micrograph it belongs to, and is plotted there", async () => {
    await ada.page.getByLabel("Search micrographs").fill("");
    await ada.page.getByText(/EMSA\/MAS spectrum, not a picture/).waitFor();
    await ada.page.getByRole("button", { name: "Attach to …" }).click();
    const dialog = ada.page.getByRole("dialog");
    await dialog.getByLabel("It belongs to").selectOption({ label: "sodiated 15 min · 01-sodiated-15min" });
    await look(ada.page, "records-attach");
    await dialog.getByRole("button", { name: "Attach", exact: true }).click();
    await ada.page.getByText("EDX spot.msa is attached.").waitFor();
    await ada.page.getByRole("region", { name: "Files on their way" }).waitFor({ state: "detached" });
    await ada.openMicrograph("sodiated 15 min");
    await ada.tab("Info");
    await ada.page.getByRole("button", { name: "Plot EDX spot.msa" }).click();
    await ada.page.getByRole("img", { name: /EDX spot\.msa: counts against Energy, keV/ }).waitFor();
    await look(ada.page, "records-attachment");
  });

  it("what somebody drew at the microscope is offered, and a mark only once it is taken over", async () => {
    await ada.seesMarks(0);
    await ada.page.getByText("1 mark from DigitalMicrograph").waitFor();
    // Dashed in pale grey while it is offered, in the accent while its row is pointed at, and near after a click.
    await expect.poll(() => overlayExtent(ada.page, "pale")).toBeGreaterThan(100);
    await expect.poll(() => overlayExtent(ada.page, "accent")).toBeNull();
    await look(ada.page, "records-suggestion");
    const row = ada.page.getByRole("button", { name: "line diameter", exact: true });
    await row.hover();
    await expect.poll(() => overlayExtent(ada.page, "accent")).toBeGreaterThan(100);
    const fromAfar = (await overlayExtent(ada.page, "accent"))!;
    await look(ada.page, "records-suggestion-pointed");
    await row.click();
    await expect.poll(() => overlayExtent(ada.page, "accent")).toBeGreaterThan(1.3 * fromAfar);
    await look(ada.page, "records-suggestion-near");
    // Whoever wants the picture bare has it bare.
    await ada.tool("o");
    await expect.poll(() => ada.page.locator(".konvajs-content canvas").last().isVisible()).toBe(false);
    await ada.tool("o");
    await ada.page.getByRole("button", { name: "Take over: line diameter" }).click();
    await ada.seesMarks(1);
    await ada.page.getByText("1 mark from DigitalMicrograph").waitFor({ state: "detached" });
    await expect.poll(() => overlayExtent(ada.page, "accent")).toBeNull();
    await expect.poll(() => overlayExtent(ada.page, "pale")).toBeNull();
  });

  it("a person corrects a field and the content, and sets a file apart that is another picture", async () => {
    await ada.tab("Info");
    const holder = ada.page.getByRole("textbox", { name: "Holder", exact: true });
    await holder.fill("double tilt");
    await holder.press("Enter");
    await ada.page.getByLabel("Content").selectOption("photograph");
    await expect.poll(() => ada.page.getByLabel("Content").inputValue()).toBe("photograph");
    await look(ada.page, "records-info");
    await ada.page.getByRole("button", { name: "This is another picture" }).click();
    await ada.page.getByText("Found by their pixels.").waitFor({ state: "detached" });
    await ada.page.reload();
    await ada.tab("Info");
    await expect.poll(() => holder.inputValue()).toBe("double tilt");
    ada.hasSeenNoError();
  });

  it("a file of the watched folder is there by itself, and its card says when the original is gone", async () => {
    await ada.page.goto(server.url);
    await ada.page.getByText("Watched", { exact: true }).first().click();
    const card = ada.page.locator("article", { hasText: "as-synthesised" });
    await card.locator("img").waitFor({ timeout: 60_000 });
    rmSync(watched);
    await card.locator("a").first().click();
    await ada.picture.waitFor();
    await ada.tab("Info");
    await ada.page.getByText(/left in place and is not there any more/).waitFor();
    await look(ada.page, "records-original-missing");
    await ada.page.goBack();
    await card.getByText("the original is missing").waitFor();
    ada.hasSeenNoError();
  });
});
