import type { z } from "zod";
import type { AnnotationKind, Outline, Ring, Scalar } from "./annotation.ts";

/** What a kind asks of its outline before anything may be drawn or measured. Counts are inclusive. */
export interface GeometryContract {
  readonly rings: readonly [min: number, max: number];
  /** Vertices of each ring. */
  readonly vertices: readonly [min: number, max: number];
  readonly closed: boolean;
  readonly holes: boolean;
}

export type Parameters = Readonly<Record<string, Scalar>>;

/** Brings parameters of the version before `to` up to `to`. Named in the kind's `versions`. */
export interface Migration {
  readonly to: number;
  readonly up: (parameters: Parameters) => Parameters;
}

export interface KindDefinition {
  readonly kind: AnnotationKind;
  readonly geometry: GeometryContract;
  readonly validator: z.ZodType<Parameters>;
  readonly version: number;
  readonly migrations: readonly Migration[];
}

/** No limit worth naming; the size of an update is limited by the room. */
export const anyNumber = Number.MAX_SAFE_INTEGER;

/** A coordinate farther out than this (image px) is a mistake, not a mark at the edge of a montage. */
export const farthestPx = 2 ** 24;

/** Why an outline breaks its kind's contract, as a sentence for people; undefined where it keeps it. */
export function geometryFault(contract: GeometryContract, outline: Outline): string | undefined {
  const { rings } = outline;
  if (!within(rings.length, contract.rings))
    return `expected ${range(contract.rings)} rings, found ${rings.length}`;
  for (const [index, ring] of rings.entries()) {
    const fault = ringFault(contract, ring, index);
    if (fault) return fault;
  }
  return undefined;
}

function ringFault(contract: GeometryContract, ring: Ring, index: number): string | undefined {
  const count = ring.vertices.length;
  if (!within(count, contract.vertices))
    return `expected ${range(contract.vertices)} vertices in ring ${index}, found ${count}`;
  if (ring.closed !== contract.closed)
    return `expected ring ${index} to be ${contract.closed ? "closed" : "open"}`;
  if (ring.hole && !contract.holes) return `expected no holes, ring ${index} is one`;
  if (ring.hole && index === 0) return "expected an outer ring before the first hole";
  for (const { x, y } of ring.vertices)
    if (!(Math.abs(x) <= farthestPx && Math.abs(y) <= farthestPx))
      return `expected coordinates within ±${farthestPx} px, found (${x}, ${y}) in ring ${index}`;
  return undefined;
}

function within(count: number, [min, max]: readonly [number, number]): boolean {
  return count >= min && count <= max;
}

function range([min, max]: readonly [number, number]): string {
  if (min === max) return `${min}`;
  return max === anyNumber ? `at least ${min}` : `${min} to ${max}`;
}
