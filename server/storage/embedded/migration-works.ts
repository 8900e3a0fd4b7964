import { carryOverHistory } from "./carry-over-history.ts";

/** What steps of migrations do that SQL alone cannot. */
export const migrationWorks = { "carry over history": carryOverHistory } as const;

export type MigrationWork = keyof typeof migrationWorks;
