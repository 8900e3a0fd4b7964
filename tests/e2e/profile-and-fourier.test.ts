import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { look } from "./browser.ts";
import { setUpDesk } from "./desk.ts";
import type { LamellaProcess } from "./lamella-process.ts";
import { writeColourFiles, writeLatticeFile, writePatternFile } from "./lattice-file.ts";
import type { Reviewer } from "./reviewer.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

/** A crystal of known lattice: its spacing by Fourier transform and by profile, and the pixel size by its spacing. */
describe("profile and Fourier transform of a known lattice", () => {
  let server: LamellaProcess;
  let ada: Reviewer;
  let fringesPx = 0;
  const { folder } = setUpDesk("lattice", (desk) => {
    ({ server, ada } = desk);
  });
  const { path, truth } = writeLatticeFile(folder, "germanium.tif");
  const pattern = writePatternFile(folder, "saed.tif");

  eachStepNeedsTheLast();

  const panel = (name: string) => ada.page.getByRole("region", { name });
  const spot = (index: number) => ada.page.getByTestId("fourier-spot").nth(index);
  /** Spacing of the first spot, nm, once the spectrum has settled. */
  const spacing = async () => {
    await ada.page.locator('[data-testid="fourier-picture"][data-busy="false"]').waitFor();
    return Number(await spot(0).locator("[data-value]").getAttribute("data-value"));
  };
  /** By which fraction of the true spacing the one that is read differs from it. */
  const isOff = async (trueSpacing: number) => Math.abs((await spacing()) / trueSpacing - 1);
  /** What the file's own pixel size makes of the true spacing. */
  const asClaimed = (truth.spacingNm * truth.claimedNmPerPx) / truth.nmPerPx;

  it("reads the spacing in the live FFT within 0.5 %, wherever the square is dragged", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("Lattice");
    const coloured = await writeColourFiles(folder);
    await ada.upload(path, pattern.path, coloured.grey, coloured.colour);
    fringesPx = coloured.spacingPx;
    await ada.openMicrograph("germanium");
    await ada.tool("u");
    await panel("Live FFT").waitFor();
    await ada.page.locator('[data-testid="fourier-picture"][data-busy="false"]').waitFor();
    // A click where the spot must be: g = d⁻¹ along 22°, in cycles a px, in a picture magnified twice.
    const box = (await ada.page.getByTestId("fourier-picture").boundingBox())!;
    const f = truth.nmPerPx / truth.spacingNm;
    const angle = (truth.angleDeg * Math.PI) / 180;
    await ada.page.mouse.click(
      box.x + box.width * (0.5 + 2 * f * Math.cos(angle)),
      box.y + box.height * (0.5 - 2 * f * Math.sin(angle)),
    );
    await spot(0).waitFor();
    await expect.poll(() => isOff(asClaimed)).toBeLessThan(0.005);
    await expect.poll(() => spot(0).textContent()).toMatch(/2[12]\.\d+ ± [\d.]+°/);
    await look(ada.page, "fft-first-spot");

    const corner = ada.page.getByLabel("Corner x, px");
    const before = await corner.inputValue();
    await ada.drag([
      [0.5, 0.5],
      [0.42, 0.44],
    ]);
    await expect.poll(() => corner.inputValue()).not.toBe(before);
    await expect.poll(() => isOff(asClaimed)).toBeLessThan(0.005);
  });

  it("finds both sets of planes unasked, and the angle between them", async () => {
    await ada.page.getByRole("button", { name: "Find spots" }).click();
    await expect.poll(() => ada.page.getByTestId("fourier-spot").count()).toBe(2);
    await expect.poll(() => spot(1).textContent()).toMatch(/70\.[3-7]\d* ± [\d.]+°/);
  });

  it("calibrates by the spacing: the spot reads its true value, and so does every number after it", async () => {
    await panel("Live FFT").getByRole("button", { name: "Calibrate …" }).click();
    const dialog = ada.page.getByTestId("lattice-dialog");
    await dialog.getByLabel("FFT spot 1").selectOption("ge-111");
    await dialog.getByText(/Pixel size 0\.0250\d* ± 0\.0000\d+ nm per px: every length −3\.\d+ %/).waitFor();
    await look(ada.page, "fft-calibrate");
    await dialog.getByRole("button", { name: "Calibrate", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => isOff(truth.spacingNm)).toBeLessThan(0.001);
    await ada.tab("Info");
    await ada.page.getByText(/set by a person \(lattice\): lattice spacing: Ge 111/).waitFor();
    await ada.page.getByRole("button", { name: "Close Live FFT" }).click();
  });

  it("is known by the names of other programs, and listed among the keys", async () => {
    await ada.page.keyboard.press("Control+k");
    const palette = ada.page.locator(".mantine-Spotlight-content");
    const search = palette.getByPlaceholder("Tools, states, commands …");
    for (const [asked, found] of [
      ["diffractogram", "Live FFT"],
      ["set scale", "Calibrate by a lattice spacing"],
      ["plot profile", "Line profile"],
    ] as const) {
      await search.fill(asked);
      await palette.getByRole("button", { name: found }).first().waitFor();
    }
    await palette.getByRole("button", { name: "Line profile" }).first().click();
    await ada.page.locator('[data-tool="profile"][aria-pressed="true"]').waitFor();
    await ada.picture.focus();
    await ada.page.keyboard.press("?");
    const keys = ada.page.getByRole("dialog");
    for (const line of ["L Line profile", "U Live FFT"]) await keys.getByText(line).waitFor();
    await ada.page.keyboard.press("Escape");
    await keys.waitFor({ state: "detached" });
  });

  it("draws a profile across the planes: live, exact, its fringes counted, its table in nm", async () => {
    await ada.tool("l");
    // Along g of the first planes: at a right angle to them.
    const box = (await ada.picture.boundingBox())!;
    const angle = (truth.angleDeg * Math.PI) / 180;
    const reach = 0.16 * box.width;
    const end = (sign: number) =>
      [
        0.5 + (sign * reach * Math.cos(angle)) / box.width,
        0.4 - (sign * reach * Math.sin(angle)) / box.height,
      ] as const;
    await ada.drag([end(-1), end(1)], false);
    await panel("Line profile").locator("canvas").waitFor();
    await ada.page.mouse.up();
    const width = ada.page.getByLabel("Width of the profile, px");
    await width.fill("24");
    await width.press("Enter");
    await panel("Line profile").locator('[data-exact="true"][data-lines="24"]').waitFor();
    const fringes = panel("Line profile").locator('[data-reading="fringes"] dd');
    await expect.poll(() => fringes.textContent()).toMatch(/^\d+ × 0\.32\d* ± [\d.]+ nm$/);
    const period = async () => Number(/× ([\d.]+)/.exec((await fringes.textContent())!)?.[1]);
    await expect.poll(async () => Math.abs((await period()) / truth.spacingNm - 1)).toBeLessThan(0.01);
    await look(ada.page, "profile");

    const [download] = await Promise.all([
      ada.page.waitForEvent("download"),
      panel("Line profile").getByRole("button", { name: "CSV" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(lines[0]).toBe("distance_nm,x_px,y_px,intensity_mean,intensity_se,lines");
    const values = lines.slice(1).map((line) => line.split(",").map(Number));
    expect(values.length).toBeGreaterThan(200);
    expect(values.every((row) => row.length === 6 && row.every(Number.isFinite) && row[5] === 24)).toBe(true);
    // 400 counts of noise over 24 lines, and what the second planes add.
    const se = values.map((row) => row[4]!).sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
    expect(se).toBeGreaterThan(30);
    expect(se).toBeLessThan(140);
  });

  it("the plot's cursors measure, and its hover lights up the place on the picture", async () => {
    const profile = panel("Line profile");
    const distance = profile.locator('[data-reading="distance"] dd');
    const before = await distance.textContent();
    await profile.getByRole("slider", { name: "Second cursor" }).focus();
    for (let i = 0; i < 5; i++) await ada.page.keyboard.press("Shift+ArrowRight");
    await expect.poll(() => distance.textContent()).not.toBe(before);
    const plot = (await profile.locator(".u-over").boundingBox())!;
    await ada.page.mouse.move(plot.x + plot.width * 0.6, plot.y + plot.height * 0.5);
    await look(ada.page, "profile-hover");
  });

  it("sets the window by the image and by a region, each with its own histogram", async () => {
    await ada.page.getByRole("button", { name: "Close Line profile" }).click();
    await ada.tab("Display");
    const black = ada.page.getByLabel("Black at");
    const window = async () => Number((await black.inputValue()).replace(/,/g, ""));
    const scope = (name: string) =>
      ada.page.getByRole("radiogroup", { name: "Histogram of" }).getByText(name);
    await ada.page.getByRole("button", { name: "Auto", exact: true }).click();
    const ofImage = await window();
    // The picture brightens to the right by 1.2 counts a px: a region at its right edge begins higher.
    await ada.tool("r");
    await ada.drag([
      [0.86, 0.3],
      [0.96, 0.6],
    ]);
    await ada.tab("Display");
    await scope("Region").click();
    await ada.page.getByText("Histogram of the selected mark", { exact: true }).waitFor();
    await ada.page.getByRole("button", { name: "Auto", exact: true }).click();
    await expect.poll(window).toBeGreaterThan(ofImage + 100);
    await look(ada.page, "display-region");
    await scope("View").click();
    await ada.page.getByText(/Histogram of what is seen/).waitFor();
    await ada.page.getByRole("button", { name: "Full range" }).click();
    await expect.poll(window).toBeLessThan(ofImage);
  });

  it("calibrates by fringes counted between two clicks; the history of the calibration keeps every version", async () => {
    await ada.tool("k");
    const box = (await ada.picture.boundingBox())!;
    const angle = (truth.angleDeg * Math.PI) / 180;
    const scale = Number(await ada.page.locator("[data-scale]").getAttribute("data-scale"));
    // Twenty periods across the first planes, as they lie on the screen.
    const reach = (10 * truth.spacingNm * scale) / truth.nmPerPx;
    await ada.page.keyboard.down("Control");
    for (const sign of [-1, 1]) {
      await ada.page.mouse.click(
        box.x + box.width / 2 + sign * reach * Math.cos(angle),
        box.y + box.height / 2 - sign * reach * Math.sin(angle),
      );
    }
    await ada.page.keyboard.up("Control");
    const dialog = ada.page.getByTestId("calibrate-dialog");
    await dialog.getByText("Lattice spacing", { exact: true }).click();
    await dialog.getByLabel("Periods from end to end").fill("20");
    await dialog.getByLabel("Lattice planes").selectOption("ge-111");
    await dialog.getByText(/Pixel size 0\.02[45]\d* ± 0\.000\d+ nm per px: every length/).waitFor();
    await look(ada.page, "calibrate-by-fringes");
    await dialog.getByRole("button", { name: "Calibrate", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    // One's own name needs no answer of the server: it never comes while this is read.
    const isMembers = (url: URL) => url.pathname.endsWith("/members");
    await ada.context.route(isMembers, () => {});
    await ada.tab("Info");
    await ada.page.getByText(/set by a person \(lattice\): lattice spacing: Ge 111.*20 fringes/).waitFor();
    const versions = ada.page
      .getByRole("list", { name: "Versions of the calibration" })
      .getByRole("listitem");
    await expect.poll(() => versions.count()).toBe(2);
    const says = (index: number) => expect.poll(() => versions.nth(index).textContent());
    await says(0).toMatch(/now · Administrator.*20 fringes/);
    await says(1).toMatch(/0\.0250\d*.*FFT spot 1/);
    await ada.context.unroute(isMembers);
    await versions.nth(1).getByRole("button", { name: "Bring back" }).click();
    await expect.poll(() => versions.count()).toBe(3);
    await says(0).toMatch(/now · .*FFT spot 1/);
    await look(ada.page, "calibration-versions");
  });

  it("calibrates a diffraction pattern by two opposite spots: the clicks go to their middles", async () => {
    const { spots, perNmPerPx, side } = pattern.truth;
    await ada.page.getByRole("link", { name: "Lattice" }).first().click();
    await ada.openMicrograph("saed");
    await ada.tool("k");
    const box = (await ada.picture.boundingBox())!;
    const scale = Number(await ada.page.locator("[data-scale]").getAttribute("data-scale"));
    for (const [x, y] of spots) {
      // Two px beside each spot: a hand is not better.
      await ada.page.mouse.click(
        box.x + box.width / 2 + (x - side / 2 + 2) * scale,
        box.y + box.height / 2 + (y - side / 2 - 2) * scale,
      );
    }
    const dialog = ada.page.getByTestId("calibrate-dialog");
    await dialog.getByLabel("Lattice planes").selectOption("tin-200");
    await dialog
      .getByText(/1\/nm per px: every distance from the middle −4\.\d+ %.*Both ends went to the middles/)
      .waitFor();
    await look(ada.page, "calibrate-pattern");
    await dialog.getByRole("button", { name: "Calibrate", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    const id = /micrographs\/([^/?]+)/.exec(ada.page.url())![1]!;
    const answer = await ada.page.request.get(`${server.url}/api/v1/micrographs/${id}`);
    const { calibration } = (await answer.json()) as {
      calibration: { unit: string; pixelSize: { x: number }; source: { method: string } };
    };
    expect(calibration).toMatchObject({ unit: "1/nm", source: { method: "lattice" } });
    expect(Math.abs(calibration.pixelSize.x / perNmPerPx - 1)).toBeLessThan(0.001);
    ada.hasSeenNoError();
  });

  it("reads grey that was saved as red, green and blue, in px; real colour says why it has no spectrum", async () => {
    const open = async (name: string) => {
      await ada.page.getByRole("link", { name: "Lattice" }).first().click();
      await ada.openMicrograph(name);
      await ada.tool("u");
      await ada.page.locator('[data-testid="fourier-picture"][data-busy="false"]').waitFor();
    };
    await open("grey in colour");
    await ada.page.getByRole("button", { name: "Find spots" }).click();
    await spot(0).waitFor();
    await expect.poll(() => isOff(fringesPx)).toBeLessThan(0.005);
    await expect.poll(() => spot(0).textContent()).toMatch(/px/);
    await open("colour");
    await panel("Live FFT")
      .getByText(/A colour picture has no single intensity/)
      .waitFor();
    ada.hasSeenNoError();
  });
});
