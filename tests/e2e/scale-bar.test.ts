import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { look } from "./browser.ts";
import { setUpDesk } from "./desk.ts";
import type { LamellaProcess } from "./lamella-process.ts";
import type { Reviewer } from "./reviewer.ts";

/** A picture as programs save it for slides: no calibration, a bar with its length written by the browser's own fonts. */
async function drawnBy(reviewer: Reviewer, text: string): Promise<Buffer> {
  const address = await reviewer.page.evaluate((lettering) => {
    const canvas = document.createElement("canvas");
    canvas.width = 900;
    canvas.height = 640;
    const context = canvas.getContext("2d")!;
    for (let y = 0; y < 640; y += 4) {
      for (let x = 0; x < 900; x += 4) {
        const level = 120 + 50 * Math.sin(x / 60) * Math.cos(y / 41) + ((x * 7919 + y * 104729) % 23);
        context.fillStyle = `rgb(${level} ${level} ${level})`;
        context.fillRect(x, y, 4, 4);
      }
    }
    context.fillStyle = "white";
    context.fillRect(640, 590, 200, 8);
    context.font = "28px sans-serif";
    context.textAlign = "center";
    context.fillText(lettering, 740, 578);
    return canvas.toDataURL("image/png");
  }, text);
  return Buffer.from(address.split(",")[1]!, "base64");
}

describe("a picture with a burnt-in scale bar", () => {
  let server: LamellaProcess;
  let ada: Reviewer;
  const { folder } = setUpDesk("bar", (desk) => {
    ({ server, ada } = desk);
  });

  it("offers its length, and is calibrated once a person says it is right", async () => {
    await ada.signIn(server.adminLink!);
    await ada.createProject("Slides");
    const file = join(folder, "slide.png");
    writeFileSync(file, await drawnBy(ada, "50 nm"));
    await ada.upload(file);
    await ada.openMicrograph("slide");
    const offer = ada.page.getByRole("button", { name: "Use the burnt-in bar (found: 50 nm)" });
    await offer.waitFor();
    await look(ada.page, "scale-bar-offer");
    await offer.click();
    const dialog = ada.page.getByTestId("calibrate-dialog");
    await dialog.getByAltText(/burnt-in scale bar/).waitFor();
    await expect.poll(() => dialog.getByRole("textbox", { name: "Length" }).inputValue()).toBe("50");
    await look(ada.page, "scale-bar-confirm");
    await dialog.getByRole("button", { name: "Calibrate" }).click();
    await ada.page.getByText("Calibrated: every number follows.").waitFor();
    await offer.waitFor({ state: "detached" });

    const micrograph = (await ada.page.evaluate(async () => {
      const id = location.pathname.split("/").at(-1)!;
      return (await fetch(`/api/v1/micrographs/${id}`)).json();
    })) as { calibration: { pixelSize: { x: number }; source: { method: string; note: string } } };
    expect(micrograph.calibration.pixelSize.x).toBeCloseTo(50 / 200, 4);
    expect(micrograph.calibration.source).toMatchObject({ method: "scale-bar" });
    ada.hasSeenNoError();
  });
});
