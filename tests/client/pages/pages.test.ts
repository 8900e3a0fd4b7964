import { existsSync, rmSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { patienceMs } from "#tests/patience.ts";
import { buildClient } from "../built-client.ts";
import { startMockServer } from "../mock-server.ts";
import { mockProject } from "../mock-world.ts";

const executablePath = [process.env.LAMELLA_CHROMIUM, "/usr/bin/chromium"].find(
  (path) => path && existsSync(path),
);

// Needs a browser: the test command finds or installs one before it comes here.
describe.skipIf(!executablePath)("the pages, under the strictest content policy", () => {
  let web: string;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startMockServer>>;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    web = await buildClient();
    browser = await chromium.launch({
      executablePath: executablePath!,
      timeout: 2 * patienceMs,
      args: ["--no-sandbox", "--disable-gpu"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(web, { recursive: true, force: true });
  });
  afterEach(async () => {
    await page.context().close();
    await server.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(path: string, world: Parameters<typeof startMockServer>[1] = {}) {
    server = await startMockServer(web, world);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy.*script/.test(message.text())) faults.push(message.text());
    });
    await page.goto(server.url + path);
  }
  const calls = (method: string) => server.world.calls.filter((call) => call.method === method);

  it("sign in by the administrator's link, and take the token out of the address", async () => {
    await open("/sign-in#secret-token", { signedIn: false });
    await page.waitForSelector("h1:has-text('Projects')");
    expect(calls("POST")).toEqual([
      { method: "POST", path: "/session/link", body: { token: "secret-token" } },
    ]);
    expect(page.url()).toBe(`${server.url}/`);
  });

  it("stay on the place asked for when somebody has to sign in first; a wrong password says so", async () => {
    await open("/projects/project00", { signedIn: false });
    await page.fill("input[autocomplete=username]", "Mara");
    await page.fill("input[type=password]", "wrong");
    await page.click("button[type=submit]");
    await page.waitForSelector("text=do not belong together");
    await page.fill("input[type=password]", "right");
    await page.click("button[type=submit]");
    await page.waitForSelector("h2:has-text('In-situ sodiation')");
  });

  it("offer the institute's sign-in first, back to the place asked for, and say why it was refused, once", async () => {
    await open("/projects/project00?sort=name", {
      signedIn: false,
      institute: { name: "Example Institute" },
    });
    const link = page.getByRole("link", { name: "Sign in with Example Institute" });
    expect(await link.getAttribute("href")).toBe(
      `/api/v1/session/institute?path=${encodeURIComponent("/projects/project00?sort=name")}`,
    );
    const value = encodeURIComponent("You have no account here yet. Ask the administrator.");
    await page
      .context()
      .addCookies([{ name: "lamella-refused", value, domain: "127.0.0.1", path: "/sign-in" }]);
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("alert").getByText("You have no account here yet. Ask the administrator.").waitFor();
    expect(await link.getAttribute("href")).toBe("/api/v1/session/institute?path=%2F");
    await page.reload();
    await link.waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("let a guest wait at the door and in when a member opens it", async () => {
    await open("/join/token123", { signedIn: false });
    await page.fill("input", "Jonas Weber");
    await page.click("button:has-text('Ask to come in')");
    await page.waitForSelector("text=Waiting for a member");
    server.world.admitted = true;
    await page.waitForSelector("h2:has-text('In-situ sodiation')");
  });

  it("show a project with its failures in words, and remove the demonstration in one click", async () => {
    await open("/projects/project00");
    await page.waitForSelector("text=found a Word document");
    await page.waitForSelector("text=Expected 8 388 608 bytes");
    await page.locator("[data-state=uncalibrated]", { hasText: "uncalibrated" }).waitFor();
    await page.click("text=Remove the demonstration");
    await page.waitForSelector("h1:has-text('Projects')");
    expect(calls("DELETE").map(({ path }) => path)).toEqual(["/projects/project00"]);
  });

  it("say who can reach the address before a link is made, with the defaults of a careful host", async () => {
    await open("/projects/project00");
    await page.click("button:has-text('Share')");
    await page.waitForSelector("text=Only this computer can reach Lamella now.");
    await page.click("text=Make the link");
    await page.waitForSelector("input[value*='/join/']");
    expect(calls("POST").at(-1)!.body).toEqual({
      role: "commenter",
      expiresInDays: 14,
      maxUses: null,
      waitingRoom: true,
    });
  });

  it("ring where members are when a guest waits at the door", async () => {
    await open("/micrographs/micrograph2");
    await page.click("[aria-label='At the door'] button:has-text('Let in')");
    await expect
      .poll(() => calls("POST").find(({ path }) => path.includes("/waiting/")))
      .toEqual({
        method: "POST",
        path: "/projects/project00/waiting/guest00001",
        body: { admit: true },
      });
  });

  it("export after the losses were stated", async () => {
    await open("/projects/project00");
    await page.click("button:has-text('Export')");
    await page.waitForSelector("text=Interface traces become");
    await page.click("[role=dialog] button:has-text('Export')");
    const link = page.locator("[role=dialog] a:has-text('Download')");
    await link.waitFor();
    expect(await link.getAttribute("href")).toBe("/api/v1/jobs/job0000001/download");
  });

  it("say what to do where there is nothing, and what happened where there was an error", async () => {
    await open("/projects/project01");
    await page.waitForSelector("text=Drop micrographs here");
    await page.goto(`${server.url}/projects/nonesuch1`);
    await page.waitForSelector("text=There is no such project, or it is not shared with you.");
    await page.goto(`${server.url}/nowhere`);
    await page.waitForSelector("text=There is no such page");
  });

  it("from an opened image to the first gap number: three clicks, and the panel comes by itself", async () => {
    await open("/micrographs/micrograph2");
    await page.waitForSelector("[data-testid=micrograph-canvas]");
    const box = (await page.locator("[data-testid=micrograph-canvas]").boundingBox())!;
    const trace = async (y: number) => {
      await page.mouse.move(box.x + 300, box.y + y);
      await page.mouse.down();
      await page.mouse.move(box.x + 500, box.y + y, { steps: 8 });
      await page.mouse.move(box.x + 700, box.y + y, { steps: 8 });
      await page.mouse.up();
    };
    await page.click("[data-tool=trace]");
    await trace(400);
    await trace(360);
    const mean = page.locator("[data-quantity=gap-mean]");
    await mean.waitFor();
    // 40 screen px at the scale of the view, 0.42 nm each image px.
    const scale = Number(await page.locator("[data-scale]").getAttribute("data-scale"));
    const expectedNm = (40 / scale) * 0.42;
    const isOff = async () => Math.abs(Number.parseFloat((await mean.textContent())!) / expectedNm - 1);
    await expect.poll(isOff).toBeLessThan(0.02);
    await expect.poll(() => mean.textContent()).toMatch(/± .* nm$/);
    // Offline, the truth is said: two traces wait.
    await page.locator("[data-state=offline]", { hasText: "2 edits wait" }).waitFor();
  });

  it("give a reader the picture and the reason why the tools are off", async () => {
    await open("/micrographs/micrograph2", { projects: [mockProject({ role: "reader" })] });
    const tool = page.locator("[data-tool=trace]");
    await tool.waitFor();
    await expect.poll(() => tool.getAttribute("aria-disabled")).toBe("true");
    await tool.hover();
    await page.waitForSelector("text=As reader you cannot draw here.");
    expect(await page.locator("button:has-text('Share')").count()).toBe(0);
  });

  it("stay where a part of them cannot be fetched, say so, and have it after a reload", async () => {
    await open("/micrographs/micrograph2");
    await page.waitForSelector("[data-testid=micrograph-canvas]");
    await page.route(/assets\/keys-help/, (route) => route.abort());
    await page.keyboard.press("?");
    await page.getByRole("alert").getByText("could not be fetched").waitFor();
    await page.locator("[data-testid=micrograph-canvas]").waitFor();
    await page.unrouteAll();
    await page.getByRole("button", { name: "Reload once the network is back" }).click();
    await page.waitForSelector("[data-testid=micrograph-canvas]");
    await page.keyboard.press("?");
    await page.waitForSelector("[role=dialog]:has-text('Measurement line')");
  });

  it("answer Ctrl+S with the truth, and ? with the keys", async () => {
    await open("/micrographs/micrograph20");
    await page.waitForSelector("[data-testid=micrograph-canvas]");
    await page.keyboard.press("Control+s");
    await page.waitForSelector("[role=status]:has-text('Connecting'), [role=status]:has-text('Offline')");
    await page.keyboard.press("?");
    await page.waitForSelector("[role=dialog]:has-text('Measurement line')");
    await page.keyboard.press("Escape");
    await page.waitForSelector("text=Uncalibrated.");
    await page.click("text=Calibrate by hand");
    await page.fill("[aria-label='Pixel size']", "0.42 nm/px");
    await page.click("button:has-text('Set')");
    await page.waitForSelector("[role=status]:has-text('Calibrated')");
    expect(calls("POST").at(-1)!.body).toMatchObject({
      type: "calibrate",
      calibration: { state: "calibrated", unit: "nm", pixelSize: { x: 0.42, y: 0.42 } },
    });
  });
});
