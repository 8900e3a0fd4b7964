import Flatbush from "flatbush";
import { interfaceReport } from "#core/analysis/interface-report.ts";
import type { Point } from "#core/geometry/point.ts";
import { createPolyline, type Polyline } from "#core/geometry/polyline.ts";
import { SegmentHierarchy } from "#core/geometry/segment-hierarchy.ts";
import { gapNormal } from "#core/measurement/gap-normal.ts";
import { createRandom, type Random } from "#core/random/generator.ts";
import { piecesOfStations, profileStatistics } from "#core/statistics/profile.ts";
import type { Bench, BenchRow } from "./bench.ts";

// Gap between two wavy boundaries: the box hierarchy along the line beside what one would write without it.

const seed = 11;
const rounds = 5;

/** A boundary of n vertices, 1 px apart on average, unevenly spaced, wandering about y. */
function boundary(n: number, y: number, random: Random): Point[] {
  const phase = random() * 6;
  return Array.from({ length: n }, (_, i) => {
    const x = i + (i === 0 || i === n - 1 ? 0 : 0.8 * (random() - 0.5));
    return { x, y: y + 40 * Math.sin(x / 700 + phase) + 8 * Math.sin(x / 61) + 0.4 * random() };
  });
}

function bestOf(run: () => void, times = rounds): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function nearestByHierarchy(from: Polyline, to: Polyline): Float64Array {
  const index = new SegmentHierarchy(to);
  return from.x.map((x, i) => index.nearest(x, from.y[i]!).distance);
}

function nearestByBruteForce(from: Polyline, to: Polyline, every: number): Float64Array {
  const samples = Math.ceil(from.x.length / every);
  return Float64Array.from({ length: samples }, (_, k) => {
    const x = from.x[k * every]!;
    const y = from.y[k * every]!;
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < to.x.length; i++) best = Math.min(best, squaredDistance(to, i, x, y));
    return Math.sqrt(best);
  });
}

/** Exact with Flatbush: ask for twice as many nearest boxes until the farthest box is farther than the best segment. */
function nearestByFlatbush(from: Polyline, to: Polyline): Float64Array {
  const tree = new Flatbush(to.x.length - 1);
  for (let i = 0; i + 1 < to.x.length; i++) {
    tree.add(
      Math.min(to.x[i]!, to.x[i + 1]!),
      Math.min(to.y[i]!, to.y[i + 1]!),
      Math.max(to.x[i]!, to.x[i + 1]!),
      Math.max(to.y[i]!, to.y[i + 1]!),
    );
  }
  tree.finish();
  return from.x.map((x, k) => {
    const y = from.y[k]!;
    for (let count = 4; ; count *= 2) {
      const boxes = tree.neighbors(x, y, count);
      const best = boxes.reduce(
        (d, i) => Math.min(d, squaredDistance(to, i, x, y)),
        Number.POSITIVE_INFINITY,
      );
      const last = boxes.at(-1)!;
      const dx = Math.max(
        Math.min(to.x[last]!, to.x[last + 1]!) - x,
        0,
        x - Math.max(to.x[last]!, to.x[last + 1]!),
      );
      const dy = Math.max(
        Math.min(to.y[last]!, to.y[last + 1]!) - y,
        0,
        y - Math.max(to.y[last]!, to.y[last + 1]!),
      );
      if (dx * dx + dy * dy >= best || boxes.length < count) return Math.sqrt(best);
    }
  });
}

function squaredDistance(line: Polyline, i: number, x: number, y: number): number {
  const ux = line.x[i + 1]! - line.x[i]!;
  const uy = line.y[i + 1]! - line.y[i]!;
  const raw = ((x - line.x[i]!) * ux + (y - line.y[i]!) * uy) / (ux * ux + uy * uy);
  const t = raw < 0 ? 0 : raw > 1 ? 1 : raw;
  return (x - line.x[i]! - t * ux) ** 2 + (y - line.y[i]! - t * uy) ** 2;
}

function largestDifference(a: Float64Array, b: Float64Array, every = 1): number {
  return b.reduce((worst, v, k) => Math.max(worst, Math.abs(v - a[k * every]!)), 0);
}

async function run(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const add = (name: string, value: number, unit = "ms") =>
    rows.push({ case: name, value: Number(value.toPrecision(3)), unit });

  for (const n of [1_000, 10_000, 100_000]) {
    const random = createRandom(seed);
    const a = createPolyline(boundary(n, 0, random));
    const b = createPolyline(boundary(n, 300, random));
    const label = `nearest ${n} x ${n}`;
    const own = bestOf(() => nearestByHierarchy(a, b));
    const flat = bestOf(() => nearestByFlatbush(a, b), n > 10_000 ? 1 : 3);
    // Brute force is quadratic: at 1e5 a hundredth of the samples is run, and the figure is that times 100.
    const every = n > 10_000 ? 100 : 1;
    const brute = bestOf(() => nearestByBruteForce(a, b, every), n > 1_000 ? 1 : 3) * every;
    const exact = nearestByHierarchy(a, b);
    add(`${label}: box hierarchy`, own);
    add(`${label}: Flatbush neighbours`, flat);
    add(`${label}: brute force${every > 1 ? " (extrapolated)" : ""}`, brute);
    add(`${label}: hierarchy against Flatbush`, flat / own, "x");
    add(
      `${label}: largest difference to brute force`,
      largestDifference(exact, nearestByBruteForce(a, b, every), every),
      "px",
    );
    add(`${label}: largest difference to Flatbush`, largestDifference(exact, nearestByFlatbush(a, b)), "px");
  }

  for (const n of [1_000, 10_000]) {
    const random = createRandom(seed);
    const substrate = boundary(n, 0, random);
    const film = boundary(n, 300, random);
    add(
      `gap of ${n} vertices, normal method with statistics`,
      bestOf(() => {
        const line = createPolyline(substrate);
        const profile = gapNormal(line, [new SegmentHierarchy(createPolyline(film))], {
          step: 1,
          chordHalfWindow: 2,
        });
        profileStatistics(piecesOfStations(profile.s, profile.gap, profile.step));
      }),
    );
    add(
      `interface report of ${n} vertices (both methods, intervals, sensitivity)`,
      bestOf(() => {
        const report = interfaceReport({
          substrate,
          film: [film],
          calibration: { state: "uncalibrated", reason: "bench" },
          options: { method: "normal", seed },
        });
        if (!report.ok) throw new Error(report.message);
      }),
    );
  }
  return rows;
}

export const bench: Bench = { name: "measurement", run };
