import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach } from "vitest";

/**
 * What a failed test leaves behind: what was on every screen, what the pages and the servers had said. It is printed, so
 * that a failure on another machine can be understood from its output alone; a picture is kept as well.
 */

const mostLetters = 6_000;
const lastLines = 40;
const pictures = join(import.meta.dirname, "../../test-results");

/** The windows and servers of this test file, until they are closed. */
const windows = new Map<Page, readonly string[]>();
const servers = new Set<{ readonly url: string; readonly output: string }>();

export function keepWindow(page: Page): void {
  const said: string[] = [];
  windows.set(page, said);
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.stack ?? error.message}`));
  page.on("requestfailed", (request) =>
    said.push(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText ?? ""}`),
  );
  page.on("response", (response) => {
    if (response.status() >= 400)
      said.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
  });
}

export function keepServer(server: { readonly url: string; readonly output: string }): void {
  servers.add(server);
}

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await tellEvidence(task.name);
});
// biome-ignore lint/correctness/noEmptyPattern: nothing of the first is wanted
afterAll(({}, suite) => {
  // Where the making ready failed no test ran; the windows are closed by now, and what was said is still there.
  if ([suite, ...suite.tasks].some(({ type, result }) => type === "suite" && result?.errors?.length)) {
    for (const [page, said] of windows) print(`The window at ${page.url()} said`, said);
    tellServers();
  }
  windows.clear();
  servers.clear();
});

/** Prints what everybody sees and what was said until now. */
async function tellEvidence(title: string): Promise<void> {
  let number = 0;
  for (const [page, said] of windows) {
    if (page.isClosed()) continue;
    const name = `${title.replace(/[^\w]+/g, "-").slice(0, 60)}-${++number}`;
    const screen = await page
      .locator("body")
      .ariaSnapshot({ timeout: 5_000 })
      .catch((error: Error) => `not to be read: ${error.message}`);
    console.error(`── On the screen at ${page.url()}\n${screen.slice(0, mostLetters)}`);
    print("It said", said);
    mkdirSync(pictures, { recursive: true });
    const path = join(pictures, `${name}.png`);
    await page.screenshot({ path, timeout: 10_000 }).then(
      () => console.error(`A picture of it: ${path}`),
      () => {},
    );
  }
  tellServers();
}

function tellServers(): void {
  for (const { url, output } of servers) print(`The server at ${url} said`, output.trimEnd().split("\n"));
}

function print(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const left = Math.max(0, lines.length - lastLines);
  console.error([`── ${title}${left > 0 ? ` (${left} lines before)` : ""}`, ...lines.slice(left)].join("\n"));
}
