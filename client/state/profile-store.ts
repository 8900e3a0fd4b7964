import { create } from "zustand";
import type { Point } from "#core/geometry/point.ts";

export const profileWidthPx = { least: 1, most: 1000 } as const;

interface ProfileState {
  /** Width of the next profile line, image px: the lines averaged across it. */
  readonly widthPx: number;
  /** A measurement line's profile was asked for as well: its mark. */
  readonly askedFor: string | null;
  /** The mark whose profile was put away. */
  readonly dismissed: string | null;
  /** Place of the plot's cursor on the picture: across the strip, from end to end. */
  readonly place: { readonly from: Point; readonly to: Point } | null;
  setWidth(widthPx: number): void;
  ask(markId: string): void;
  dismiss(markId: string | null): void;
  setPlace(place: ProfileState["place"]): void;
}

export const useProfileStore = create<ProfileState>()((set) => ({
  widthPx: 1,
  askedFor: null,
  dismissed: null,
  place: null,
  setWidth: (widthPx) => set({ widthPx: boundedWidth(widthPx) }),
  ask: (askedFor) => set({ askedFor, dismissed: null }),
  dismiss: (dismissed) => set({ dismissed, askedFor: null, place: null }),
  setPlace: (place) => set({ place }),
}));

/** A width somebody typed or a mark carries, as it is used. */
export function boundedWidth(widthPx: number): number {
  return Math.min(profileWidthPx.most, Math.max(profileWidthPx.least, Math.round(widthPx) || 1));
}
