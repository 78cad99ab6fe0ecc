// Clipped mode and scatter of a box of pixels, from a fine histogram. See ../image/box-mode.ts.

const BINS = 1024;
const REACH: f64 = 8;
const SAMPLES = 256;
const CLIP: f64 = 3;
const MAX_PASSES = 100;
const SKEWED: f64 = 0.3;
const MAD_TO_SIGMA: f64 = 1.482602218505602;

/** Finite values of pixels that aren't bad, in row order; returns how many. `bad` may be 0. */
function gather(out: usize, sci: usize, bad: usize, nx: i32, width: i32, height: i32): i32 {
  let n = 0;
  for (let y = 0; y < height; y++) {
    const row = <usize>y * nx;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const p = row + <usize>x;
      const v = v128.load(sci + (p << 2));
      const d = f32x4.sub(v, v);
      if (!v128.any_true(f32x4.ne(d, d)) && !(bad && load<u32>(bad + p))) {
        v128.store(out + (<usize>n << 2), v);
        n += 4;
      } else for (let k: usize = 0; k < 4; k++) n = gatherOne(out, sci, bad, p + k, n);
    }
    for (; x < width; x++) n = gatherOne(out, sci, bad, row + <usize>x, n);
  }
  return n;
}

// @ts-ignore: decorator
@inline
function gatherOne(out: usize, sci: usize, bad: usize, p: usize, n: i32): i32 {
  const v = load<f32>(sci + (p << 2));
  if (v - v !== 0 || (bad && load<u8>(bad + p))) return n;
  store<f32>(out + (<usize>n << 2), v);
  return n + 1;
}

// @ts-ignore: decorator
@inline
function at(a: usize, i: i32): f64 {
  return load<f64>(a + (<usize>i << 3));
}

// @ts-ignore: decorator
@inline
function put(a: usize, i: i32, value: f64): void {
  store<f64>(a + (<usize>i << 3), value);
}

/** Rearranges float64 so that the k-th smallest is in its place, nothing larger before it (Hoare's selection). */
function select(a: usize, n: i32, k: i32): f64 {
  let left = 0;
  let right = n - 1;
  while (right > left) {
    const pivot = at(a, (left + right) >> 1);
    let i = left;
    let j = right;
    while (i <= j) {
      while (at(a, i) < pivot) i++;
      while (at(a, j) > pivot) j--;
      if (i > j) break;
      const t = at(a, i);
      put(a, i++, at(a, j));
      put(a, j--, t);
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return at(a, k);
}

function medianOf(a: usize, n: i32): f64 {
  const half = n >> 1;
  const upper = select(a, n, half);
  if (n & 1) return upper;
  let lower = at(a, 0);
  for (let i = 1; i < half; i++) lower = max(lower, at(a, i));
  return (lower + upper) / 2;
}

let level: f64 = 0;
let scatter: f64 = 0;

/** Median and scatter of some of the values; the standard deviation of all where most of them are equal. */
function guess(values: usize, n: i32, sample: usize): void {
  const step = max(1, n / SAMPLES);
  let m = 0;
  for (let i = 0; i < n && m < SAMPLES; i += step) put(sample, m++, <f64>load<f32>(values + (<usize>i << 2)));
  level = medianOf(sample, m);
  for (let i = 0; i < m; i++) put(sample, i, Math.abs(at(sample, i) - level));
  scatter = MAD_TO_SIGMA * medianOf(sample, m);
  if (scatter > 0) return;
  let squares: f64 = 0;
  for (let i = 0; i < n; i++) {
    const d = <f64>load<f32>(values + (<usize>i << 2)) - level;
    squares += d * d;
  }
  scatter = Math.sqrt(squares / <f64>n);
}

// @ts-ignore: decorator
@inline
function countOne(counts: usize, bin: i32): void {
  if (<u32>bin >= <u32>BINS) return;
  const p = counts + (<usize>bin << 3);
  store<f64>(p, load<f64>(p) + 1);
}

function count(counts: usize, values: usize, n: i32, low: f64, scale: f64): void {
  memory.fill(counts, 0, BINS << 3);
  const lows = f64x2.splat(low);
  const scales = f64x2.splat(scale);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + (<usize>i << 2));
    const upper = v128.shuffle<u32>(v, v, 2, 3, 2, 3);
    const a = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), lows), scales);
    const b = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(upper), lows), scales);
    const low2 = i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(a));
    const bins = v128.shuffle<u64>(low2, i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(b)), 0, 2);
    countOne(counts, i32x4.extract_lane(bins, 0));
    countOne(counts, i32x4.extract_lane(bins, 1));
    countOne(counts, i32x4.extract_lane(bins, 2));
    countOne(counts, i32x4.extract_lane(bins, 3));
  }
  for (; i < n; i++) {
    const bin = (<f64>load<f32>(values + (<usize>i << 2)) - low) * scale;
    if (!(bin >= 0 && bin < <f64>BINS)) continue;
    const p = counts + (<usize>(<i32>bin) << 3);
    store<f64>(p, load<f64>(p) + 1);
  }
}

/** Place below which `half` of the values lie: within a bin, or amid the gap between two. */
function medianBin(counts: usize, from: i32, half: f64): f64 {
  let k = from;
  let below: f64 = 0;
  while (below + at(counts, k) < half) below += at(counts, k++);
  if (below + at(counts, k) > half) return <f64>k + (half - below) / at(counts, k);
  let next = k + 1;
  while (next < BINS - 1 && at(counts, next) === 0) next++;
  return <f64>(k + 1 + next) / 2;
}

/** Mode and scatter of the clipped histogram, in bins. */
function clip(counts: usize): void {
  let from = 0;
  let to = BINS;
  for (let pass = 0; ; pass++) {
    let n: f64 = 0;
    let sum: f64 = 0;
    let squares: f64 = 0;
    for (let k = from; k < to; k++) {
      const c = at(counts, k);
      const x = <f64>k + 0.5;
      n += c;
      sum += c * x;
      squares += c * x * x;
    }
    const mean = sum / n;
    const sigma = Math.sqrt(Math.max(0, squares / n - mean * mean - 1.0 / 12));
    const median = medianBin(counts, from, n / 2);
    const first = <i32>Math.max(0, Math.round(median - CLIP * sigma));
    const last = <i32>Math.min(<f64>BINS, Math.round(median + CLIP * sigma));
    if ((first === from && last === to) || last <= first || pass === MAX_PASSES) {
      level = Math.abs(mean - median) < SKEWED * sigma ? 2.5 * median - 1.5 * mean : median;
      scatter = sigma;
      return;
    }
    from = first;
    to = last;
  }
}

/**
 * Level and scatter as two float64 at `out`; returns the pixels used, 0 where fewer than `enough` can be. The plain twin is
 * `boxModePlain`. `bad` may be 0; `values` has room for the pixels of the box, `counts` for 1024 float64, `sample` for 256.
 */
export function boxMode(
  out: usize,
  sci: usize,
  bad: usize,
  nx: i32,
  width: i32,
  height: i32,
  enough: f64,
  values: usize,
  counts: usize,
  sample: usize,
): i32 {
  const n = gather(values, sci, bad, nx, width, height);
  if (n === 0 || <f64>n < enough) return 0;
  guess(values, n, sample);
  if (scatter > 0) {
    const low = level - REACH * scatter;
    const binWidth = (2 * REACH * scatter) / <f64>BINS;
    count(counts, values, n, low, 1 / binWidth);
    clip(counts);
    level = low + level * binWidth;
    scatter *= binWidth;
  }
  store<f64>(out, level);
  store<f64>(out, scatter, 8);
  return n;
}
