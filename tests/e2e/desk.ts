import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { LamellaProcess } from "./lamella-process.ts";
import { Reviewer } from "./reviewer.ts";

type Options = Parameters<typeof LamellaProcess.start>[1];

/** One person at a browser, and a server of their own. */
export interface Desk {
  readonly server: LamellaProcess;
  readonly ada: Reviewer;
}

/**
 * Sets a desk up for the tests of the describe around it, and clears it away after them.
 *
 * @param take is given the desk once it stands, and again after the server was started anew
 * @returns a folder for the test's own files, and what starts the server again on the data that are there
 */
export function setUpDesk(
  name: string,
  take: (desk: Desk) => void,
  options: Options = { args: ["--no-demo"] },
): { readonly folder: string; startAgain(options: Options): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), `lamella-${name}-`));
  let server: LamellaProcess | null = null;
  let ada: Reviewer | null = null;
  const start = async (how: Options) => {
    server = await LamellaProcess.start(join(folder, "data"), how);
    ada ??= await Reviewer.arrive();
    take({ server, ada });
  };
  beforeAll(() => start(options));
  afterAll(async () => {
    await ada?.leave();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, startAgain: start };
}
