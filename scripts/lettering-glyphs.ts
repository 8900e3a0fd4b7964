/**
 * Renders the letters that stand beside burnt-in scale bars in the fonts that instruments use (or their metric twins:
 * Liberation for Arial, Times and Courier, Carlito for Calibri) and writes core/burnt-in/glyphs.ts.
 * Run by hand where those fonts are installed; the result is kept.
 */
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import { type BoxedGlyph, boxGlyph, correlation } from "#core/burnt-in/glyph-box.ts";

const characters = [..."0123456789nmµupÅ/"];
const fonts = [
  "Liberation Sans",
  "Liberation Sans Bold",
  "Liberation Sans Narrow",
  "Liberation Serif",
  "Liberation Serif Bold",
  "Liberation Mono",
  "DejaVu Sans",
  "DejaVu Sans Bold",
  "DejaVu Sans Mono",
  "Roboto",
  "Roboto Bold",
  "Open Sans",
  "Carlito",
  "Carlito Bold",
  "FreeSans",
  "Noto Sans Mono",
];
/** Two drawings of a letter that agree this well are one. */
const alike = 0.975;

const lines: string[] = [];
for (const character of characters) {
  const kept: BoxedGlyph[] = [];
  for (const font of fonts) {
    const { data, info } = await sharp({ text: { text: character, font: `${font} 40`, dpi: 144 } })
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const plane = { width: info.width, height: info.height, values: new Uint8Array(data) };
    let [x0, y0, x1, y1] = [info.width, info.height, 0, 0];
    plane.values.forEach((v, i) => {
      if (v < 128) return;
      const [x, y] = [i % info.width, Math.floor(i / info.width)];
      [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
    });
    const glyph = boxGlyph(plane, { x0, y0, x1, y1 });
    const known = kept.some(
      (k) => correlation(k.ink, glyph.ink) > alike && Math.abs(Math.log(k.aspect / glyph.aspect)) < 0.12,
    );
    if (known) continue;
    kept.push(glyph);
    const ink = Array.from(glyph.ink, (v) => Math.round(v * 15).toString(16)).join("");
    lines.push(`${character} ${glyph.aspect.toFixed(2)} ${ink}`);
  }
}

await writeFile(
  new URL("../core/burnt-in/glyphs.ts", import.meta.url),
  `// Written by scripts/lettering-glyphs.ts: a letter, its width over its height, and its ink in a box of 10 × 14, 0-f.
const drawn = \`
${lines.join("\n")}
\`;

export const glyphs: readonly (readonly [character: string, aspect: number, ink: string])[] = drawn
  .trim()
  .split("\\n")
  .map((line) => line.split(" "))
  .map(([character, aspect, ink]) => [character!, Number(aspect), ink!]);
`,
);
console.log(`${lines.length} glyphs`);
