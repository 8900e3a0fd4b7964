import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { look } from "./browser.ts";
import { LamellaProcess } from "./lamella-process.ts";
import { writePhantomFile } from "./phantom-file.ts";
import { Reviewer } from "./reviewer.ts";

/** As colleagues in the lab reach it: by a name that is not localhost, which the browser maps to this machine. */
const host = "microscope.lab.test";
const mapped = [`--host-resolver-rules=MAP ${host} 127.0.0.1`, "--ignore-certificate-errors"];

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The public address names the port before the server listens: where somebody else took it meanwhile, another is tried. */
async function startAtKnownPort(data: string, tries = 3): Promise<LamellaProcess> {
  const port = await freePort();
  const args = ["--no-demo", "--lan", "--public-url", `https://${host}:${port}`];
  try {
    return await LamellaProcess.start(data, { port, args });
  } catch (error) {
    if (tries === 1) throw error;
    return startAtKnownPort(data, tries - 1);
  }
}

describe("on a lab's network", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-lan-"));
  let server: LamellaProcess;
  let ada: Reviewer;

  beforeAll(async () => {
    server = await startAtKnownPort(join(folder, "data"));
    ada = await Reviewer.arrive(mapped);
  });
  afterAll(async () => {
    await ada?.leave();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("prints the public address and the fingerprint of its own certificate", () => {
    expect(server.adminLink).toContain(`https://${host}`);
    expect(server.output).toMatch(/SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}/i);
  });

  it("signs in over HTTPS with a cookie that no other name and no script can read", async () => {
    await ada.signIn(server.adminLink!);
    const [cookie] = (await ada.context.cookies()).filter(({ name }) => name === "__Host-lamella");
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, path: "/", domain: host });
    expect(await ada.page.evaluate("isSecureContext")).toBe(true);
    expect(await ada.page.evaluate("document.cookie")).toBe("");
  });

  it("draws over a secure WebSocket and copies an invitation to the clipboard", async () => {
    await ada.createProject("Lab");
    await ada.upload(writePhantomFile(folder, "wire.dm4").path);
    await ada.openMicrograph("wire");
    await ada.tool("m");
    await ada.drag([
      [0.3, 0.3],
      [0.6, 0.4],
    ]);
    await ada.seesMarks(1);
    await ada.seesState("saved");
    await ada.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await ada.page.getByRole("button", { name: "Share" }).click();
    await look(ada.page, "share-lan");
    await ada.page.getByRole("button", { name: "Make the link" }).click();
    const link = await ada.page.getByLabel("Invitation link").inputValue();
    expect(link).toContain(`https://${host}`);
    await ada.page.getByRole("button", { name: "Copy" }).click();
    await ada.page.getByText("The link is copied.").waitFor();
    expect(await ada.page.evaluate("navigator.clipboard.readText()")).toBe(link);
    ada.hasSeenNoError();
  });

  it("over plain HTTP says in one sentence why it will not sign in", async () => {
    const plain = await LamellaProcess.start(join(folder, "plain"), { args: ["--no-demo"] });
    const guest = await Reviewer.arrive(mapped);
    try {
      await guest.page.goto(plain.adminLink!.replace("127.0.0.1", host));
      await guest.page.getByText(/HTTPS/).first().waitFor();
      await expect.poll(() => guest.page.locator("body").innerText()).toMatch(/--lan/);
      expect((await guest.context.cookies()).length).toBe(0);
      await look(guest.page, "plain-http");
    } finally {
      await guest.leave();
      await plain.stop();
    }
  });
});
