import { statfs } from "node:fs/promises";
import { DomainError } from "#core/errors/domain-error.ts";
import type { AddedMarks } from "#server/sync/server-edit.ts";
import type { Usage } from "./catalogue/usage.ts";

/** What one person, project or micrograph may take up; null: as much as the disk has. */
export interface Quotas {
  readonly bytesPerPerson: number | null;
  readonly bytesPerProject: number | null;
  readonly micrographsPerProject: number | null;
  readonly marksPerMicrograph: number | null;
}

/** Kept free for the records: marks and comments go on being stored when no more pictures fit. */
export const diskReserveBytes = 256 * 2 ** 20;

/** quota: a limit of the installation. full: the disk. */
export class IntakeError extends DomainError<"quota" | "full"> {}

export interface IntakePorts {
  readonly usage: Usage;
  readonly quotas: Quotas;
  /** Free bytes of the data folder's disk. */
  readonly freeBytes: () => Promise<number>;
  /** Resumable uploads that were announced and have not arrived whole. */
  readonly unfinished?: () => readonly Underway[];
}

/** A file of unknown length keeps its place in steps: asking costs more than writing a chunk. */
const growStepBytes = 8 * 2 ** 20;

export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Bytes on their way in: announced, and not yet a source whose size the store knows. */
export interface Underway {
  readonly projectId: string;
  readonly principalId: string;
  readonly bytes: number;
}

/** A place kept for a file while it arrives. */
export interface Reservation {
  /** A file of unknown length has grown to so much. @throws IntakeError "full" | "quota" */
  grow(bytes: number): Promise<void>;
  /** The file is here, or given up. */
  release(): void;
}

/** Whether more fits in, asked before it is sent. */
export class Intake {
  readonly #ports: IntakePorts;
  readonly #reserved = new Set<Underway>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /**
   * Keep a place for a file that is about to arrive: of several sent at once only those come in that fit together.
   *
   * @param bytes length of the file; 0 where the sender does not know it
   * @throws IntakeError "full" | "quota"
   */
  async reserve(projectId: string, principalId: string, bytes: number): Promise<Reservation> {
    // One after the other: each sees the places of those before it.
    const keep = async (own: Underway | null, wanted: number): Promise<Underway> => {
      const kept = { projectId, principalId, bytes: wanted };
      this.#turn = this.#turn
        .catch(() => undefined)
        .then(async () => {
          if (own) this.#reserved.delete(own);
          await this.requireRoomForFile(projectId, principalId, wanted);
          this.#reserved.add(kept);
        });
      await this.#turn;
      return kept;
    };
    let own = await keep(null, bytes);
    return {
      grow: async (grown) => {
        if (grown <= own.bytes) return;
        // Near a limit what is there counts, not the step.
        own = await keep(own, grown + growStepBytes).catch(() => keep(own, grown));
      },
      release: () => void this.#reserved.delete(own),
    };
  }

  /**
   * @param bytes length of the file; 0 where the sender does not know it
   * @throws IntakeError "full" | "quota"
   */
  async requireRoomForFile(projectId: string, principalId: string, bytes: number): Promise<void> {
    const { usage, quotas, freeBytes, unfinished } = this.#ports;
    const underway = [...this.#reserved, ...(unfinished?.() ?? [])];
    const sum = (of: (one: Underway) => boolean) =>
      underway.filter(of).reduce((total, one) => total + one.bytes, 0);
    const free = (await freeBytes()) - 2 * sum(() => true);
    // Twice: beside the original lie its tiles, about as large.
    if (2 * bytes > free - diskReserveBytes) {
      throw new IntakeError(
        "full",
        `This file needs ${size(2 * bytes)} with its tiles, and the server's disk has ${size(Math.max(0, free - diskReserveBytes))} left for files. Tell your administrator.`,
        { neededBytes: 2 * bytes, freeBytes: free },
      );
    }
    const { bytesPerPerson, bytesPerProject, micrographsPerProject } = quotas;
    if (bytesPerPerson !== null) {
      const held = (await usage.bytesOfPerson(principalId)) + sum((one) => one.principalId === principalId);
      if (held + bytes > bytesPerPerson) throw over("You may keep", bytesPerPerson, held, bytes);
    }
    if (bytesPerProject !== null) {
      const held = (await usage.bytesOfProject(projectId)) + sum((one) => one.projectId === projectId);
      if (held + bytes > bytesPerProject) throw over("A project may keep", bytesPerProject, held, bytes);
    }
    if (micrographsPerProject !== null) {
      const held = await usage.micrographsOfProject(projectId);
      if (held >= micrographsPerProject) {
        throw new IntakeError(
          "quota",
          `A project may hold ${micrographsPerProject} micrographs, and this one has ${held}. Start another project, or ask your administrator for more.`,
          { limit: micrographsPerProject, held },
        );
      }
    }
  }

  get marksPerMicrograph(): number {
    return this.#ports.quotas.marksPerMicrograph ?? Number.POSITIVE_INFINITY;
  }

  /** @throws IntakeError "quota" */
  requireRoomForMarks(held: number, added: number): void {
    const limit = this.marksPerMicrograph;
    if (held + added <= limit) return;
    throw new IntakeError(
      "quota",
      `A micrograph may hold ${limit} marks; this one has ${held} and would get ${added} more. Bring in fewer, or ask your administrator for more.`,
      { limit, held, added },
    );
  }

  /** What came of adding marks. @returns their ids @throws IntakeError "quota" where there was no room for them */
  taken({ ids, held, added }: AddedMarks): string[] {
    if (ids === null) this.requireRoomForMarks(held, added);
    return [...(ids ?? [])];
  }

  get freeBytes(): () => Promise<number> {
    return this.#ports.freeBytes;
  }

  /** Why the disk cannot take records for long, if so. */
  async shortage(): Promise<string | null> {
    const free = await this.#ports.freeBytes();
    return free < diskReserveBytes
      ? `The data folder's disk has ${size(free)} left; ${size(diskReserveBytes)} are the least.`
      : null;
  }
}

function over(who: string, limit: number, held: number, bytes: number): IntakeError {
  return new IntakeError(
    "quota",
    `${who} ${size(limit)} here, of which ${size(held)} are taken; this file has ${size(bytes)}. Delete what is not needed, or ask your administrator for more.`,
    { limit, held, bytes },
  );
}

function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
