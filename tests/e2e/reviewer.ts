import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { launchBrowser, look, openWindow } from "./browser.ts";

/** Fractions of the picture's area, 0-1 from its top left corner. */
export type Place = readonly [x: number, y: number];

/** A person at a browser window: what they do, and what they see. */
export class Reviewer {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly errors: readonly string[];
  readonly #browser: Browser;

  private constructor(browser: Browser, context: BrowserContext, page: Page, errors: readonly string[]) {
    this.#browser = browser;
    this.context = context;
    this.page = page;
    this.errors = errors;
  }

  /** A browser of its own: nothing is shared with the others but the server. */
  static async arrive(
    args: readonly string[] = [],
    options: Parameters<Browser["newContext"]>[0] = {},
  ): Promise<Reviewer> {
    const browser = await launchBrowser(args);
    const { context, page, errors } = await openWindow(browser, options);
    return new Reviewer(browser, context, page, errors);
  }

  /** Somebody else in a window of their own, with nothing in common but the program: lighter than a second browser. */
  async beside(): Promise<Reviewer> {
    const { context, page, errors } = await openWindow(this.#browser);
    return new Reviewer(this.#browser, context, page, errors);
  }

  /** Closes the browser, with everybody who is beside. */
  async leave(): Promise<void> {
    await this.#browser.close();
  }

  async signIn(link: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByRole("heading", { name: "Projects" }).waitFor();
  }

  async createProject(name: string): Promise<void> {
    await this.page.getByRole("button", { name: "New project" }).first().click();
    await this.page.getByLabel("Name").fill(name);
    await this.page.getByRole("button", { name: /^Create/ }).click();
    await this.page.waitForURL(/\/projects\/[^/]+$/);
    await this.page.getByText(name).first().waitFor();
  }

  async upload(...paths: readonly string[]): Promise<void> {
    await this.page
      .locator('input[type="file"]')
      .first()
      .setInputFiles([...paths]);
  }

  /** Opens a micrograph from the project's page once its card has a thumbnail. */
  async openMicrograph(name: string): Promise<void> {
    const card = this.page.locator("li", { has: this.page.getByText(name, { exact: true }) }).last();
    await card.locator("img").waitFor({ timeout: 60_000 });
    await card.getByText(name, { exact: true }).click();
    await this.picture.waitFor();
    await this.seesState("saved");
  }

  /** Makes an invitation link that lets guests straight in, and closes the dialog. */
  async invite(role: string): Promise<string> {
    await this.page.getByRole("button", { name: "Share" }).click();
    await this.page.getByLabel("Who opens it may").selectOption(role);
    await this.page.getByRole("switch", { name: "Waiting room" }).setChecked(false, { force: true });
    await this.page.getByRole("button", { name: "Make the link" }).click();
    const link = await this.page.getByLabel("Invitation link").inputValue();
    await this.page.keyboard.press("Escape");
    await this.page.getByLabel("Invitation link").waitFor({ state: "detached" });
    return link;
  }

  async join(link: string, name: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: /Come in|Ask to come in/ }).click();
  }

  get picture(): Locator {
    return this.page.getByLabel(/: the picture\./);
  }

  /** Screen position of a place in the picture's area. */
  async at([x, y]: Place): Promise<{ x: number; y: number }> {
    const box = (await this.picture.boundingBox())!;
    return { x: box.x + x * box.width, y: box.y + y * box.height };
  }

  /** Presses, follows the places in small steps, and releases unless told to hold. */
  async drag(places: readonly Place[], release = true): Promise<void> {
    const points = await Promise.all(places.map((place) => this.at(place)));
    await this.page.mouse.move(points[0]!.x, points[0]!.y);
    await this.page.mouse.down();
    for (const point of points.slice(1)) await this.page.mouse.move(point.x, point.y, { steps: 12 });
    if (release) await this.page.mouse.up();
  }

  /** Chooses a tool by its key; the picture has the focus after it was opened. */
  async tool(key: string): Promise<void> {
    await this.picture.focus();
    await this.page.keyboard.press(key);
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole("tab", { name: new RegExp(name) }).click();
  }

  get saveState(): Locator {
    return this.page.locator("[data-state][aria-live]");
  }

  async seesState(state: string): Promise<void> {
    await this.page.locator(`[data-state="${state}"][aria-live]`).waitFor();
  }

  /** Waits until the inspector lists this many marks. */
  async seesMarks(count: number): Promise<void> {
    await this.tab("Annotations");
    const words = count === 0 ? "Nothing is marked yet" : count === 1 ? "1 mark" : `${count} marks`;
    await this.page.getByText(words, { exact: true }).waitFor();
  }

  /** The mean gap of the only interface, as the panel words it. */
  async gapMean(): Promise<string> {
    await this.tab("Measurements");
    const mean = this.page.locator('[data-quantity="gap-mean"]');
    await mean.waitFor();
    return (await mean.textContent())!;
  }

  /** Exports the project in a format, by its name in the dialog, and gives the archive's files. */
  async exportDataset(format: string): Promise<Record<string, Uint8Array>> {
    await this.page.getByRole("button", { name: "Export", exact: true }).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByText(format, { exact: true }).click();
    await look(this.page, `export ${format}`);
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    const [download] = await Promise.all([
      this.page.waitForEvent("download", { timeout: 90_000 }),
      dialog.getByRole("link", { name: "Download" }).click({ timeout: 90_000 }),
    ]);
    return unzipSync(readFileSync(await download.path()));
  }

  hasSeenNoError(): void {
    expect(this.errors).toEqual([]);
  }
}
