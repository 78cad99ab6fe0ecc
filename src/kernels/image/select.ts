/** Order statistics by selection, without sorting. */

/**
 * Rearranges `a[0..n)` so that a[k] is its k-th smallest value, nothing larger before it and nothing smaller
 * after it (Hoare's selection, median of three). No NaN.
 */
export function select(a: Float32Array | Float64Array, n: number, k: number): number {
  let left = 0;
  let right = n - 1;
  while (right > left) {
    const mid = (left + right) >>> 1;
    if (a[mid]! < a[left]!) swap(a, mid, left);
    if (a[right]! < a[left]!) swap(a, right, left);
    if (a[right]! < a[mid]!) swap(a, right, mid);
    const pivot = a[mid]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (a[i]! < pivot) i++;
      while (a[j]! > pivot) j--;
      if (i <= j) swap(a, i++, j--);
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return a[k]!;
}

function swap(a: Float32Array | Float64Array, i: number, j: number): void {
  const t = a[i]!;
  a[i] = a[j]!;
  a[j] = t;
}

/** Median of `a[0..n)`, which it rearranges: the mean of the two middle values when n is even; NaN when n = 0. */
export function medianOf(a: Float32Array | Float64Array, n: number): number {
  if (n === 0) return NaN;
  const half = n >> 1;
  const upper = select(a, n, half);
  if (n & 1) return upper;
  let lower = a[0]!;
  for (let i = 1; i < half; i++) if (a[i]! > lower) lower = a[i]!;
  return (lower + upper) / 2;
}

/** The value that occurs most often in `a[0..n)`, the smallest on ties; sorts `a`. NaN when n = 0. */
export function modeOf(a: Float32Array, n: number): number {
  const sorted = a.subarray(0, n).sort();
  let best = NaN;
  let most = 0;
  for (let i = 0; i < n;) {
    let j = i + 1;
    while (j < n && sorted[j] === sorted[i]) j++;
    if (j - i > most) {
      most = j - i;
      best = sorted[i]!;
    }
    i = j;
  }
  return best;
}

/** Copies the values that are finite (unless `all`) and whose flags are 0 (unless dq is null); returns how many. */
export function gather(out: Float32Array, sci: Float32Array, dq: Uint32Array | null, all: boolean): number {
  let n = 0;
  for (let i = 0; i < sci.length; i++) {
    const v = sci[i]!;
    if ((dq === null || dq[i] === 0) && (all || v - v === 0)) out[n++] = v;
  }
  return n;
}
