/**
 * COCO's run-length masks: column-major runs, zeros first. `size` is [height, width].
 *
 * Rings are rasterised with the rule of COCO's own mask code: edges upsampled five times, crossings rounded to pixel
 * rows, pixel i covers [i, i+1]. Several rings combine by even-odd, so a ring within another is a hole.
 * Source: the mask API of the COCO tools (Lin et al. 2014), whose published results the tests hold.
 */
export interface RunLengthMask {
  readonly size: readonly [height: number, width: number];
  readonly counts: readonly number[];
}

const upsampling = 5;

/**
 * @param rings each a flat list x0, y0, x1, y1 … in image px, at least three points, first point not repeated
 */
export function maskOfRings(
  rings: readonly (readonly number[])[],
  width: number,
  height: number,
): RunLengthMask {
  const crossings: number[] = [];
  for (const ring of rings) addCrossings(ring, width, height, crossings);
  crossings.push(width * height);
  crossings.sort((a, b) => a - b);
  const counts: number[] = [];
  let previous = 0;
  const runs = crossings.map((crossing) => {
    const run = crossing - previous;
    previous = crossing;
    return run;
  });
  // A run of length 0 within the list joins its neighbours: two crossings at one place cancel.
  let i = 0;
  counts.push(runs[i++]!);
  while (i < runs.length) {
    if (runs[i]! > 0) counts.push(runs[i++]!);
    else {
      i++;
      if (i < runs.length) counts[counts.length - 1]! += runs[i++]!;
    }
  }
  return { size: [height, width], counts };
}

function addCrossings(ring: readonly number[], width: number, height: number, crossings: number[]): void {
  const n = ring.length / 2;
  const xs = Array.from({ length: n + 1 }, (_, j) => Math.trunc(upsampling * ring[2 * (j % n)]! + 0.5));
  const ys = Array.from({ length: n + 1 }, (_, j) => Math.trunc(upsampling * ring[2 * (j % n) + 1]! + 0.5));
  const u: number[] = [];
  const v: number[] = [];
  for (let j = 0; j < n; j++) {
    let [xStart, xEnd, yStart, yEnd] = [xs[j]!, xs[j + 1]!, ys[j]!, ys[j + 1]!];
    const dx = Math.abs(xEnd - xStart);
    const dy = Math.abs(yEnd - yStart);
    const flip = (dx >= dy && xStart > xEnd) || (dx < dy && yStart > yEnd);
    if (flip) [xStart, xEnd, yStart, yEnd] = [xEnd, xStart, yEnd, yStart];
    const slope = dx >= dy ? (dx === 0 ? 0 : (yEnd - yStart) / dx) : (xEnd - xStart) / dy;
    const steps = Math.max(dx, dy);
    for (let d = 0; d <= steps; d++) {
      const t = flip ? steps - d : d;
      if (dx >= dy) {
        u.push(t + xStart);
        v.push(Math.trunc(yStart + slope * t + 0.5));
      } else {
        v.push(t + yStart);
        u.push(Math.trunc(xStart + slope * t + 0.5));
      }
    }
  }
  for (let j = 1; j < u.length; j++) {
    if (u[j] === u[j - 1]) continue;
    const x = (Math.min(u[j]!, u[j]! < u[j - 1]! ? u[j]! : u[j]! - 1) + 0.5) / upsampling - 0.5;
    if (Math.floor(x) !== x || x < 0 || x > width - 1) continue;
    const y = Math.ceil(Math.min(height, Math.max(0, (Math.min(v[j]!, v[j - 1]!) + 0.5) / upsampling - 0.5)));
    crossings.push(x * height + y);
  }
}

export function maskArea(mask: RunLengthMask): number {
  let area = 0;
  for (let i = 1; i < mask.counts.length; i += 2) area += mask.counts[i]!;
  return area;
}

/** [x, y, width, height] of the set pixels; all zero for an empty mask. */
export function maskBox(mask: RunLengthMask): [number, number, number, number] {
  const height = mask.size[0];
  let [left, top, right, bottom] = [mask.size[1], height, 0, 0];
  let at = 0;
  mask.counts.forEach((run, i) => {
    if (i % 2 === 1 && run > 0) {
      const last = at + run - 1;
      const [c0, c1] = [Math.floor(at / height), Math.floor(last / height)];
      left = Math.min(left, c0);
      right = Math.max(right, c1 + 1);
      top = c0 === c1 ? Math.min(top, at % height) : 0;
      bottom = c0 === c1 ? Math.max(bottom, (last % height) + 1) : height;
    }
    at += run;
  });
  return right > left ? [left, top, right - left, bottom - top] : [0, 0, 0, 0];
}

/** The compressed string: five bits a character from "0", differences to the count two before from the fourth on. */
export function encodeCounts(counts: readonly number[]): string {
  let text = "";
  counts.forEach((count, i) => {
    let x = i > 2 ? count - counts[i - 2]! : count;
    for (let more = true; more; ) {
      let c = x & 0x1f;
      x >>= 5;
      more = c & 0x10 ? x !== -1 : x !== 0;
      if (more) c |= 0x20;
      text += String.fromCharCode(c + 48);
    }
  });
  return text;
}

/** Counts of a compressed string. @throws RangeError when a character lies outside "0" … "o" or the string ends early */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  for (let p = 0; p < text.length; ) {
    let x = 0;
    for (let k = 0, more = true; more; k++, p++) {
      const c = text.charCodeAt(p) - 48;
      if (!(c >= 0 && c < 64) || k > 6)
        throw new RangeError(`Expected COCO run-length text, received "${text.slice(0, 40)}".`);
      x |= (c & 0x1f) << (5 * k);
      more = (c & 0x20) !== 0;
      if (!more && c & 0x10) x |= -1 << (5 * (k + 1));
    }
    if (counts.length > 2) x += counts[counts.length - 2]!;
    counts.push(x);
  }
  return counts;
}

/** The mask of everything outside `mask`. */
export function invertMask(mask: RunLengthMask): RunLengthMask {
  const counts = mask.counts[0] === 0 ? mask.counts.slice(1) : [0, ...mask.counts];
  return { size: mask.size, counts: counts.length > 0 ? counts : [mask.size[0] * mask.size[1]] };
}
