/** A stream of uniform numbers in [0, 1). Passed in wherever chance is needed, never global, so that a seed repeats a run. */
export type Random = () => number;

/**
 * xoshiro128** seeded through SplitMix32: small, fast, passes BigCrush; period 2^128 - 1.
 *
 * @param seed any integer; only its low 32 bits count
 * @returns uniform doubles in [0, 1) with 32 bits of resolution
 * Source: Blackman & Vigna, ACM Trans. Math. Softw. 47 (2021) 36.
 */
export function createRandom(seed: number): Random {
  let mix = seed | 0;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = next();
  let b = next();
  let c = next();
  let d = next();
  return () => {
    const x = Math.imul(b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result / 0x100000000;
  };
}

/** Standard normal deviates by the polar method (Marsaglia & Bray 1964), from any uniform stream. */
export function createNormal(random: Random): Random {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * random() - 1;
      const v = 2 * random() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const f = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * f;
        return u * f;
      }
    }
  };
}
