import type { Catalogue, VisitRecord } from "#server/storage/catalogue.ts";
import type { ProjectEvents } from "./catalogue/project-events.ts";

const visitMs = 3600_000;
/** Past its end by the clock, so that whoever is asked then says so. */
const afterEndMs = 1_000;

export interface VisitsPorts {
  readonly catalogue: Pick<Catalogue, "putVisit" | "endVisit" | "visits">;
  readonly events: Pick<ProjectEvents, "record">;
  /** After somebody's rights in a project have changed. */
  readonly rightsChanged: (projectId: string, principalIds: readonly string[]) => Promise<void>;
}

/** An administrator reads a project without being in it: for an hour, and for a reason that its members read. */
export class Visits {
  readonly #ports: VisitsPorts;
  readonly #ends = new Map<string, NodeJS.Timeout>();

  constructor(ports: VisitsPorts) {
    this.#ports = ports;
  }

  async begin(projectId: string, principalId: string, reason: string): Promise<VisitRecord> {
    const { catalogue, events, rightsChanged } = this.#ports;
    // The record comes first: there is no reading without it.
    await events.record(projectId, principalId, "administrator-read", { reason });
    const visit = { projectId, principalId, reason, untilMs: Date.now() + visitMs };
    await catalogue.putVisit(visit);
    await rightsChanged(projectId, [principalId]);
    this.#endInTime(visit);
    return visit;
  }

  async end(projectId: string, principalId: string): Promise<void> {
    const { catalogue, rightsChanged } = this.#ports;
    await catalogue.endVisit(projectId, principalId);
    await rightsChanged(projectId, [principalId]);
  }

  /** Visits that began before this process did end in time too. @returns stops waiting for any */
  async resume(): Promise<() => void> {
    for (const visit of await this.#ports.catalogue.visits()) this.#endInTime(visit);
    return () => {
      for (const timer of this.#ends.values()) clearTimeout(timer);
    };
  }

  /** Open sockets go with it; a request asks by itself. */
  #endInTime({ projectId, principalId, untilMs }: VisitRecord): void {
    const key = `${projectId} ${principalId}`;
    clearTimeout(this.#ends.get(key));
    const timer = setTimeout(
      () => {
        this.#ends.delete(key);
        // Where the store is closing there are no sockets left.
        this.#ports.rightsChanged(projectId, [principalId]).catch(() => undefined);
      },
      Math.max(0, untilMs - Date.now()) + afterEndMs,
    );
    timer.unref();
    this.#ends.set(key, timer);
  }
}
