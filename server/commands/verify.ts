import { parseArgs } from "node:util";
import { verifyStore } from "../backup/verify-store.ts";
import { dataFolder } from "./data-folder.ts";

/** `lamella verify`: read everything that must last; exit 1 where something is not as it should be. */
export async function runVerify(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { data: { type: "string" } } });
  const report = await verifyStore(dataFolder(values.data));
  const { problems, rooms, updates, originals, bytes, withoutChecksum } = report;
  for (const problem of problems) console.error(problem);
  console.log(
    `${rooms} rooms with ${updates} updates, ${originals} originals (${(bytes / 2 ** 20).toFixed(1)} MiB): ` +
      (problems.length === 0 ? "all as they should be." : `${problems.length} problems.`),
  );
  if (withoutChecksum > 0)
    console.log(
      `${withoutChecksum} updates and whole states are of an older Lamella that kept no checksums: whether a bit of them has turned is not known.`,
    );
  if (problems.length > 0) process.exitCode = 1;
}
