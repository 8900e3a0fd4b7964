/** Cursor colours that stay apart for every eye and on grey pictures (after Okabe & Ito, lightened for dark grounds). */
const palette = [
  "#e69f00",
  "#56b4e9",
  "#2ec4a0",
  "#f0e442",
  "#5c9dff",
  "#ff7f50",
  "#d98cc0",
  "#b5e853",
  "#c3a6ff",
  "#ff9da7",
] as const;

/** Colour of the nth principal of an installation: neighbours in time differ. */
export function presenceColour(ordinal: number): string {
  return palette[ordinal % palette.length]!;
}
