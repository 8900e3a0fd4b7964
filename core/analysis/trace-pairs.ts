import type { Annotation, Frames } from "#core/schema/annotation.ts";

/** A substrate's trace with the film's pieces that face it. */
export interface TracePair {
  readonly substrate: Annotation;
  readonly film: readonly Annotation[];
  /** The gap mark that names the two, where there is one. */
  readonly gap: Annotation | null;
}

/**
 * Which traces are measured against each other.
 *
 * A gap mark names its two (`parameters.substrateTraceId`, `.filmTraceId`; a missing or deleted trace: no pair). The others
 * pair by `interfaceId`: each trace of the substrate's side (body substrate, else core) with all film pieces of the
 * same interface and object that share a frame with it. A pair named by a gap mark is not paired again.
 */
export function pairTraces(annotations: readonly Annotation[]): TracePair[] {
  const byId = new Map(annotations.map((a) => [a.id, a]));
  const named = annotations.flatMap((gap): TracePair[] => {
    if (gap.kind !== "gap") return [];
    const substrate = byId.get(String(gap.parameters.substrateTraceId));
    const film = byId.get(String(gap.parameters.filmTraceId));
    return isTrace(substrate) && isTrace(film) ? [{ substrate, film: [film], gap }] : [];
  });
  const namedPairs = new Set(named.map(({ substrate, film }) => `${substrate.id} ${film[0]!.id}`));
  const traces = annotations.filter((a) => a.kind === "interface-trace" && a.interfaceId !== null);
  const substrates = traces.filter(({ body }) => body === "substrate" || body === "core");
  const films = traces.filter(({ body }) => body === "film");
  const shared = substrates.flatMap((substrate): TracePair[] => {
    const film = films.filter(
      (f) =>
        f.interfaceId === substrate.interfaceId &&
        f.objectId === substrate.objectId &&
        framesMeet(f.frames, substrate.frames) &&
        !namedPairs.has(`${substrate.id} ${f.id}`),
    );
    return film.length > 0 ? [{ substrate, film, gap: null }] : [];
  });
  return [...named, ...shared];
}

function isTrace(annotation: Annotation | undefined): annotation is Annotation {
  return annotation?.kind === "interface-trace";
}

function framesMeet(a: Frames, b: Frames): boolean {
  return a === "all" || b === "all" || (a[0] <= b[1] && b[0] <= a[1]);
}
