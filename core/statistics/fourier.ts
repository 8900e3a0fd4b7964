/**
 * Two-dimensional complex Fourier transform of a square grid, in place, radix 2.
 *
 * Sign and scale: forward is Σ f·exp(-2πi·kx/n) without a factor; inverse divides by n². Frequencies follow the usual
 * order 0 … n/2-1, -n/2 … -1 (see `frequency`). Rows are transformed, the grid transposed, rows again, and transposed
 * back, so that memory is read in order.
 *
 * Limits: n a power of two; 2 × 8·n² bytes for the two arrays of the caller.
 * Source: Cooley & Tukey, Math. Comput. 19 (1965) 297.
 */
export class SquareFourier {
  readonly side: number;
  readonly #cosine: Float64Array;
  readonly #sine: Float64Array;
  readonly #reversed: Uint32Array;

  /** @throws RangeError when `side` is not a power of two */
  constructor(side: number) {
    if (side < 2 || (side & (side - 1)) !== 0) {
      throw new RangeError(`Expected the side of a Fourier grid to be a power of two, received ${side}.`);
    }
    this.side = side;
    this.#cosine = Float64Array.from({ length: side / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / side));
    this.#sine = Float64Array.from({ length: side / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / side));
    const bits = Math.log2(side);
    this.#reversed = Uint32Array.from({ length: side }, (_, i) => {
      let r = 0;
      for (let b = 0; b < bits; b++) r |= ((i >> b) & 1) << (bits - 1 - b);
      return r;
    });
  }

  forward(re: Float64Array, im: Float64Array): void {
    this.#rows(re, im);
    transpose(re, this.side);
    transpose(im, this.side);
    this.#rows(re, im);
    transpose(re, this.side);
    transpose(im, this.side);
  }

  inverse(re: Float64Array, im: Float64Array): void {
    // Swapping the two parts conjugates before and after: the inverse is the forward transform with roles exchanged.
    this.forward(im, re);
    const scale = 1 / (this.side * this.side);
    for (let i = 0; i < re.length; i++) {
      re[i]! *= scale;
      im[i]! *= scale;
    }
  }

  /** Frequency of index i in cycles a pixel, in [-½, ½). */
  frequency(index: number): number {
    return (index < this.side / 2 ? index : index - this.side) / this.side;
  }

  #rows(re: Float64Array, im: Float64Array): void {
    const n = this.side;
    const cosine = this.#cosine;
    const sine = this.#sine;
    const reversed = this.#reversed;
    for (let offset = 0; offset < n * n; offset += n) {
      for (let i = 0; i < n; i++) {
        const j = reversed[i]!;
        if (j > i) {
          const a = re[offset + i]!;
          re[offset + i] = re[offset + j]!;
          re[offset + j] = a;
          const b = im[offset + i]!;
          im[offset + i] = im[offset + j]!;
          im[offset + j] = b;
        }
      }
      for (let half = 1; half < n; half *= 2) {
        const stride = n / (2 * half);
        for (let start = 0; start < n; start += 2 * half) {
          for (let k = 0; k < half; k++) {
            const wr = cosine[k * stride]!;
            const wi = -sine[k * stride]!;
            const p = offset + start + k;
            const q = p + half;
            const tr = re[q]! * wr - im[q]! * wi;
            const ti = re[q]! * wi + im[q]! * wr;
            re[q] = re[p]! - tr;
            im[q] = im[p]! - ti;
            re[p]! += tr;
            im[p]! += ti;
          }
        }
      }
    }
  }
}

const block = 32;

function transpose(grid: Float64Array, n: number): void {
  for (let by = 0; by < n; by += block) {
    for (let bx = by; bx < n; bx += block) {
      for (let y = by; y < Math.min(by + block, n); y++) {
        for (let x = bx === by ? y + 1 : bx; x < Math.min(bx + block, n); x++) {
          const a = grid[y * n + x]!;
          grid[y * n + x] = grid[x * n + y]!;
          grid[x * n + y] = a;
        }
      }
    }
  }
}
