import type { Annotation } from "#core/schema/annotation.ts";
import type { MarkGroup } from "./group-marks.ts";

/** One line of the list of marks: the heading of a group, or a mark below it. */
export type MarkListItem = HeadingItem | MarkItem;

interface HeadingItem {
  readonly is: "heading";
  readonly key: string;
  readonly group: MarkGroup;
}

interface MarkItem {
  readonly is: "mark";
  readonly key: string;
  readonly group: MarkGroup;
  readonly mark: Annotation;
  /** Which of its group it is, from 0. */
  readonly place: number;
}

/** Where an item stands, from the top of what scrolls. */
interface Extent {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** An item on the page; `above` is the room left for the items before it that are not. */
export type Shown<Item> = { readonly item: Item; readonly index: number; readonly above: number };

/** A group as far as it is on the page. */
export interface ShownGroup {
  readonly group: MarkGroup;
  readonly heading: Shown<HeadingItem> | null;
  readonly rows: readonly Shown<MarkItem>[];
}

export function markListItems(groups: readonly MarkGroup[]): readonly MarkListItem[] {
  const items: MarkListItem[] = [];
  for (const group of groups) {
    items.push({ is: "heading", key: headingKey(group), group });
    let place = 0;
    for (const mark of group.marks) items.push({ is: "mark", key: mark.id, group, mark, place: place++ });
  }
  return items;
}

export function headingKey(group: MarkGroup): string {
  return `heading ${group.key}`;
}

/** The items at some extents, in the order of the list, by group again; the list begins at `top`. */
export function shownGroups(
  items: readonly MarkListItem[],
  extents: readonly Extent[],
  top: number,
): readonly ShownGroup[] {
  const shown: { group: MarkGroup; heading: Shown<HeadingItem> | null; rows: Shown<MarkItem>[] }[] = [];
  let reached = top;
  for (const { index, start, end } of extents) {
    const item = items[index]!;
    const above = start - reached;
    reached = end;
    if (shown.at(-1)?.group !== item.group) shown.push({ group: item.group, heading: null, rows: [] });
    const last = shown.at(-1)!;
    if (item.is === "heading") last.heading = { item, index, above };
    else last.rows.push({ item, index, above });
  }
  return shown;
}
