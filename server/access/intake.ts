import { statfs } from "node:fs/promises";
import { DomainError } from "#core/errors/domain-error.ts";
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
}

export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Whether more fits in, asked before it is sent. */
export class Intake {
  readonly #ports: IntakePorts;

  constructor(ports: IntakePorts) {
    this.#ports = ports;
  }

  /**
   * @param bytes length of the file; 0 where the sender does not know it
   * @throws IntakeError "full" | "quota"
   */
  async requireRoomForFile(projectId: string, principalId: string, bytes: number): Promise<void> {
    const { usage, quotas, freeBytes } = this.#ports;
    const free = await freeBytes();
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
      const held = await usage.bytesOfPerson(principalId);
      if (held + bytes > bytesPerPerson) throw over("You may keep", bytesPerPerson, held, bytes);
    }
    if (bytesPerProject !== null) {
      const held = await usage.bytesOfProject(projectId);
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

  /** @throws IntakeError "quota" */
  requireRoomForMarks(held: number, added: number): void {
    const { marksPerMicrograph } = this.#ports.quotas;
    if (marksPerMicrograph === null || held + added <= marksPerMicrograph) return;
    throw new IntakeError(
      "quota",
      `A micrograph may hold ${marksPerMicrograph} marks; this one has ${held} and would get ${added} more. Bring in fewer, or ask your administrator for more.`,
      { limit: marksPerMicrograph, held, added },
    );
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
