import type { Acquisition } from "./acquisition.ts";
import { proposalsFromTags, type TagTree } from "./proposals-from-tags.ts";
import { readStateWords } from "./state-words.ts";

/** What a proposal would fill in. Conditions carry their quantity and unit. */
export type ProposedField =
  | "specimen"
  | "instrument"
  | "holder"
  | "operator"
  | "date"
  | "series"
  | "object"
  | "label"
  | "order"
  | "elapsedS"
  | "cycle"
  | "step"
  | "clockTime"
  | "condition";

/** Where a proposal comes from: the folder, file name or tag (`at`), and the very words it was read from (`text`). */
export interface ProposalSource {
  readonly kind: "folder" | "file-name" | "tag" | "watched-folder";
  readonly at: string;
  readonly text: string;
}

/** Something a file's place, name or tags seem to say about a record. Nothing is filled in until a person says so. */
export interface RecordProposal {
  readonly field: ProposedField;
  readonly value: string | number;
  /** Of a condition: potential, current, temperature. */
  readonly quantity?: string;
  readonly unit?: string;
  readonly source: ProposalSource;
}

export interface KnownOfFile {
  readonly fileName: string;
  /** Where the file lay in the folder that was handed in, with "/"; null for a file on its own. */
  readonly relativePath: string | null;
  readonly acquisition: Acquisition;
  readonly tags: TagTree;
  /** What the folders of a watched path were declared to mean: instrument, date, person, specimen, session. */
  readonly pathFacts?: Readonly<Record<string, string>>;
}

const keepingWords = [
  "raw|data|datasets?|micrographs?|images?|pictures?|files?|exports?|exported|originals?|uploads?|downloads?|shared|new",
  "temp|tmp|tests?|misc|backup|s?tem|sem|fib|edx|eds|eels|saed|haadf|bf|df|dm[34]?|tiff?|jpe?g|png|ser|emd|mrc|bcf",
  String.raw`stacks?|series|day ?\d+|session ?\d*|\d+`,
].join("|");
/** Folder names that say how files are kept, not what they are of: one such word, or several. */
const housekeeping = new RegExp(`^(?:(?:${keepingWords})(?:[ _.-]+|$))+$`, "i");

/**
 * Specimen, session, series and state as a file's path, name and tags propose them, each with its source. At most one
 * proposal a field, but as many conditions as there are; a field nothing speaks of has none. Where sources disagree a
 * declared folder wins over a tag, a tag over a name, the file's name over its folders, an inner folder over an outer.
 * Conventions: elapsed times in s, potentials in V, currents in A, temperatures in °C or K; dates are ISO 8601 days.
 */
export function proposeRecords(known: KnownOfFile): readonly RecordProposal[] {
  const folders = (known.relativePath ?? "").replaceAll("\\", "/").split("/").slice(0, -1);
  const baseName = known.fileName.replace(/\.[A-Za-z][A-Za-z0-9]{1,7}(\.gz)?$/, "");
  const declared = fromPathFacts(known.pathFacts ?? {});
  const facts = new Set(Object.values(known.pathFacts ?? {}));
  const free = folders.filter((folder) => folder !== "" && folder !== "." && !facts.has(folder));
  const fromName = readStateWords(baseName).map((found) =>
    withSource(found, "file-name", known.fileName, found.text),
  );
  const fromFolders = free.toReversed().flatMap((folder) =>
    readStateWords(folder)
      // A folder's number orders the folders, not the files in it.
      .filter(({ field }) => field !== "order")
      .map((found) => withSource(found, "folder", folder, found.text)),
  );
  const fromTags = [...fromAcquisition(known.acquisition), ...proposalsFromTags(known.tags)];
  const all = [...declared, ...fromTags, ...fromName, ...fromFolders, ...fromFolderNames(free)];
  return onePerField(all);
}

function withSource(
  { field, value, quantity, unit }: Omit<RecordProposal, "source">,
  kind: ProposalSource["kind"],
  at: string,
  text: string,
): RecordProposal {
  return {
    field,
    value,
    ...(quantity === undefined ? {} : { quantity }),
    ...(unit === undefined ? {} : { unit }),
    source: { kind, at, text },
  };
}

function fromPathFacts(facts: Readonly<Record<string, string>>): RecordProposal[] {
  const fields: Readonly<Record<string, ProposedField>> = {
    instrument: "instrument",
    specimen: "specimen",
    person: "operator",
    session: "series",
  };
  return Object.entries(facts).flatMap(([name, text]): RecordProposal[] => {
    const source = { kind: "watched-folder", at: `{${name}}`, text } as const;
    if (name === "date") {
      const day = readStateWords(text).find(({ field }) => field === "date");
      return day ? [{ field: "date", value: day.value, source }] : [];
    }
    const field = fields[name];
    return field ? [{ field, value: text.trim(), source }] : [];
  });
}

function fromAcquisition({ instrument, acquiredAt }: Acquisition): RecordProposal[] {
  const found: RecordProposal[] = [];
  const tag = (field: ProposedField, value: string, from: NonNullable<typeof instrument>) => {
    if (from.source.kind !== "tag") return;
    found.push({ field, value, source: { kind: "tag", at: from.source.path, text: from.value } });
  };
  if (instrument) tag("instrument", instrument.value, instrument);
  if (acquiredAt && /^\d{4}-\d\d-\d\d/.test(acquiredAt.value)) {
    tag("date", acquiredAt.value.slice(0, 10), acquiredAt);
    tag("clockTime", acquiredAt.value, acquiredAt);
  }
  return found;
}

/** The outermost folder that is about something proposes the specimen, the innermost the series. */
function fromFolderNames(folders: readonly string[]): RecordProposal[] {
  const telling = folders.filter((folder) => {
    if (housekeeping.test(folder.trim())) return false;
    const rest = readStateWords(folder).reduce((left, { text }) => left.replace(text, " "), folder);
    return /[A-Za-z]{2}/.test(rest.replace(/[\d\s._-]+/g, ""));
  });
  const found: RecordProposal[] = [];
  const outer = telling[0];
  if (outer !== undefined)
    found.push({
      field: "specimen",
      value: outer.trim(),
      source: { kind: "folder", at: outer, text: outer },
    });
  const inner = folders.at(-1);
  if (inner !== undefined && !housekeeping.test(inner.trim()) && inner !== outer)
    found.push({ field: "series", value: inner.trim(), source: { kind: "folder", at: inner, text: inner } });
  return found;
}

function onePerField(all: readonly RecordProposal[]): readonly RecordProposal[] {
  const seen = new Set<string>();
  return all.filter(({ field, quantity }) => {
    const key = quantity === undefined ? field : `${field} ${quantity}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
