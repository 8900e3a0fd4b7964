/** A lattice spacing that a picture may be calibrated with. */
export interface ReferenceSpacing {
  readonly id: string;
  readonly label: string;
  readonly spacingNm: number;
  /** Standard uncertainty for a bulk crystal; strain and composition of a thin film are not in it. */
  readonly uNm: number;
  readonly source: string;
}

/** d of a cubic cell: a/√(h² + k² + l²). */
export function cubicSpacing(a: number, h: number, k: number, l: number): number {
  return a / Math.hypot(h, k, l);
}

/** d of a hexagonal cell, or of a rhombohedral one in hexagonal axes: 1/d² = 4/3·(h² + hk + k²)/a² + l²/c². */
export function hexagonalSpacing(a: number, c: number, h: number, k: number, l: number): number {
  return 1 / Math.sqrt((4 / 3) * ((h * h + h * k + k * k) / (a * a)) + (l * l) / (c * c));
}

const powder = (card: string) => `cell of ICDD PDF ${card}`;
const antimony = { a: 0.4307, c: 1.1273 };

/**
 * What a group finds in its own pictures, computed from the cell (nm); a person may type any other.
 *
 * TiN: a runs from 0.421 to 0.425 nm with the nitrogen content, which is its uncertainty here.
 */
export const referenceSpacings: readonly ReferenceSpacing[] = [
  {
    id: "au-111",
    label: "Au 111",
    spacingNm: cubicSpacing(0.40786, 1, 1, 1),
    uNm: 0.00002,
    source: powder("04-0784"),
  },
  {
    id: "si-111",
    label: "Si 111",
    spacingNm: cubicSpacing(0.543102, 1, 1, 1),
    uNm: 0.00001,
    source: "CODATA 2018 lattice parameter",
  },
  {
    id: "ge-111",
    label: "Ge 111",
    spacingNm: cubicSpacing(0.56575, 1, 1, 1),
    uNm: 0.00002,
    source: powder("04-0545"),
  },
  {
    id: "ge-220",
    label: "Ge 220",
    spacingNm: cubicSpacing(0.56575, 2, 2, 0),
    uNm: 0.00001,
    source: powder("04-0545"),
  },
  {
    id: "tin-111",
    label: "TiN 111",
    spacingNm: cubicSpacing(0.4242, 1, 1, 1),
    uNm: 0.0006,
    source: powder("38-1420"),
  },
  {
    id: "tin-200",
    label: "TiN 200",
    spacingNm: cubicSpacing(0.4242, 2, 0, 0),
    uNm: 0.0005,
    source: powder("38-1420"),
  },
  {
    id: "sb-012",
    label: "Sb 012",
    spacingNm: hexagonalSpacing(antimony.a, antimony.c, 0, 1, 2),
    uNm: 0.0001,
    source: powder("35-0732"),
  },
  {
    id: "sb-104",
    label: "Sb 104",
    spacingNm: hexagonalSpacing(antimony.a, antimony.c, 1, 0, 4),
    uNm: 0.0001,
    source: powder("35-0732"),
  },
  {
    id: "c-002",
    label: "Graphite 002",
    spacingNm: 0.3354,
    uNm: 0.0002,
    source: "Franklin, Proc. R. Soc. A 209 (1951) 196",
  },
];
