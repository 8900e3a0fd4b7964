import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interfaceReport } from "#core/analysis/interface-report.ts";
import { importers } from "#core/import/importers.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { look } from "./browser.ts";
import { Cable } from "./cable.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { writePhantomFile } from "./phantom-file.ts";
import { Reviewer } from "./reviewer.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

/**
 * One group, one afternoon: a real file, two windows, a lost connection, a power cut, numbers and an export.
 * The steps build on each other, as they do in a lab.
 */
describe("a group reviews a micrograph together", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-e2e-"));
  const data = join(folder, "data");
  let server: LamellaProcess;
  /** Between Grace's browser and the server. */
  let cable: Cable;
  let ada: Reviewer;
  let grace: Reviewer;
  let micrographId: string;

  const marks = async (): Promise<Annotation[]> => {
    const answer = await ada.page.request.get(`${server.url}/api/v1/micrographs/${micrographId}/annotations`);
    return ((await answer.json()) as { annotations: Annotation[] }).annotations;
  };
  const trace = (annotation: Annotation) =>
    annotation.outline.rings[0]!.vertices.map(({ x, y }) => ({ x, y }));

  /** Each panel computes by itself: the same marks give both the same words, though not at the same moment. */
  const seeTheSameGap = () =>
    expect.poll(async () => (await grace.gapMean()) === (await ada.gapMean())).toBe(true);

  beforeAll(async () => {
    server = await LamellaProcess.start(data, { args: ["--no-demo"] });
    cable = await Cable.plug(() => server.port);
    [ada, grace] = await Promise.all([Reviewer.arrive(), Reviewer.arrive()]);
  });
  afterAll(async () => {
    await Promise.all([ada?.leave(), grace?.leave()]);
    await cable?.remove();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  eachStepNeedsTheLast();

  it("signs in by the administrator's link, uploads a DM4 and opens it, calibrated", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("Sb on TiN");
    const { path, truth } = writePhantomFile(folder, "wire 3 desodiated.dm4");
    await ada.upload(path);
    await ada.openMicrograph("wire 3 desodiated");
    micrographId = /micrographs\/([^/?]+)/.exec(ada.page.url())![1]!;
    const answer = await ada.page.request.get(`${server.url}/api/v1/micrographs/${micrographId}`);
    const micrograph = (await answer.json()) as {
      width: number;
      height: number;
      calibration: { pixelSize: { x: number } };
    };
    expect([micrograph.width, micrograph.height]).toEqual([960, 768]);
    expect(micrograph.calibration.pixelSize.x).toBeCloseTo(truth.nmPerPx, 6);
    await look(ada.page, "opened");
  });

  it("lets a guest in by link, and each sees the other", async () => {
    const link = await ada.invite("annotator");
    await grace.join(link.replace(`:${server.port}`, `:${cable.port}`), "Grace");
    await grace.picture.waitFor();
    await grace.seesState("saved");
    await ada.page.getByLabel(/Follow Grace \(guest of/).waitFor();
    await grace.page.getByRole("list", { name: "People here" }).getByRole("button").first().waitFor();
  });

  it("one traces both sides of an interface: the same gap appears on both screens", async () => {
    await ada.tool("i");
    await ada.drag([
      [0.2, 0.5],
      [0.5, 0.47],
      [0.8, 0.5],
    ]);
    await grace.seesMarks(1);
    await ada.drag([
      [0.2, 0.4],
      [0.5, 0.37],
      [0.8, 0.4],
    ]);
    await grace.seesMarks(2);
    await Promise.all([ada.seesState("saved"), grace.seesState("saved")]);
    await expect.poll(() => ada.gapMean()).toMatch(/nm$/);
    await seeTheSameGap();
    await look(ada.page, "gap-ada");
  });

  it("the other reshapes a trace by a vertex: the gap grows for both", async () => {
    const before = Number.parseFloat(await ada.gapMean());
    await grace.tool("v");
    const middle = await grace.at([0.5, 0.37]);
    await grace.page.mouse.click(middle.x, middle.y);
    await grace.drag([
      [0.5, 0.37],
      [0.5, 0.3],
    ]);
    await Promise.all([ada.seesState("saved"), grace.seesState("saved")]);
    await expect.poll(async () => Number.parseFloat(await ada.gapMean())).toBeGreaterThan(before + 1);
    await seeTheSameGap();
    await look(grace.page, "reshaped-by-grace");
    await grace.page.keyboard.press("Escape");
  });

  it("shows the numbers that the core computes from the stored marks", async () => {
    const annotations = await marks();
    const of = (body: string) =>
      trace(annotations.find((a) => a.kind === "interface-trace" && a.body === body)!);
    const answer = await ada.page.request.get(`${server.url}/api/v1/micrographs/${micrographId}`);
    const { calibration } = await answer.json();
    const report = interfaceReport({
      substrate: of("substrate"),
      film: [of("film")],
      calibration,
      options: { method: "normal", seed: 1 },
    });
    expect(report.ok).toBe(true);
    if (!report.ok) return;
    await expect
      .poll(() => ada.gapMean())
      .toBe(formatQuantity({ value: report.statistics.mean, u: report.u, unit: "nm" }));
    const measured = await ada.page.request.get(
      `${server.url}/api/v1/micrographs/${micrographId}/measurements`,
    );
    const rows = (await measured.json()).measurements as { quantity: string; value: number }[];
    expect(rows.find((row) => row.quantity === "gap_mean")!.value).toBeCloseTo(report.statistics.mean, 9);
  });

  it("others see a shape and its numbers while it is still being drawn", async () => {
    await ada.tool("m");
    await ada.drag(
      [
        [0.3, 0.7],
        [0.6, 0.75],
      ],
      false,
    );
    await grace.tab("Measurements");
    await grace.page.locator("canvas").first().waitFor();
    await look(grace.page, "draft-seen-by-grace");
    await ada.page.mouse.up();
    await grace.seesMarks(3);
  });

  it("goes on without a network; both edits are there afterwards, once", async () => {
    cable.unplug();
    await grace.tool("m");
    await grace.drag([
      [0.3, 0.8],
      [0.6, 0.85],
    ]);
    await grace.seesMarks(4);
    await grace.seesState("offline");
    await expect.poll(() => grace.saveState.textContent()).toMatch(/1 edit waits/i);
    await look(grace.page, "offline");
    await ada.tool("r");
    await ada.drag([
      [0.35, 0.2],
      [0.5, 0.3],
    ]);
    await ada.seesMarks(4);
    cable.replug();
    await Promise.all([ada.seesMarks(5), grace.seesMarks(5)]);
    await Promise.all([ada.seesState("saved"), grace.seesState("saved")]);
    expect((await marks()).length).toBe(5);
  });

  it("a power cut in mid-drawing loses nothing that anyone saw", async () => {
    const before = await marks();
    await ada.tool("m");
    await ada.drag(
      [
        [0.6, 0.2],
        [0.8, 0.25],
      ],
      false,
    );
    const { port } = server;
    await server.kill();
    await ada.page.mouse.up();
    await ada.seesMarks(6);
    await ada.seesState("offline");
    await look(ada.page, "server-gone");
    server = await LamellaProcess.start(data, { port, args: ["--no-demo"] });
    await Promise.all([ada.seesState("saved"), grace.seesState("saved")]);
    await Promise.all([ada.seesMarks(6), grace.seesMarks(6)]);
    const after = await marks();
    expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
    expect(after.length).toBe(6);
  });

  it("undoes one's own gesture only", async () => {
    await ada.picture.focus();
    await ada.page.keyboard.press("Control+z");
    await Promise.all([ada.seesMarks(5), grace.seesMarks(5)]);
    await ada.page.keyboard.press("Control+Shift+z");
    await Promise.all([ada.seesMarks(6), grace.seesMarks(6)]);
  });

  it("exports what is on the screen, and the export comes back", async () => {
    const files = await ada.exportDataset("Lamella JSON (lossless)");
    const text = new TextDecoder().decode(files["lamella.json"]);
    const result = importers.find((importer) => importer.sniff(text))!.import(text, { source: "export" });
    const stored = await marks();
    expect(result.failed).toEqual([]);
    expect(result.micrographs[0]!.marks.map(({ id }) => id).sort()).toEqual(
      stored.map(({ id }) => id).sort(),
    );
    const manifest = JSON.parse(new TextDecoder().decode(files["manifest.json"]));
    expect(manifest.counts).toEqual({ exact: 6, approximated: 0, dropped: 0 });
  });

  it("met no error on any page", () => {
    ada.hasSeenNoError();
    grace.hasSeenNoError();
  });
});
