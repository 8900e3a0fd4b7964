import type { Intake } from "#server/access/intake.ts";
import type { Sql } from "#server/jobs/sql.ts";

export interface Readiness {
  /** True where a load balancer should send people here. */
  readonly ready: boolean;
  readonly status: "ready" | "stopping" | "not-writable";
  /** What an administrator should look at; also where the server is ready still. */
  readonly reasons: readonly string[];
}

/** An answer is this old at most: whoever asks often must not wear the disk. */
const rememberedMs = 2_000;

/** Whether edits can be taken now, found out by writing, not by hoping. */
export function createReadiness(ports: {
  readonly sql: Pick<Sql, "write">;
  readonly intake: Pick<Intake, "shortage">;
  readonly isStopping: () => boolean;
  readonly now?: () => number;
}): () => Promise<Readiness> {
  const { sql, intake, isStopping, now = Date.now } = ports;
  let known: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;
  const look = async (): Promise<Readiness> => {
    const reasons: string[] = [];
    const write = { sql: "INSERT OR REPLACE INTO heartbeat (one, at_ms) VALUES (1, ?)", params: [now()] };
    const trouble = await sql.write([write]).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (trouble !== null) reasons.push(trouble);
    const shortage = await intake.shortage().catch(() => "The disk's free space cannot be read.");
    if (shortage !== null) reasons.push(shortage);
    return { ready: trouble === null, status: trouble === null ? "ready" : "not-writable", reasons };
  };
  return async () => {
    if (isStopping()) return { ready: false, status: "stopping", reasons: [] };
    if (!known || now() - known.at > rememberedMs) known = { at: now(), answer: look() };
    return known.answer;
  };
}
