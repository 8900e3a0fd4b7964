import type { DescribedImage } from "./group-micrographs.ts";

/** What whoever looks at a complex picture must know of its values. */
export function complexNotes({ title, complex }: DescribedImage): readonly string[] {
  return complex ? [`${title}: the pixels are complex numbers; shown and measured is their modulus.`] : [];
}

/** @param histogram of the finite values alone */
export function nonFiniteNotes(
  title: string,
  nonFiniteCount: number,
  histogram: readonly number[],
): readonly string[] {
  if (nonFiniteCount === 0) return [];
  if (histogram.every((count) => count === 0))
    return [`${title}: not one pixel is a finite number. There is nothing to show or to measure.`];
  const pixels =
    nonFiniteCount === 1
      ? "1 pixel is not a finite number"
      : `${nonFiniteCount} pixels are not finite numbers`;
  return [`${title}: ${pixels}; statistics and contrast are those of the others.`];
}
