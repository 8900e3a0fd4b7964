import type { VendorTags } from "./tiff-vendor-tags.ts";

const secondsPerUnit: ReadonlyMap<string, number> = new Map(
  Object.entries({
    s: 1,
    sec: 1,
    second: 1,
    seconds: 1,
    ms: 1e-3,
    msec: 1e-3,
    µs: 1e-6,
    min: 60,
    minute: 60,
    minutes: 60,
    h: 3600,
    hour: 3600,
  }),
);

/**
 * When the pages of a stack were taken, seconds from the first: OME's DeltaT of each plane, as irregular as it is; or
 * ImageJ's frame interval, where every page is a frame in time. undefined where the file says neither, or something that
 * falls.
 */
export function tiffFrameTimes(
  { description, imageJ }: Pick<VendorTags, "description" | "imageJ">,
  frames: number,
): readonly number[] | undefined {
  if (frames < 2) return undefined;
  const times = omeTimes(description, frames) ?? imageJTimes(imageJ, frames);
  const first = times?.[0];
  if (!times || first === undefined) return undefined;
  const fromFirst = times.map((time) => Math.round((time - first) * 1e9) / 1e9);
  return fromFirst.every((time, i) => Number.isFinite(time) && (i === 0 || time >= fromFirst[i - 1]!))
    ? fromFirst
    : undefined;
}

const attributesOf = (element: string) =>
  Object.fromEntries([...element.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!]));

/** Planes are numbered by z, channel and time; pages lie in the order that Pixels names, the first of it fastest. */
function omePlanes(description: string | undefined) {
  if (!description || !/<(?:\w+:)?OME[\s>]/.test(description)) return undefined;
  const pixels = attributesOf(/<(?:\w+:)?Pixels\s([^>]*)>/.exec(description)?.[1] ?? "");
  const order = (pixels.DimensionOrder ?? "XYCZT").slice(2);
  const size = (axis: string) => Math.max(1, Number(pixels[`Size${axis}`] ?? 1));
  return { order, size };
}

const axisWords: Readonly<Record<string, readonly [one: string, several: string]>> = {
  C: ["channel", "channels"],
  Z: ["depth", "depths"],
  T: ["time", "times"],
};

/** What the frames of an OME-TIFF are, where they are not steps of one kind: shown in the file's order, as a stack. */
export function omeOrderWords(description: string | undefined, frames: number): string | undefined {
  const planes = omePlanes(description);
  const axes = [...(planes?.order ?? "")].filter((axis) => axisWords[axis] && planes!.size(axis) > 1);
  const all = axes.reduce((product, axis) => product * planes!.size(axis), 1);
  if (all !== frames || (axes.length < 2 && axes[0] !== "C")) return undefined;
  const counts = axes.map((axis) => `${planes!.size(axis)} ${axisWords[axis]![1]}`).join(" × ");
  return `The ${frames} frames are ${counts}, the ${axisWords[axes[0]!]![0]} changing first.`;
}

function omeTimes(description: string | undefined, frames: number): number[] | undefined {
  const planes = omePlanes(description);
  if (!description || !planes) return undefined;
  const { order, size } = planes;
  const times = new Array<number>(frames).fill(Number.NaN);
  for (const [, text] of description.matchAll(/<(?:\w+:)?Plane\s([^>]*?)\/?>/g)) {
    const plane = attributesOf(text!);
    const perUnit = secondsPerUnit.get(plane.DeltaTUnit ?? "s");
    if (plane.DeltaT === undefined || perUnit === undefined) return undefined;
    let [page, stride] = [0, 1];
    for (const axis of order) {
      page += Number(plane[`The${axis}`] ?? 0) * stride;
      stride *= size(axis);
    }
    if (page >= 0 && page < frames) times[page] = Number(plane.DeltaT) * perUnit;
  }
  return times.some(Number.isNaN) ? undefined : times;
}

function imageJTimes(imageJ: VendorTags["imageJ"], frames: number): number[] | undefined {
  const interval = Number(imageJ?.finterval);
  const perUnit = secondsPerUnit.get((imageJ?.tunit ?? "sec").toLowerCase());
  const each = Number(imageJ?.frames ?? Number.NaN) === frames;
  if (!(interval > 0) || perUnit === undefined || !each) return undefined;
  return Array.from({ length: frames }, (_, frame) => frame * interval * perUnit);
}
