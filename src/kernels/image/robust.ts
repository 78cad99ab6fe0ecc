/** Tukey's biweight statistics and weighted quantiles of short lists. */

const { abs, sqrt } = Math;

/** Sorts `a[0..n)` by insertion: the lists of a stack are short. */
export function sortShort(a: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) {
    const v = a[i]!;
    let j = i;
    for (; j > 0 && a[j - 1]! > v; j--) a[j] = a[j - 1]!;
    a[j] = v;
  }
}

/** Median of the sorted `a[0..n)`. */
export const middle = (a: Float64Array, n: number): number =>
  n & 1 ? a[n >> 1]! : (a[(n >> 1) - 1]! + a[n >> 1]!) / 2;

/** Biweight location of the sorted `a[0..n)`, tuning constant 6, started from its median. */
export function biweightLocation(a: Float64Array, n: number): number {
  const m = middle(a, n);
  const mad = madAbout(a, n, m);
  if (mad === 0) return m;
  const scale = 1 / (6 * mad);
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < n; i++) {
    const d = a[i]! - m;
    const u = d * scale;
    if (abs(u) >= 1) continue;
    const w = 1 - u * u;
    top += d * w * w;
    bottom += w * w;
  }
  return m + top / bottom;
}

/**
 * Square root of the biweight midvariance of the sorted `a[0..n)` about `m`, tuning constant 9. Its factor n
 * counts the values within reach (|u| < 1) only, or with "all" every value, as astropy does.
 */
export function biweightScale(
  a: Float64Array,
  n: number,
  m: number,
  size: "within" | "all" = "within",
): number {
  const mad = madAbout(a, n, m);
  if (mad === 0) return 0;
  const scale = 1 / (9 * mad);
  let top = 0;
  let bottom = 0;
  let within = 0;
  for (let i = 0; i < n; i++) {
    const d = a[i]! - m;
    const u = d * scale;
    const w = 1 - u * u;
    if (w <= 0) continue;
    within++;
    const w2 = w * w;
    top += d * d * w2 * w2;
    bottom += w * (1 - 5 * u * u);
  }
  return sqrt((size === "all" ? n : within) * top) / abs(bottom);
}

/** Median of |a − m| for `n` sorted values from `from` on and any `m`: merges the deviations on either side. */
export function madAbout(a: Float64Array, n: number, m: number, from = 0): number {
  const end = from + n;
  let high = from;
  while (high < end && a[high]! < m) high++;
  let low = high - 1;
  const half = n >> 1;
  let before = 0;
  let current = 0;
  for (let k = 0; k <= half; k++) {
    before = current;
    const down = low >= from ? m - a[low]! : Infinity;
    const up = high < end ? a[high]! - m : Infinity;
    if (down <= up) {
      current = down;
      low--;
    } else {
      current = up;
      high++;
    }
  }
  return n & 1 ? current : (before + current) / 2;
}

/** Smallest v[i] (ascending, weights beside) at which the weight reaches half; exactly half: mean with the next. */
export function weightedMedian(v: Float64Array, w: Float64Array, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += w[i]!;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += w[i]!;
    if (sum === total / 2 && i + 1 < n) return (v[i]! + v[i + 1]!) / 2;
    if (sum >= total / 2) return v[i]!;
  }
  return NaN;
}
