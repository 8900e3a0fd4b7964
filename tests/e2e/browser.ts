import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { patienceMs } from "#tests/patience.ts";
import { findChromium } from "../../scripts/chromium.mjs";
import { keepWindow } from "./evidence.ts";

/** A headless Chromium of this machine; `args` are added to those that keep it quiet. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    timeout: 2 * patienceMs,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...args,
    ],
  });
}

const latestMs = Number(process.env.LAMELLA_LATE_MS ?? 0);

/**
 * Where `LAMELLA_LATE_MS` says so, every answer of the API and every part of the client comes late, by chance up to that
 * much: what a test reads before it is there, or in an order that only a quick machine keeps, is then found on any machine.
 */
async function comeLate(context: BrowserContext): Promise<void> {
  if (latestMs === 0) return;
  await context.route(/\/(api\/v1|assets)\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * latestMs));
    await route.continue().catch(() => {});
  });
}

/** A person's window, with errors of the page collected: a test ends by expecting none. */
export async function openWindow(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  keepWindow(page);
  await comeLate(context);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (
      message.type() === "error" &&
      !/Failed to load resource|WebSocket connection|net::ERR/.test(message.text())
    ) {
      errors.push(message.text());
    }
  });
  return { context, page, errors };
}

/** Keeps a picture of the page where `LAMELLA_SCREENSHOTS` names a folder. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.LAMELLA_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
