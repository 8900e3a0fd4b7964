import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import { writeSer } from "#scripts/fixtures/ser-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { look } from "./browser.ts";
import { setUpDesk } from "./desk.ts";
import type { LamellaProcess } from "./lamella-process.ts";
import type { Reviewer } from "./reviewer.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

const [width, height] = [320, 240];
/** A pause in the middle: frame 5 (index 4) is taken 60 s after the one before it. */
const timesS = [0, 10, 20, 30, 90, 100, 110, 120];

/** A film that darkens: a band of other intensity grows from frame to frame. */
function writeStack(path: string): void {
  const random = createRandom(3);
  const frames = timesS.map((_, n) =>
    Uint16Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const wire = Math.abs(y - height / 2 - 12 * Math.sin(x / 40)) < 30 + n * 3;
      return 900 + (wire ? 700 + n * 60 : 0) + Math.floor(random() * 160);
    }),
  );
  writeFileSync(
    path,
    writeSer(frames, width, height, {
      ...{ wide: false, announced: frames.length, deltaM: [4e-10, 4e-10] },
      timesS,
    }),
  );
}

/** Potential falls by 0.01 V a second from 2 V; the log runs from 0 to 150 s on its own clock. */
function writeLog(path: string): void {
  const rows = Array.from({ length: 301 }, (_, i) => {
    const time = i / 2;
    const current = time < 75 ? -0.5 : 0.25;
    return `${time};${2 - 0.01 * time};${current};${25 + Math.round(time / 10)}`.replaceAll(".", ",");
  });
  writeFileSync(path, `time/s;Ewe/V;<I>/mA;T (°C)\n${rows.join("\n")}\n`);
}

/** One frame of a heating run, as cameras number them. */
function writeFrame(path: string, n: number): void {
  const data = Uint8Array.from({ length: 64 * 48 }, (_, i) => ((i % 64) * 3 + n * 9) & 255);
  writeFileSync(
    path,
    writeTiff([[{ width: 64, height: 48, samplesPerPixel: 1, sampleType: "uint8", data }, {}]]),
  );
}

describe("a stack and the log of its experiment", () => {
  let server: LamellaProcess;
  let ada: Reviewer;
  const { folder } = setUpDesk("stack", (desk) => {
    ({ server, ada } = desk);
  });
  beforeAll(() => {
    writeStack(join(folder, "sodiation_1.ser"));
    writeLog(join(folder, "cell 3, first cycle.csv"));
    writeFileSync(join(folder, "notes.csv"), "name,colour\na,b\n");
  });

  eachStepNeedsTheLast();

  const conditions = () => ada.page.getByTestId("frame-conditions");
  const scrubber = () => ada.page.getByTestId("frame-scrubber");
  const strip = () => ada.page.getByRole("region", { name: "Log" });
  const traces = () => strip().locator("canvas");
  const attach = async (name: string) => {
    await ada.page.locator('section[aria-label="Log"] input[type="file"]').setInputFiles(join(folder, name));
  };

  it("has frames with their own times", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("In situ");
    await ada.page.getByText("In situ").first().click();
    await ada.upload(join(folder, "sodiation_1.ser"));
    await ada.openMicrograph("sodiation_1");
    await ada.page.getByRole("slider", { name: "Frame" }).fill("4");
    await scrubber().getByText("5 / 8 · 90 s").waitFor();
    await look(ada.page, "stack-without-log");
  });

  it("takes a log, refuses what is none, and says what the frame was under", async () => {
    await scrubber().getByRole("button", { name: "Log" }).click();
    await strip().getByText("No log beside this stack").waitFor();
    await look(ada.page, "stack-log-empty");
    await attach("notes.csv");
    await ada.page.getByText(/Expected a table over time/).waitFor();
    await attach("cell 3, first cycle.csv");
    // 90 s after the log's zero: 2 V − 0.9 V, after the current turned, 25 °C + 9 °C.
    await conditions().getByText("1.1 V · 0.25 mA · 34 °C (unchecked)").waitFor();
    await look(ada.page, "stack-with-log");
  });

  it("moves the log under the frames, by number and by hand", async () => {
    const offset = ada.page.getByLabel("Frame 1 on the log's clock, in seconds");
    await offset.fill("20");
    await offset.press("Enter");
    await conditions().getByText("0.9 V · 0.25 mA · 36 °C", { exact: true }).waitFor();
    await strip().getByRole("button", { name: "Move" }).click();
    const box = (await traces().boundingBox())!;
    await ada.page.mouse.move(box.x + 700, box.y + 60);
    await ada.page.mouse.down();
    await ada.page.mouse.move(box.x + 900, box.y + 60, { steps: 8 });
    await look(ada.page, "stack-log-moving");
    await ada.page.mouse.up();
    await expect.poll(() => offset.inputValue()).not.toBe("20");
    // To the right: the log's moments come later, the frames stand earlier on its clock.
    expect(Number(await offset.inputValue())).toBeLessThan(20);
    await strip().getByText("placed by a person").waitFor();
    await offset.fill("40");
    await offset.press("Enter");
    await conditions().getByText("0.7 V · 0.25 mA · 38 °C", { exact: true }).waitFor();
    await ada.page.getByRole("slider", { name: "Frame" }).fill("7");
    await conditions().getByText("outside the log").waitFor();
    await strip().getByRole("button", { name: "Move" }).click();
  });

  it("goes to the frame that a click on the trace means, and plays", async () => {
    const box = (await traces().boundingBox())!;
    // The plot begins at 128 px and ends 12 px before the edge; 4 % of room on both sides of 0 to 120 s.
    const plot = box.width - 140;
    const x = box.x + 128 + plot * ((90 + 4.8) / (120 + 9.6));
    await ada.page.mouse.move(x, box.y + 40);
    await strip().getByText("1:30", { exact: true }).waitFor();
    await look(ada.page, "stack-log-hover");
    await ada.page.mouse.click(x, box.y + 40);
    await scrubber().getByText("5 / 8 · 90 s").waitFor();
    await ada.page.getByLabel("Speed of playing").selectOption("100 × faster");
    await scrubber().getByRole("button", { name: "Play" }).click();
    await scrubber()
      .getByText(/^(6|7|8|1|2) \/ 8/)
      .waitFor();
    await scrubber().getByRole("button", { name: "Stop" }).click();
  });

  it("is there after a reload, for everybody, and as a table", async () => {
    await ada.page.reload();
    await ada.picture.waitFor();
    await ada.page.getByRole("slider", { name: "Frame" }).fill("4");
    await conditions().getByText("0.7 V · 0.25 mA · 38 °C", { exact: true }).waitFor();
    const micrograph = new URL(ada.page.url()).pathname.split("/").at(-1)!;
    const table = await ada.page.evaluate(
      async (id) => (await fetch(`/api/v1/micrographs/${id}/frames.csv`)).text(),
      micrograph,
    );
    expect(table.split("\r\n")[5]).toBe("5,90,,,,0.7,0.25,38,40,person");
    await strip().getByRole("button", { name: "More about the log" }).click();
    await ada.page.getByText("frame 1 at 20 s of cell 3, first cycle.csv").waitFor();
    await look(ada.page, "stack-log-menu");
    await ada.page.getByRole("menuitem", { name: "Mean of every frame" }).click();
    // Three traces of 38 px, one more for the frames, and the axis.
    await expect.poll(async () => (await traces().boundingBox())?.height).toBe(4 * 38 + 20);
    await ada.page.setViewportSize({ width: 1920, height: 1080 });
    await look(ada.page, "stack-log-wide");
    expect(ada.errors).toEqual([]);
  });

  it("is made of numbered files, whose frames have the times that a person gives them", async () => {
    await ada.page.setViewportSize({ width: 1440, height: 900 });
    await ada.page.getByRole("link", { name: "In situ" }).click();
    await ada.page.getByRole("button", { name: "Upload", exact: true }).waitFor();
    const names = Array.from(
      { length: 6 },
      (_, n) => `heating of wire 7_frame_${String(n).padStart(3, "0")}.tif`,
    );
    for (const [n, name] of names.entries()) writeFrame(join(folder, name), n);
    await ada.upload(...names.map((name) => join(folder, name)));
    const question = ada.page.getByRole("dialog");
    await question.getByText("6 files: heating of wire 7_frame_000.tif").waitFor();
    await look(ada.page, "stack-question");
    await question.getByRole("button", { name: "Upload 6 files" }).click();
    await ada.openMicrograph("heating of wire 7_frame");
    await scrubber().getByText("1 / 6").waitFor();
    await scrubber().getByRole("button", { name: "Log" }).click();
    await attach("cell 3, first cycle.csv");
    await strip()
      .getByText(/How far apart were they taken/)
      .waitFor();
    await look(ada.page, "stack-without-times");
    await strip().getByLabel("Seconds between frames").fill("20");
    await strip().getByRole("button", { name: "Set" }).click();
    await ada.page.getByRole("slider", { name: "Frame" }).fill("5");
    await scrubber().getByText("6 / 6 · 1 min 40 s").waitFor();
    await conditions().getByText("1 V · 0.25 mA · 35 °C (unchecked)").waitFor();
    await look(ada.page, "stack-of-files");
    expect(ada.errors).toEqual([]);
  });
});
