// The values that pixels have in several frames: sorted, clipped about their centre and reduced. Two pixels go together for
// as long as the same of their sorted values are left, and else one after the other.
import { sortPairs } from "./network";

const MEDIAN = 0;
const SUM = 2;
const MAD_TO_SIGMA: f64 = 1.482602218505602;

/** How to combine: as float64 behind one another, the yes and no as 1 and 0. See StackPolicy in ../image/stack.ts. */
@unmanaged
class Policy {
  method: f64;
  nLow: f64;
  nHigh: f64;
  least: f64;
  most: f64;
  passes: f64;
  byMean: f64;
  byMad: f64;
  sigmaLow: f64;
  sigmaHigh: f64;
  empty: f64;
}

/** The run of sorted values that is left. */
let from: i32 = 0;
let to: i32 = 0;

/**
 * Sixteen values of each frame as a row of 64 bytes, infinity where they are flagged or not finite. `good` gets how many
 * aren't, `flags` the flags of all.
 */
function takeLines(rows: usize, good: usize, flags: usize, frames: usize, count: i32, at: usize): void {
  const infinity = f32x4.splat(Infinity);
  const none = i32x4.splat(0);
  for (let x: usize = 0; x < 64; x += 16) {
    let n = none;
    let all = none;
    for (let k = 0, f = frames, row = rows + x; k < count; k++, f += 12, row += 64) {
      const v = f32x4.mul(v128.load(<usize>load<u32>(f) + at + x), f32x4.splat(load<f32>(f, 8)));
      const q = v128.load(<usize>load<u32>(f, 4) + at + x);
      const used = v128.and(f32x4.lt(f32x4.abs(v), infinity), i32x4.eq(q, none));
      v128.store(row, v128.bitselect(v, infinity, used));
      n = i32x4.sub(n, used);
      all = v128.or(all, q);
    }
    v128.store(good + x, n);
    v128.store(flags + x, all);
  }
}

/** Value `i` of two pixels. */
// @ts-ignore: decorator
@inline
function at(p: usize, i: i32): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p + (<usize>i << 6)));
}

function median(p: usize): v128 {
  const half = (from + to) >> 1;
  if ((to - from) & 1) return at(p, half);
  return f64x2.mul(f64x2.add(at(p, half - 1), at(p, half)), f64x2.splat(0.5));
}

function total(p: usize): v128 {
  let sum = f64x2.splat(0);
  for (let i = from; i < to; i++) sum = f64x2.add(sum, at(p, i));
  return sum;
}

// @ts-ignore: decorator
@inline
function number(): v128 {
  return f64x2.splat(<f64>(to - from));
}

/** Population standard deviation. */
function deviation(p: usize, mean: v128): v128 {
  let squares = f64x2.splat(0);
  for (let i = from; i < to; i++) {
    const d = f64x2.sub(at(p, i), mean);
    squares = f64x2.add(squares, f64x2.mul(d, d));
  }
  return f64x2.sqrt(f64x2.div(squares, number()));
}

/** The distance from `m` that `n` values don't exceed: the `n` nearest lie side by side. */
function reach(p: usize, m: v128, n: i32): v128 {
  let nearest = f64x2.splat(Infinity);
  for (let i = from; i + n <= to; i++)
    nearest = f64x2.pmin(nearest, f64x2.pmax(f64x2.sub(m, at(p, i)), f64x2.sub(at(p, i + n - 1), m)));
  return nearest;
}

/** 1.4826 × the median absolute deviation. */
function madstd(p: usize): v128 {
  const m = median(p);
  const half = (to - from) >> 1;
  const upper = reach(p, m, half + 1);
  const odd = ((to - from) & 1) !== 0;
  const mad = odd ? upper : f64x2.mul(f64x2.add(reach(p, m, half), upper), f64x2.splat(0.5));
  return f64x2.mul(f64x2.splat(MAD_TO_SIGMA), mad);
}

/** Drops what lies outside of the limits from the run of the pixels in `lanes`; false where theirs differ. */
function narrow(p: usize, low: v128, high: v128, lanes: i32): bool {
  for (; from < to; from++) {
    const below = i64x2.bitmask(f64x2.lt(at(p, from), low)) & lanes;
    if (below === 0) break;
    if (below !== lanes) return false;
  }
  for (; to > from; to--) {
    const above = i64x2.bitmask(f64x2.gt(at(p, to - 1), high)) & lanes;
    if (above === 0) break;
    if (above !== lanes) return false;
  }
  return true;
}

/** Takes back into the run what lies within the limits. */
function widen(p: usize, low: v128, high: v128, lanes: i32, first: i32, last: i32): bool {
  for (; from > first; from--) {
    const within = i64x2.bitmask(f64x2.ge(at(p, from - 1), low)) & lanes;
    if (within === 0) break;
    if (within !== lanes) return false;
  }
  for (; to < last; to++) {
    const within = i64x2.bitmask(f64x2.le(at(p, to), high)) & lanes;
    if (within === 0) break;
    if (within !== lanes) return false;
  }
  return true;
}

/** What ranks, limits and clipping leave of `n` values of the pixels in `lanes`; false where they don't leave the same. */
function reject(p: usize, n: i32, lanes: i32, policy: Policy): bool {
  from = min(n, <i32>policy.nLow);
  to = max(from, n - <i32>policy.nHigh);
  if (!narrow(p, f64x2.splat(policy.least), f64x2.splat(policy.most), lanes)) return false;
  const first = from;
  const last = to;
  let low = f64x2.splat(-Infinity);
  let high = f64x2.splat(Infinity);
  for (let pass: f64 = 0; pass < policy.passes && to - from > 1; pass++) {
    const mean = f64x2.div(total(p), number());
    const c = policy.byMean ? mean : median(p);
    const s = policy.byMad ? madstd(p) : deviation(p, mean);
    low = f64x2.sub(c, f64x2.mul(f64x2.splat(policy.sigmaLow), s));
    high = f64x2.add(c, f64x2.mul(f64x2.splat(policy.sigmaHigh), s));
    const before = to - from;
    if (!narrow(p, low, high, lanes)) return false;
    if (to - from === before) break;
  }
  return policy.passes === 0 || widen(p, low, high, lanes, first, last);
}

/** + 0: which zero stands in the middle is left to the sorting. */
// @ts-ignore: decorator
@inline
function put(place: usize, values: v128, lanes: i32): void {
  const v = f32x4.demote_f64x2_zero(f64x2.add(values, f64x2.splat(0)));
  if (lanes & 1) v128.store_lane<f32>(place, v, 0);
  if (lanes & 2) v128.store_lane<f32>(place, v, 1, 4);
}

/** Combines the pixels in `lanes`, 1, 2 or both, of which `n` values can be used; false where these part. */
function combine(p: usize, n: i32, lanes: i32, sci: usize, err: usize, policy: Policy): bool {
  if (!reject(p, n, lanes, policy)) return false;
  if (from === to) {
    put(sci, f64x2.splat(NaN), lanes);
    put(err, f64x2.splat(NaN), lanes);
    return true;
  }
  const root = f64x2.sqrt(number());
  if (policy.method === MEDIAN) {
    put(sci, median(p), lanes);
    put(err, f64x2.div(madstd(p), root), lanes);
    return true;
  }
  const sum = total(p);
  const mean = f64x2.div(sum, number());
  const s = deviation(p, mean);
  put(sci, policy.method === SUM ? sum : mean, lanes);
  put(err, policy.method === SUM ? f64x2.mul(s, root) : f64x2.div(s, root), lanes);
  return true;
}

/**
 * Combines `n` pixels, a multiple of sixteen, of `count` frames: address of values, of flags, and the factor (float32) of each
 * at `frames`. `pairs` sorts rows of 64 bytes; `scratch` has room for 64 bytes of each frame and 128 more. The plain twin is
 * `stackFramesPlain`.
 */
export function stackFrames(
  sci: usize,
  err: usize,
  dq: usize,
  n: i32,
  frames: usize,
  count: i32,
  policy: Policy,
  pairs: usize,
  npairs: i32,
  scratch: usize,
): void {
  const good = scratch;
  const flags = good + 64;
  const rows = flags + 64;
  const empty = <u32>policy.empty;
  for (let at: usize = 0; at < <usize>n << 2; at += 64) {
    takeLines(rows, good, flags, frames, count, at);
    sortPairs(rows, pairs, npairs);
    sortPairs(rows + 32, pairs, npairs);
    for (let x: usize = 0; x < 64; x += 8) {
      const a = load<i32>(good + x);
      const b = load<i32>(good + x, 4);
      const q = at + x;
      if (a !== b || !combine(rows + x, a, 3, sci + q, err + q, policy)) {
        combine(rows + x, a, 1, sci + q, err + q, policy);
        store<u32>(dq + q, from === to ? load<u32>(flags + x) | empty : 0);
        combine(rows + x, b, 2, sci + q, err + q, policy);
        store<u32>(dq + q, from === to ? load<u32>(flags + x, 4) | empty : 0, 4);
      } else store<u64>(dq + q, from === to ? load<u64>(flags + x) | ((<u64>empty << 32) | empty) : 0);
    }
  }
}
