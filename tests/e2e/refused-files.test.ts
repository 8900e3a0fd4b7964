import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeEmi, writeSer } from "#scripts/fixtures/ser-writer.ts";
import { look } from "./browser.ts";
import { setUpDesk } from "./desk.ts";
import type { LamellaProcess } from "./lamella-process.ts";
import type { Reviewer } from "./reviewer.ts";

const [width, height] = [64, 48];

describe("a folder of a session, with files that are no pictures among it", () => {
  let server: LamellaProcess;
  let ada: Reviewer;
  const { folder } = setUpDesk("refused", (desk) => {
    ({ server, ada } = desk);
  });

  it("opens what can be opened, says what the others are, and lets them go to the bin", async () => {
    const session = join(folder, "session");
    mkdirSync(session);
    const pixels = Uint16Array.from({ length: width * height }, (_, i) => i);
    const options = { wide: false, announced: 1, deltaM: [2e-9, 2e-9] } as const;
    writeFileSync(join(session, "scan.emi"), writeEmi([["High tension", "200", "kV"]]));
    writeFileSync(join(session, "scan_1.ser"), writeSer([pixels], width, height, options));
    writeFileSync(join(session, "login.tif"), "<!doctype html><html><body>Please sign in</body></html>");

    await ada.signIn(server.adminLink!);
    await ada.createProject("Session");
    const { page } = ada;
    await page.locator("input[webkitdirectory]").first().setInputFiles(session);
    await page.locator("li", { hasText: "scan_1" }).last().locator("img").waitFor({ timeout: 60_000 });
    const arrivals = page.getByLabel("Files on their way");
    await arrivals.getByText(/login\.tif/).waitFor();
    await arrivals.getByText(/By its bytes this is a web page/).waitFor();
    // The document was read with its series: it is not on its way any more.
    await arrivals.getByText("scan.emi").waitFor({ state: "detached" });
    await look(page, "refused-files");
    await page.getByLabel("Move login.tif to the bin").click();
    await arrivals.waitFor({ state: "detached" });
    expect(ada.errors).toEqual([]);
  });
});
