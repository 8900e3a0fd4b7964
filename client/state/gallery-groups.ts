import type { Gallery, Micrograph } from "#core/protocol/api/shapes.ts";

export interface GalleryGroup {
  readonly key: string;
  readonly title: string;
  /** What the series follows: "wire 3". */
  readonly subject: string;
  readonly micrographs: readonly Micrograph[];
}

/** Series first, their members in the order of their states; what belongs to none follows, newest first. */
export function groupGallery({
  micrographs,
  series,
}: Pick<Gallery, "micrographs" | "series">): GalleryGroup[] {
  const byId = new Map(micrographs.map((micrograph) => [micrograph.id, micrograph]));
  const groups: GalleryGroup[] = [];
  for (const { id, name, objectName, micrographIds } of series) {
    const members = micrographIds.flatMap((memberId) => byId.get(memberId) ?? []);
    if (members.length === 0) continue;
    for (const member of members) byId.delete(member.id);
    members.sort((a, b) => (a.state?.order ?? 0) - (b.state?.order ?? 0));
    groups.push({ key: id, title: name, subject: objectName, micrographs: members });
  }
  const rest = [...byId.values()].sort(
    (a, b) => b.createdAt.localeCompare(a.createdAt) || a.name.localeCompare(b.name),
  );
  if (rest.length > 0) {
    groups.push({
      key: "unsorted",
      title: groups.length > 0 ? "Unsorted" : "Micrographs",
      subject: "",
      micrographs: rest,
    });
  }
  return groups;
}

/** The micrographs beside one: its series, else the unsorted ones. What the strip shows and the step keys walk. */
export function neighboursOf(
  gallery: Pick<Gallery, "micrographs" | "series">,
  micrographId: string,
): GalleryGroup | null {
  return (
    groupGallery(gallery).find((group) => group.micrographs.some(({ id }) => id === micrographId)) ?? null
  );
}

export type GallerySort = "newest" | "name";

/**
 * The groups with only what was searched for: every word must stand in the name, the state's label, the series or its
 * object, whatever the case. By name, numbers count as numbers; a series keeps the order of its states.
 */
export function searchGroups(
  groups: readonly GalleryGroup[],
  words: string,
  sort: GallerySort,
): readonly GalleryGroup[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map((group) => {
      const found = group.micrographs.filter(({ name, state }) => {
        const text = `${name} ${state?.label ?? ""} ${group.title} ${group.subject}`.toLowerCase();
        return wanted.every((word) => text.includes(word));
      });
      if (group.key === "unsorted" && sort === "name") {
        found.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
      }
      return { ...group, micrographs: found };
    })
    .filter(({ micrographs }) => micrographs.length > 0);
}
