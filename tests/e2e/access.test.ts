import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Annotation } from "#core/schema/annotation.ts";
import { phantomTiff } from "#tests/server/http/phantom-tiff.ts";
import { look } from "./browser.ts";
import { Cable } from "./cable.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { Reviewer } from "./reviewer.ts";
import { shareOfACore } from "./share-of-a-core.ts";
import { eachStepNeedsTheLast } from "./steps.ts";

const projectName = "Sodiation of Sb on TiN nanowires, second batch, lamellae cut by the other instrument";
const password = "four random words here";
const reason = "Its owner asked me to find the raw file of wire 3.";

/**
 * Whose a project is and who may see it, at the pages: an administrator, an owner with an account, a guest by link. The
 * steps build on each other.
 */
describe("who owns and who may see", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-access-"));
  let server: LamellaProcess;
  /** Between the guest's browser and the server. */
  let cable: Cable;
  let ada: Reviewer;
  let grace: Reviewer;
  let jonas: Reviewer;
  let link: string;
  let projectPath: string;

  beforeAll(async () => {
    server = await LamellaProcess.start(join(folder, "data"), { args: ["--no-demo"] });
    cable = await Cable.plug(() => server.port);
    ada = await Reviewer.arrive();
    [grace, jonas] = await Promise.all([ada.beside(), ada.beside()]);
  });
  afterAll(async () => {
    await ada?.leave();
    await cable?.remove();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  eachStepNeedsTheLast();

  const menu = async ({ page }: Reviewer, item: string) => {
    await page.getByRole("button", { name: /^Signed in as/ }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const settings = async ({ page }: Reviewer) => {
    await page.goto(`${server.url}${projectPath}/settings`);
    await page.getByRole("heading", { name: "Members" }).waitFor();
  };

  it("the administrator makes an account; its link is shown once and signs in once", async () => {
    await ada.signIn(server.adminLink!);
    await menu(ada, "Administration");
    await ada.page.getByText("Running. Edits reach the disk.").waitFor();
    await ada.page.getByLabel("New account").fill("Grace Hopper");
    await ada.page.getByRole("button", { name: "Make an account" }).click();
    const signInLink = await ada.page.getByLabel("Sign-in link").inputValue();
    await look(ada.page, "administration-new-account");
    await ada.page.getByRole("button", { name: "Done" }).click();
    await ada.page.getByLabel("New group").fill("Battery group");
    await ada.page.getByRole("button", { name: "Make a group" }).click();
    await ada.page.getByLabel("Add to Battery group").selectOption({ label: "Grace Hopper" });
    await ada.page
      .getByRole("list", { name: "Members of Battery group" })
      .getByText("Grace Hopper")
      .waitFor();

    await grace.signIn(signInLink);
    await jonas.page.goto(signInLink);
    await jonas.page.getByRole("alert").waitFor();
    await look(jonas.page, "sign-in-link-used");
  });

  it("a token of one's account is shown once, works, and is refused once revoked", async () => {
    const { page } = grace;
    await menu(grace, "Your account");
    await page.getByLabel("New password").fill(password);
    await page.getByLabel("Once more").fill(password);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("Your password is set").waitFor();
    await page.getByText("This browser").waitFor();
    await page.getByLabel("What it is for").fill("Upload from the Titan");
    await page.getByLabel("At most").selectOption("annotator");
    await page.getByRole("button", { name: "Make a token" }).click();
    const token = await page.getByLabel("New token").inputValue();
    await look(page, "account-token");
    expect(token.length).toBeGreaterThan(30);
    const projects = async () =>
      (await fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect(await projects()).toBe(200);
    await page.reload();
    await page.getByRole("list", { name: "Your tokens" }).getByText("Upload from the Titan").waitFor();
    expect(await page.content()).not.toContain(token);
    await page.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No script acts as you.").waitFor();
    expect(await projects()).toBe(401);
  });

  it("a guest waits at the door until the owner lets them in", async () => {
    await grace.page.goto(server.url);
    await grace.createProject(projectName);
    projectPath = new URL(grace.page.url()).pathname;
    const file = join(folder, "wire 3.tif");
    writeFileSync(file, await phantomTiff(3));
    await grace.upload(file);
    await grace.openMicrograph("wire 3");
    await grace.page.getByRole("button", { name: "Share" }).click();
    await grace.page.getByText("npm start -- --lan", { exact: true }).waitFor();
    await grace.page.getByLabel("Who opens it may").selectOption("annotator");
    await grace.page.getByRole("button", { name: "Make the link" }).click();
    link = await grace.page.getByLabel("Invitation link").inputValue();
    await look(grace.page, "share");
    await grace.page.keyboard.press("Escape");
    await jonas.join(link.replace(`:${server.port}`, `:${cable.port}`), "Jonas");
    await jonas.page.getByText("Waiting for a member to let you in").waitFor();
    await look(jonas.page, "waiting-room");
    await grace.page.getByRole("button", { name: "Let in" }).click();
    await jonas.picture.waitFor();
    await jonas.seesState("saved");
  });

  it("a lower role is read-only at once, a higher one draws again, without a reload", async () => {
    const role = grace.page.getByLabel("Role of Jonas (guest of Grace Hopper)");
    await settings(grace);
    await jonas.page.getByRole("button", { name: /^Measurement line/ }).waitFor();
    await role.selectOption("reader");
    const asked = performance.now();
    await jonas.page.getByText("Your role in this project is now reader").waitFor();
    // Long before anything that asks now and then would have found out by itself.
    expect((performance.now() - asked) * shareOfACore()).toBeLessThan(15_000);
    await jonas.page.getByText("Up to date").waitFor();
    await look(jonas.page, "role-lowered");
    await jonas.tool("m");
    await jonas.drag([
      [0.3, 0.3],
      [0.5, 0.3],
    ]);
    await jonas.seesMarks(0);
    await role.selectOption("annotator");
    await jonas.page.getByText("Your role in this project is now annotator").waitFor();
    await jonas.seesState("saved");
    await jonas.tool("m");
    await jonas.drag([
      [0.3, 0.3],
      [0.5, 0.3],
    ]);
    await jonas.seesMarks(1);
    await jonas.seesState("saved");
  });

  it("whoever is taken out while offline is told so, and keeps the mark that was never sent", async () => {
    cable.unplug();
    await jonas.tool("m");
    await jonas.drag([
      [0.3, 0.6],
      [0.6, 0.6],
    ]);
    await jonas.seesMarks(2);
    await jonas.seesState("offline");
    await grace.page.getByRole("button", { name: /^Take Jonas/ }).click();
    await grace.page.getByRole("button", { name: "Take out" }).click();
    await grace.page.getByLabel(/^Role of Jonas/).waitFor({ state: "detached" });
    cable.replug();
    await jonas.page.getByText("You no longer have access to this project").waitFor();
    await jonas.page.getByText("1 mark of yours has not reached the server.").waitFor();
    await look(jonas.page, "access-lost");
    const [download] = await Promise.all([
      jonas.page.waitForEvent("download"),
      jonas.page.getByRole("button", { name: "Download the mark" }).click(),
    ]);
    const file = JSON.parse(readFileSync(await download.path(), "utf8")) as { annotations: Annotation[] };
    expect(file.annotations.map(({ kind }) => kind)).toEqual(["measurement-line"]);
    // Nor is it lost with the tab.
    await jonas.page.reload();
    await jonas.page.getByText("1 edit of yours never reached the server.").waitFor();
    await look(jonas.page, "access-kept");
    const [again] = await Promise.all([
      jonas.page.waitForEvent("download"),
      jonas.page.getByRole("button", { name: "Download the 2 marks" }).click(),
    ]);
    expect(readFileSync(await again.path(), "utf8")).toContain(file.annotations[0]!.id);
    await jonas.page.getByRole("button", { name: "To the projects" }).click();
    await jonas.page.getByText("Nothing is shared with you yet").waitFor();
  });

  it("a revoked link opens nothing", async () => {
    await look(grace.page, "project-settings");
    await grace.page.getByRole("list", { name: "Links" }).getByRole("button", { name: "Revoke" }).click();
    await grace.page.getByText("Remove the guests too").click();
    await look(grace.page, "revoke-link");
    await grace.page.getByRole("dialog").getByRole("button", { name: "Remove the guests" }).click();
    await grace.page.getByText("revoked", { exact: true }).waitFor();
    await jonas.page.goto(link);
    await jonas.page.getByText("This link does not open anything").waitFor();
  });

  it("an owner renames the project, where its name stands and among its settings", async () => {
    const { page } = grace;
    const field = page.getByLabel("Project name");
    await page.getByRole("link", { name: projectName }).click();
    await page.getByRole("button", { name: "Rename the project" }).click();
    await field.fill("Sb on TiN, batch 2");
    await look(page, "rename-in-place");
    await field.press("Enter");
    await page.getByTitle("Sb on TiN, batch 2").waitFor();
    await settings(grace);
    await page.getByRole("heading", { name: "Sb on TiN, batch 2" }).waitFor();
    await field.fill(projectName);
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    await page.getByRole("heading", { name: projectName }).waitFor();
    await page.getByText("it was called").first().waitFor();
    await look(page, "renamed-in-settings");
  });

  it("the administrator looks in for a reason that every member reads, and sees all the while that they do", async () => {
    const lookIn = async (why: string) => {
      await ada.page.getByRole("button", { name: "Look in …" }).click();
      await ada.page.getByLabel("Reason").fill(why);
    };
    const enter = ada.page.getByRole("button", { name: "Write the reason and look in" });
    const visit = ada.page.getByRole("status", { name: "Your visit" });
    await lookIn("curious");
    await expect.poll(() => enter.isDisabled()).toBe(true);
    await ada.page.getByLabel("Reason").fill(reason);
    await look(ada.page, "visit");
    await enter.click();
    await visit.getByText(reason).waitFor();
    await look(ada.page, "visit-gallery");
    await ada.openMicrograph("wire 3");
    await visit.getByText("the owners can see it").waitFor();
    await look(ada.page, "visit-workspace");
    await visit.getByRole("button", { name: "Leave" }).click();
    await ada.page.getByText("You have left the project.").waitFor();
    await ada.page.goto(`${server.url}${projectPath}`);
    await ada.page.getByText("This project cannot be opened").waitFor();
    await ada.page.goto(`${server.url}/administration`);
    await lookIn(reason);
    await enter.click();
    // The reason that was typed speaks of wire 3, too: what counts is the project's page.
    await ada.page.waitForURL(`${server.url}${projectPath}`);
    await ada.page.getByText("wire 3", { exact: true }).first().waitFor();
    await expect.poll(() => ada.page.getByRole("button", { name: "Share" }).count()).toBe(0);
    await settings(ada);
    await expect.poll(() => ada.page.getByRole("button", { name: "Leave …" }).isDisabled()).toBe(true);
    await ada.page.goto(`${server.url}${projectPath}`);
    await settings(grace);
    await expect.poll(() => grace.page.getByText(reason).count()).toBe(2);
    await expect.poll(() => grace.page.getByRole("status", { name: "Your visit" }).count()).toBe(0);
    await look(grace.page, "visit-in-events");
  });

  it("the last owner cannot leave, but gives the project away and stays as reviewer", async () => {
    const { page } = grace;
    await expect.poll(() => page.getByRole("button", { name: "Leave …" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Transfer …" }).click();
    await page.getByLabel("New owner").selectOption({ label: "Administrator" });
    await page.getByRole("dialog").getByRole("button", { name: "Transfer" }).click();
    await page.getByText("Your role in this project is now reviewer").waitFor();
    await page.getByText("Belongs to Administrator").waitFor();
    await page.getByRole("button", { name: "Transfer …" }).waitFor({ state: "detached" });
    await ada.page.getByRole("button", { name: "Share" }).waitFor();
  });

  it("a project in the bin is gone for its members at once, and comes back with them", async () => {
    await grace.page.goto(`${server.url}${projectPath}`);
    await grace.openMicrograph("wire 3");
    await settings(ada);
    await ada.page.getByRole("button", { name: "Move to the bin …" }).click();
    await ada.page.getByLabel("Name of the project").fill(projectName);
    await ada.page.getByRole("dialog").getByRole("button", { name: "Move to the bin" }).click();
    const deletedAt = performance.now();
    await grace.page.getByText("You no longer have access to this project").waitFor();
    expect((performance.now() - deletedAt) * shareOfACore()).toBeLessThan(15_000);
    await expect.poll(() => grace.page.getByRole("button", { name: /^Download/ }).count()).toBe(0);
    await ada.page.getByRole("button", { name: "Bin", exact: true }).click();
    const deleted = ada.page.getByRole("list", { name: "Deleted projects" });
    await deleted.getByText(projectName).waitFor();
    await look(ada.page, "bin");
    await deleted.getByRole("button", { name: "Restore" }).click();
    await ada.page.getByText("The bin is empty.").waitFor();
    await ada.page.keyboard.press("Escape");
    await grace.page.getByRole("button", { name: "To the projects" }).click();
    await grace.page.getByText(projectName).waitFor();
    await look(grace.page, "projects");
  });

  it("what is erased from the bin leaves a tombstone and nothing else", async () => {
    await ada.createProject("Scrap");
    await ada.page.getByRole("button", { name: "Project settings" }).click();
    await ada.page.getByRole("button", { name: "Move to the bin …" }).click();
    await ada.page.getByLabel("Name of the project").fill("Scrap");
    await ada.page.getByRole("dialog").getByRole("button", { name: "Move to the bin" }).click();
    await ada.page.getByRole("button", { name: "Bin", exact: true }).click();
    await ada.page.getByRole("button", { name: "Erase now" }).click();
    await ada.page.getByRole("button", { name: "Erase for good" }).click();
    await ada.page.getByText("The bin is empty.").waitFor();
    await ada.page.keyboard.press("Escape");
    await menu(ada, "Administration");
    await ada.page.getByRole("row", { name: /^Project .* Administrator (just now|\d+ min ago)/ }).waitFor();
    await expect.poll(() => ada.page.getByText("Scrap").count()).toBe(0);
  });

  it("a guest is made an account, under the same identity", async () => {
    await ada.page.getByRole("button", { name: "Act on Jonas (guest of Grace Hopper)" }).click();
    await ada.page.getByRole("menuitem", { name: "Make an account …" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Make an account" }).click();
    await jonas.signIn(await ada.page.getByLabel("Sign-in link").inputValue());
    await jonas.page.getByRole("button", { name: "Signed in as Jonas", exact: true }).waitFor();
  });

  it("signing out in one tab signs the other out, and a password brings both back", async () => {
    const other = await grace.context.newPage();
    await other.goto(`${server.url}${projectPath}`);
    await other.getByText("wire 3", { exact: true }).first().click();
    await other.locator('[data-state="saved"]').waitFor();
    await menu(grace, "Sign out");
    await other.getByText("You signed out in another tab of this browser.").waitFor();
    await look(other, "signed-out-elsewhere");
    await grace.page.getByLabel("Name").fill("Grace Hopper");
    await grace.page.getByLabel("Password", { exact: true }).fill(password);
    await grace.page.getByRole("button", { name: "Sign in" }).click();
    await other.locator('[data-state="saved"]').waitFor();
    for (const who of [ada, grace, jonas]) who.hasSeenNoError();
  });
});
