/** Smoothing of the H-transform: coefficients that were rounded away are guessed from the neighbours' sums. */

const { floor, max, min, trunc } = Math;

const clamp = (x: number, low: number, high: number): number => max(min(x, high), low);

/** The slope between neighbours' sums, as far as they are monotonic; null where they aren't. */
function slope(before: number, here: number, after: number): number | null {
  const high = max(min(after - here, here - before), 0) * 4;
  const low = min(max(after - here, here - before), 0) * 4;
  return low < high ? clamp(after - before, low, high) : null;
}

/** Moves `coefficient` by at most `limit` towards diff/2^k. */
const moved = (coefficient: number, diff: number, unit: number, limit: number): number => {
  const s = trunc((diff - coefficient * unit) / unit);
  return coefficient + clamp(s, -limit, limit);
};

/** Changes no coefficient by more than half the quantum `scale`. */
export function smoothCoefficients(
  a: Float64Array,
  nx: number,
  ny: number,
  stride: number,
  scale: number,
): void {
  const limit = floor(scale / 2);
  if (limit <= 0) return;
  const two = 2 * stride;
  for (let i = 2; i < nx - 2; i += 2) {
    for (let j = 0; j < ny; j += 2) {
      const s = i * stride + j;
      const diff = slope(a[s - two]!, a[s]!, a[s + two]!);
      if (diff !== null) a[s + stride] = moved(a[s + stride]!, diff, 8, limit);
    }
  }
  for (let i = 0; i < nx; i += 2) {
    for (let j = 2; j < ny - 2; j += 2) {
      const s = i * stride + j;
      const diff = slope(a[s - 2]!, a[s]!, a[s + 2]!);
      if (diff !== null) a[s + 1] = moved(a[s + 1]!, diff, 8, limit);
    }
  }
  for (let i = 2; i < nx - 2; i += 2) {
    for (let j = 2; j < ny - 2; j += 2) {
      const s = i * stride + j;
      const mm = a[s - two - 2]!;
      const pm = a[s + two - 2]!;
      const mp = a[s - two + 2]!;
      const pp = a[s + two + 2]!;
      const h0 = a[s]!;
      const hx = a[s + stride]! * 2;
      const hy = a[s + 1]! * 2;
      const high =
        min(
          min(max(pp - h0, 0) - hx - hy, max(h0 - pm, 0) + hx - hy),
          min(max(h0 - mp, 0) - hx + hy, max(mm - h0, 0) + hx + hy),
        ) * 16;
      const low =
        max(
          max(min(pp - h0, 0) - hx - hy, min(h0 - pm, 0) + hx - hy),
          max(min(h0 - mp, 0) - hx + hy, min(mm - h0, 0) + hx + hy),
        ) * 16;
      if (low >= high) continue;
      const diff = clamp(pp + mm - mp - pm, low, high);
      a[s + stride + 1] = moved(a[s + stride + 1]!, diff, 64, limit);
    }
  }
}
