const colours = 256;

/**
 * A palette as text: six hexadecimal digits a colour, in the order of its entries.
 *
 * @param palette red, green, blue of each entry, 0-255
 */
export function paletteText(palette: Uint8Array): string {
  return Array.from(palette, (value) => value.toString(16).padStart(2, "0")).join("");
}

/** The palette of such a text, for every value of a byte: 256 triples. */
export function paletteOfText(text: string): Uint8Array {
  const stored = Uint8Array.from({ length: text.length >> 1 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
  return wholePalette(stored);
}

/** A palette of any length as 256 triples; entries that a file leaves out are black, as nothing refers to them. */
export function wholePalette(palette: ArrayLike<number>): Uint8Array {
  const whole = new Uint8Array(colours * 3);
  whole.set(Array.from(palette).slice(0, whole.length));
  return whole;
}
