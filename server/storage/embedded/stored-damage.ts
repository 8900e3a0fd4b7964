import { bytesChecksum, type Checksum, fits, neverFits, updateChecksum } from "./checksums.ts";
import { type StoredRun, type StoredUpdate, unknownTimeMs } from "./update-run.ts";

/** A row of `room_checkpoint`. */
export interface StoredState {
  readonly seq: number;
  readonly kept: number;
  readonly bytes: Uint8Array;
  readonly checksum: Checksum;
}

const mostOfMarks = 120;

/** Why an update is not what was written, and what is lost by it; undefined where it is, or where nobody can say. */
export function damageOfUpdate(update: StoredUpdate): string | undefined {
  const { seq, place, entry, principalId, receivedAtMs, touched, checksum } = update;
  if (fits(checksum, () => updateChecksum(place, seq, entry))) return undefined;
  const marks = touched.length > mostOfMarks ? `${touched.slice(0, mostOfMarks)} …` : touched;
  const what =
    checksum === neverFits
      ? "lay among others of which one changed before they were filed, and may be that one"
      : "is not as it was written";
  return (
    `update ${seq} ${what}: what ${principalId} did to ${marks} at ${timeOf(receivedAtMs)} may be wrong or lost. ` +
    "Compare it with a backup."
  );
}

/** The same of a whole state. */
export function damageOfState({ seq, kept, bytes, checksum }: StoredState): string | undefined {
  if (fits(checksum, () => bytesChecksum(bytes))) return undefined;
  const lost =
    kept === 2
      ? "what the room began anew with may be wrong. Compare it with a backup."
      : "it is passed over, and the updates up to there have all that it should say.";
  return `the whole state at ${seq} is not as it was written: ${lost}`;
}

/** The same of a group of updates that the journal has set aside, or would. */
export function lossOfGroup({ firstSeq, updates }: { firstSeq: number; updates: number }, of = ""): string {
  return `${numbersOf(firstSeq, updates)}${of} cannot be read any more: what was done there is lost. Take it from a backup.`;
}

/** The same of updates of a run; undefined where none are lost. */
export function lossOfRun({ firstSeq, lastSeq, updates }: StoredRun, lost: number): string | undefined {
  if (lost === 0) return undefined;
  const which = lost === updates ? `all ${updates}` : `${lost} of the ${updates}`;
  return `${which} updates kept from ${firstSeq} to ${lastSeq} cannot be read any more: what was done there is lost. Take it from a backup.`;
}

export const numbersOf = (firstSeq: number, updates: number): string =>
  updates === 1 ? `update ${firstSeq}` : `updates ${firstSeq} to ${firstSeq + updates - 1}`;

function timeOf(ms: number): string {
  return ms === unknownTimeMs ? "an unknown time" : new Date(ms).toISOString();
}
