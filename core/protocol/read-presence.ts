import type { Draft, PresenceState, PresenceUser, SharedDisplay } from "./presence.ts";

/** Every field that is looked for, in whatever form it came. */
type Unknown = {
  readonly [Key in
    | keyof PresenceState
    | keyof PresenceUser
    | keyof SharedDisplay
    | keyof NonNullable<SharedDisplay["window"]>
    | ("x" | "y" | "width" | "type" | "kind" | "annotationIds" | "affine" | "rings" | "xy")]?: unknown;
};

/**
 * An awareness state as it came from another browser, with only what can be shown: whatever has another form than
 * `PresenceState` says is left out, and the rest stands. Never throws: one odd neighbour must not stop anybody's picture.
 */
export function readPresence(state: unknown): PresenceState {
  if (!isRecord(state)) return {};
  const { user, cursor, viewport, selection, frame, laser, following, presenting, display, draft } = state;
  return {
    ...(isUser(user) && { user }),
    ...(isPlace(cursor) && { cursor: { x: cursor.x, y: cursor.y, frame: Number(cursor.frame) || 0 } }),
    ...(isPlace(viewport) &&
      isNumber(viewport.width) &&
      viewport.width > 0 && { viewport: { x: viewport.x, y: viewport.y, width: viewport.width } }),
    ...(isStrings(selection) && { selection }),
    ...(Number.isSafeInteger(frame) && (frame as number) >= 0 && { frame: frame as number }),
    ...(laser === true && { laser }),
    ...(Number.isSafeInteger(following) && { following: following as number }),
    ...(presenting === true && { presenting }),
    ...(isDisplay(display) && { display }),
    ...(isDraft(draft) && { draft }),
  };
}

const isRecord = (value: unknown): value is Unknown => typeof value === "object" && value !== null;
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");

function isPlace(value: unknown): value is Unknown & { readonly x: number; readonly y: number } {
  return isRecord(value) && isNumber(value.x) && isNumber(value.y);
}

function isUser(value: unknown): value is PresenceUser {
  return (
    isRecord(value) &&
    [value.principalId, value.name, value.colour].every((field) => typeof field === "string")
  );
}

function isDisplay(value: unknown): value is NonNullable<PresenceState["display"]> {
  if (!isRecord(value) || typeof value.signal !== "string") return false;
  const window = value.window;
  if (window === null) return true;
  if (!isRecord(window)) return false;
  const { low, high, gamma, invert, colourMap } = window;
  const ordered = isNumber(low) && isNumber(high) && low < high && isNumber(gamma) && gamma > 0;
  return ordered && typeof invert === "boolean" && typeof colourMap === "string";
}

function isDraft(value: unknown): value is Draft {
  if (!isRecord(value)) return false;
  if (value.type === "transform") {
    const affine = value.affine;
    return (
      isStrings(value.annotationIds) && Array.isArray(affine) && affine.length === 6 && affine.every(isNumber)
    );
  }
  const rings = value.rings;
  return (
    value.type === "shape" &&
    typeof value.kind === "string" &&
    Array.isArray(rings) &&
    rings.every(
      (ring) =>
        isRecord(ring) && Array.isArray(ring.xy) && ring.xy.length % 2 === 0 && ring.xy.every(isNumber),
    )
  );
}
