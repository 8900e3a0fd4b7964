import type { Content } from "#core/micrograph/content.ts";
import type { TagSearchShape } from "#core/protocol/api/records.ts";
import type { Gallery, Micrograph } from "#core/protocol/api/shapes.ts";

export interface GalleryGroup {
  readonly key: string;
  readonly title: string;
  /** What the series follows: "wire 3"; of a session its holder and operator. */
  readonly subject: string;
  readonly micrographs: readonly Micrograph[];
}

export type GalleryGrouping = "series" | "specimen" | "session";
export type GallerySort = "newest" | "name" | "state";

type Grouped = Pick<Gallery, "micrographs" | "series" | "specimens" | "sessions" | "pictures">;

/**
 * The micrographs under headings: by series, specimen or session, in the order the project lists them; what belongs to
 * none comes last. Members of a series stand in the order of their states, others newest first. Of a picture saved
 * several times the richest file stands for all within its group; the others are named on its card (`alsoSavedAs`).
 */
export function groupGallery(gallery: Grouped, by: GalleryGrouping = "series"): GalleryGroup[] {
  const left = new Map(gallery.micrographs.map((micrograph) => [micrograph.id, micrograph]));
  const groups: GalleryGroup[] = [];
  for (const { id, title, subject, members } of headingsOf(gallery, by)) {
    const found = members.flatMap((memberId) => left.get(memberId) ?? []);
    if (found.length === 0) continue;
    for (const member of found) left.delete(member.id);
    const ordered = by === "series" ? found.sort(byState) : found.sort(newestFirst);
    groups.push({ key: id, title, subject, micrographs: leadersOnly(ordered, gallery.pictures) });
  }
  const rest = [...left.values()].sort(newestFirst);
  if (rest.length > 0) {
    groups.push({
      key: "unsorted",
      title: groups.length > 0 ? restTitle[by] : "Micrographs",
      subject: "",
      micrographs: leadersOnly(rest, gallery.pictures),
    });
  }
  return groups;
}

const restTitle = { series: "Unsorted", specimen: "No specimen said", session: "No session said" } as const;

interface Heading {
  readonly id: string;
  readonly title: string;
  readonly subject: string;
  readonly members: readonly string[];
}

function headingsOf({ micrographs, series, specimens, sessions }: Grouped, by: GalleryGrouping): Heading[] {
  const idsOf = (belongs: (micrograph: Micrograph) => boolean) =>
    micrographs.filter(belongs).map(({ id }) => id);
  if (by === "series") {
    return series.map(({ id, name, objectName, micrographIds }) => ({
      ...{ id, title: name, subject: objectName, members: micrographIds },
    }));
  }
  if (by === "specimen") {
    return (specimens ?? []).map(({ id, name, form }) => ({
      ...{ id, title: name, subject: form ?? "", members: idsOf((one) => one.specimenId === id) },
    }));
  }
  return (sessions ?? []).map(({ id, instrument, holder, operator, startedAt }) => ({
    id,
    title: [startedAt, instrument].filter(Boolean).join(" · ") || "Session",
    subject: [holder, operator].filter(Boolean).join(" · "),
    members: idsOf((one) => one.sessionId === id),
  }));
}

/** Without those whose richer file stands in the same group. */
function leadersOnly(members: readonly Micrograph[], pictures: Gallery["pictures"]): readonly Micrograph[] {
  const here = new Set(members.map(({ id }) => id));
  const stoodFor = new Set(
    (pictures ?? [])
      .filter(({ leadId }) => here.has(leadId))
      .flatMap(({ others }) => others.map(({ micrographId }) => micrographId)),
  );
  return stoodFor.size === 0 ? members : members.filter(({ id }) => !stoodFor.has(id));
}

/** Other files of the same picture that a card stands for. */
export function alsoSavedAs(
  { pictures }: Pick<Gallery, "pictures">,
  micrographId: string,
): readonly { readonly micrographId: string; readonly fileName: string }[] {
  return pictures?.find(({ leadId }) => leadId === micrographId)?.others ?? [];
}

/** The micrographs beside one: its series, else the unsorted ones. What the strip shows and the step keys walk. */
export function neighboursOf(gallery: Grouped, micrographId: string): GalleryGroup | null {
  const lead = gallery.pictures?.find(({ others }) =>
    others.some((other) => other.micrographId === micrographId),
  );
  const groups = groupGallery(gallery);
  const holding = (sought: string) =>
    groups.find((group) => group.micrographs.some(({ id }) => id === sought));
  return holding(micrographId) ?? (lead && holding(lead.leadId)) ?? null;
}

/** What can be picked out of a gallery; contents by their own names. */
export type GalleryFilter = "all" | "uncalibrated" | "marked" | "unmarked" | "undescribed" | Content;

/** The groups with only the micrographs of a kind. `marks`: as the gallery counts them; not counted yet is unmarked. */
export function filterGroups(
  groups: readonly GalleryGroup[],
  filter: GalleryFilter,
  marks: Gallery["marks"],
): readonly GalleryGroup[] {
  if (filter === "all") return groups;
  const isMarked = ({ id }: Micrograph) => (marks[id]?.length ?? 0) > 0;
  const fits = (micrograph: Micrograph): boolean => {
    if (filter === "uncalibrated") return micrograph.calibration.state === "uncalibrated";
    if (filter === "marked") return isMarked(micrograph);
    if (filter === "unmarked") return !isMarked(micrograph);
    if (filter === "undescribed") return !micrograph.specimenId && !micrograph.sessionId && !micrograph.state;
    return micrograph.content === filter;
  };
  return groups
    .map((group) => ({ ...group, micrographs: group.micrographs.filter(fits) }))
    .filter(({ micrographs }) => micrographs.length > 0);
}

/**
 * The groups with only what was searched for: every word must stand in the name, the state, the group's heading, the
 * specimen, the detector or instrument, or begin a word of the vendor tags, whatever the case. By name, numbers count as
 * numbers; a series keeps the order of its states unless another is chosen.
 */
export function searchGroups(
  groups: readonly GalleryGroup[],
  words: string,
  sort: GallerySort,
  tags: TagSearchShape | null = null,
): readonly GalleryGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const inTags = new Map(tags?.matches.map((match) => [match.micrographId, match.words]));
  const isInTags = (id: string, word: string) => {
    const at = tags?.words.indexOf(word) ?? -1;
    return at >= 0 && inTags.get(id)?.includes(at) === true;
  };
  return groups
    .map((group) => {
      const found = group.micrographs.filter((micrograph) => {
        const text = textOf(micrograph, group);
        return wanted.every((word) => text.includes(word) || isInTags(micrograph.id, word));
      });
      if (sort === "name") found.sort(byName);
      if (sort === "state") found.sort(byState);
      return { ...group, micrographs: found };
    })
    .filter(({ micrographs }) => micrographs.length > 0);
}

function textOf({ name, state, content, acquisition }: Micrograph, group: GalleryGroup): string {
  const conditions = (state?.conditions ?? []).map(
    ({ quantity, value, unit }) => `${quantity} ${value} ${unit}`,
  );
  const known = [acquisition["instrument"], acquisition["detector"], acquisition["signal"]];
  return [
    ...[name, state?.label, group.title, group.subject, content],
    ...conditions,
    ...known.map((one) => one?.value),
  ]
    .filter((part) => part !== undefined)
    .join(" ")
    .toLowerCase();
}

const newestFirst = (a: Micrograph, b: Micrograph) =>
  b.createdAt.localeCompare(a.createdAt) || a.name.localeCompare(b.name);
const byName = (a: Micrograph, b: Micrograph) => a.name.localeCompare(b.name, undefined, { numeric: true });
/** What has no state stands behind what has one. */
function byState(a: Micrograph, b: Micrograph): number {
  if (a.state && b.state) return a.state.order - b.state.order;
  return (a.state ? 0 : 1) - (b.state ? 0 : 1);
}
