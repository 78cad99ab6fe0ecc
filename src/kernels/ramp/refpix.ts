/** Reference-pixel correction of HxRG frames (READOUT §8): channel levels from top and bottom, row drifts from the sides. */

export interface RefpixOptions {
  /** Rows and columns of reference pixels on each side. */
  border: number;
  /** Readout channels, along the fast axis x. */
  channels: number;
  oddEven: boolean;
  side: boolean;
  /** Rows in the running median of the side pixels; made odd. */
  smoothing: number;
  sideGain: number;
  /** Clipping of the levels, in σ. */
  clip: number;
}

/** Corrects one frame [ny][nx] whose fast axis is x. `dq` has DO_NOT_USE (1) where a reference pixel is bad. */
export function correctFrame(
  frame: Float32Array,
  dq: ArrayLike<number>,
  nx: number,
  ny: number,
  options: RefpixOptions,
): void {
  const columns = columnLevels(frame, dq, nx, ny, options);
  const rows = options.side ? rowLevels(frame, dq, nx, ny, columns, options) : new Float64Array(ny);
  for (let y = 0, i = 0; y < ny; y++) {
    const row = rows[y]!;
    for (let x = 0; x < nx; x++, i++) frame[i] = Math.fround(frame[i]! - columns[x]!) - row;
  }
}

/** The level of each column: that of its channel and parity, 0 where a channel has no good reference pixels. */
function columnLevels(
  frame: Float32Array,
  dq: ArrayLike<number>,
  nx: number,
  ny: number,
  { border, channels, oddEven, clip }: RefpixOptions,
): Float64Array {
  const width = nx / channels;
  const parities = oddEven ? 2 : 1;
  const levels = [NaN, NaN];
  const scratch = new Float64Array(border * width);
  const columns = new Float64Array(nx);
  for (let c = 0; c < channels; c++) {
    const [from, to] = [c * width, (c + 1) * width];
    for (let parity = 0; parity < parities; parity++) {
      const level = (y0: number): number => {
        let n = 0;
        for (let y = y0; y < y0 + border; y++)
          for (let x = from + parity; x < to; x += parities)
            if ((dq[y * nx + x]! & 1) === 0) scratch[n++] = frame[y * nx + x]!;
        return clippedMean(scratch, n, clip);
      };
      levels[parity] = meanOfFinite(level(0), level(ny - border));
    }
    if (levels.slice(0, parities).some(Number.isNaN)) continue;
    for (let x = from; x < to; x++) columns[x] = levels[oddEven ? (x - from) & 1 : 0]!;
  }
  return columns;
}

/** The mean of `values[0..n)` within k population σ of the mean, repeated until nothing is removed. NaN of none. */
function clippedMean(values: Float64Array, n: number, k: number): number {
  for (;;) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i]!;
    const mean = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
    const limit = k * Math.sqrt(squares / n);
    if (n === 0 || limit === 0) return mean;
    let kept = 0;
    for (let i = 0; i < n; i++) if (Math.abs(values[i]! - mean) <= limit) values[kept++] = values[i]!;
    if (kept === n) return mean;
    n = kept;
  }
}

function meanOfFinite(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : (a + b) / 2;
}

/** The drift of each row that is left in the side columns, 0 where they hold nothing good. */
function rowLevels(
  frame: Float32Array,
  dq: ArrayLike<number>,
  nx: number,
  ny: number,
  columns: Float64Array,
  { border, smoothing, sideGain }: RefpixOptions,
): Float64Array {
  const half = smoothing >> 1;
  const scratch = new Float64Array((2 * half + 1) * border);
  const median = (x0: number, y: number): number => {
    let n = 0;
    for (let row = y - half; row <= y + half; row++) {
      // mirrored at the first and last row, without repeating it
      const at = mirror(row, ny) * nx;
      for (let x = x0; x < x0 + border; x++)
        if ((dq[at + x]! & 1) === 0) scratch[n++] = Math.fround(frame[at + x]! - columns[x]!);
    }
    if (n === 0) return NaN;
    const sorted = scratch.subarray(0, n).sort();
    return (n & 1) === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
  };
  return Float64Array.from({ length: ny }, (_, y) => {
    const level = meanOfFinite(median(0, y), median(nx - border, y));
    return Number.isNaN(level) ? 0 : sideGain * level;
  });
}

function mirror(row: number, ny: number): number {
  if (row < 0) return -row;
  return row < ny ? row : 2 * (ny - 1) - row;
}

/** How the detector is read: the signs and the axis of FASTAXIS and SLOWAXIS (±1 = x, ±2 = y). */
export interface Orientation {
  fast: number;
  slow: number;
}

/** The frame with its fast axis along x, and its size; `into` receives [ny'][nx']. */
export function toDetector(
  frame: ArrayLike<number>,
  nx: number,
  ny: number,
  { fast, slow }: Orientation,
  into: { [i: number]: number },
): { nx: number; ny: number } {
  const swap = Math.abs(fast) === 2;
  const [flipX, flipY] = swap ? [slow < 0, fast < 0] : [fast < 0, slow < 0];
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      const u = flipX ? nx - 1 - x : x;
      const v = flipY ? ny - 1 - y : y;
      into[swap ? u * ny + v : v * nx + u] = frame[y * nx + x]!;
    }
  return swap ? { nx: ny, ny: nx } : { nx, ny };
}

/** The inverse of `toDetector`, back into `frame` of nx × ny. */
export function fromDetector(
  frame: { [i: number]: number },
  nx: number,
  ny: number,
  { fast, slow }: Orientation,
  from: ArrayLike<number>,
): void {
  const swap = Math.abs(fast) === 2;
  const [flipX, flipY] = swap ? [slow < 0, fast < 0] : [fast < 0, slow < 0];
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      const u = flipX ? nx - 1 - x : x;
      const v = flipY ? ny - 1 - y : y;
      frame[y * nx + x] = from[swap ? u * ny + v : v * nx + u]!;
    }
}
