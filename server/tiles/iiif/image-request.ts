/** A rectangle of the full image, px. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What an address of the IIIF Image API 3.0 asks for, worked out for one image. */
export interface ImageRequest {
  readonly region: Region;
  /** Of the answer before it is turned. */
  readonly width: number;
  readonly height: number;
  readonly mirrored: boolean;
  /** Clockwise. */
  readonly degrees: number;
  readonly quality: "default" | "color" | "gray" | "bitonal";
  readonly format: "jpg" | "png";
}

/** Largest answer; a bigger one comes as several regions. */
export const imageLimits = { maxWidth: 16_384, maxHeight: 16_384, maxArea: 2 ** 24 } as const;

export type Asked = Readonly<Record<"region" | "size" | "rotation" | "quality" | "format", string>>;

/** The four parts of an image address are understood, but do not make a request; the message says why. */
export class ImageRequestError extends Error {}

const decimal = String.raw`\d{1,9}(?:\.\d{1,9})?`;

/**
 * Section 4 of the specification, all of level 2, with upscaling, mirroring and any angle besides.
 *
 * @throws ImageRequestError to be answered with 400
 */
export function readImageRequest(asked: Asked, imageWidth: number, imageHeight: number): ImageRequest {
  const region = readRegion(asked.region, imageWidth, imageHeight);
  return {
    region,
    ...readSize(asked.size, region),
    ...readRotation(asked.rotation),
    quality: oneOf(asked.quality, ["default", "color", "gray", "bitonal"], "quality"),
    format: oneOf(asked.format, ["jpg", "png"], "format"),
  };
}

/** The one address among all that ask for the same (section 4.7). */
export function canonicalAddress(
  { region, width, height, mirrored, degrees, quality, format }: ImageRequest,
  imageWidth: number,
  imageHeight: number,
): string {
  const { x, y } = region;
  const full = x === 0 && y === 0 && region.width === imageWidth && region.height === imageHeight;
  const where = full ? "full" : [x, y, region.width, region.height].join(",");
  const larger = width > region.width || height > region.height ? "^" : "";
  const size = width === region.width && height === region.height ? "max" : `${larger}${width},${height}`;
  return `${where}/${size}/${mirrored ? "!" : ""}${degrees}/${quality}.${format}`;
}

function readRegion(text: string, imageWidth: number, imageHeight: number): Region {
  if (text === "full") return { x: 0, y: 0, width: imageWidth, height: imageHeight };
  if (text === "square") {
    const side = Math.min(imageWidth, imageHeight);
    return { x: (imageWidth - side) >> 1, y: (imageHeight - side) >> 1, width: side, height: side };
  }
  const percent = new RegExp(`^pct:(${decimal}),(${decimal}),(${decimal}),(${decimal})$`).exec(text);
  const pixels = /^(\d{1,9}),(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(text);
  if (!percent && !pixels) throw refuse("region", text, "full, square, x,y,w,h or pct:x,y,w,h");
  const given = (percent ?? pixels)!.slice(1).map(Number) as [number, number, number, number];
  const of = (value: number, whole: number) => (percent ? Math.round((value * whole) / 100) : value);
  const x = of(given[0], imageWidth);
  const y = of(given[1], imageHeight);
  // What sticks out is cut off.
  const width = Math.min(of(given[2], imageWidth), imageWidth - x);
  const height = Math.min(of(given[3], imageHeight), imageHeight - y);
  if (width <= 0 || height <= 0) throw refuse("region", text, `a part of ${imageWidth} × ${imageHeight} px`);
  return { x, y, width, height };
}

function readSize(text: string, { width: w, height: h }: Region): { width: number; height: number } {
  const { maxWidth, maxHeight, maxArea } = imageLimits;
  const mayGrow = text.startsWith("^");
  const asked = mayGrow ? text.slice(1) : text;
  const largest = Math.min(maxWidth / w, maxHeight / h, Math.sqrt(maxArea / (w * h)));
  // Rounded down, so that the largest answer stays within its limits.
  const scaled = (factor: number, round: (v: number) => number = Math.round) => ({
    width: Math.max(1, round(w * factor)),
    height: Math.max(1, round(h * factor)),
  });
  if (asked === "max") {
    return mayGrow || largest < 1 ? scaled(largest, Math.floor) : { width: w, height: h };
  }

  const percent = new RegExp(`^pct:(${decimal})$`).exec(asked);
  const sides = /^(!?)(\d{0,9}),(\d{0,9})$/.exec(asked);
  let size: { width: number; height: number };
  if (percent) size = scaled(Number(percent[1]) / 100);
  else if (
    sides &&
    (sides[2] !== "" || sides[3] !== "") &&
    (!sides[1] || (sides[2] !== "" && sides[3] !== ""))
  ) {
    const width = Number(sides[2]);
    const height = Number(sides[3]);
    if (sides[1]) {
      const fitting = Math.min(width / w, height / h);
      const most = Math.min(largest, mayGrow ? Number.POSITIVE_INFINITY : 1);
      // The side that decides is exactly what was asked for, whatever rounding makes of the other.
      size = fitting <= most ? scaled(fitting) : scaled(most, Math.floor);
      if (width === 0 || height === 0) size = { width: 0, height: 0 };
    } else if (sides[3] === "") size = { width, height: Math.max(1, Math.round((width * h) / w)) };
    else if (sides[2] === "") size = { width: Math.max(1, Math.round((height * w) / h)), height };
    else size = { width, height };
  } else throw refuse("size", text, "max, w, or ,h or w,h or !w,h or pct:n, with ^ before it to enlarge");

  if (size.width === 0 || size.height === 0 || percent?.[1]?.match(/^0*(\.0*)?$/))
    throw refuse("size", text, "at least one pixel");
  if (!mayGrow && (size.width > w || size.height > h)) {
    throw refuse("size", text, `at most ${w} × ${h} px, or ^ before it to enlarge`);
  }
  if (size.width > maxWidth || size.height > maxHeight || size.width * size.height > maxArea) {
    throw refuse("size", text, `at most ${maxWidth} px a side and ${maxArea} px in all`);
  }
  return size;
}

function readRotation(text: string): { mirrored: boolean; degrees: number } {
  const match = new RegExp(`^(!?)(${decimal})$`).exec(text);
  const degrees = Number(match?.[2]);
  if (!match || degrees > 360) throw refuse("rotation", text, "0 to 360, with ! before it to mirror");
  return { mirrored: match[1] === "!", degrees: degrees % 360 };
}

function oneOf<Choice extends string>(text: string, choices: readonly Choice[], part: string): Choice {
  const found = choices.find((choice) => choice === text);
  if (!found) throw refuse(part, text, choices.join(", "));
  return found;
}

function refuse(part: string, text: string, expected: string): ImageRequestError {
  return new ImageRequestError(`Expected as ${part} ${expected}; got "${text.slice(0, 60)}".`);
}
