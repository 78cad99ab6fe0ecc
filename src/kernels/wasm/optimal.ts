// Weighted slopes of unflagged ramps, a cache line of pixels at a time. See ../ramp/optimal-clean.ts.
import { sortPairs, takeLines } from "./network";

/**
 * Writes slope, error, variances and flags of n pixels, a multiple of sixteen. Those that are flagged, or can't be fitted
 * so, go to `list`, their samples to `kept`; gives their number. `facts` are those of OptimalFacts, `table` a row of weights
 * for each class.
 */
export function optimalClean(
  slope: usize,
  err: usize,
  varP: usize,
  varR: usize,
  dq: usize,
  list: usize,
  kept: usize,
  first: i32,
  flags: usize,
  samples: usize,
  stride: usize,
  n: i32,
  ngroups: i32,
  gain: usize,
  readNoise: usize,
  dark: usize,
  pixeldq: usize,
  facts: usize,
  joint: bool,
  table: usize,
  pairs: usize,
  count: i32,
  scratch: usize,
): i32 {
  const rows = scratch;
  const d = rows + (<usize>ngroups << 6);
  const slopes = d + (<usize>ngroups << 5);
  const medians = slopes + 128;
  const sigmas = medians + 128;
  let found = 0;
  for (let i = 0; i < n; i += 16) {
    const o = <usize>i << 3;
    const q = <usize>i << 2;
    takeLines(rows, samples + q, stride, ngroups);
    for (let j: usize = 0; j < 16; j += 2) {
      const s = sigmaOf(v128.load(readNoise + o + (j << 3)), v128.load(gain + o + (j << 3)), load<f64>(facts, 8));
      v128.store(sigmas + (j << 3), s);
    }
    for (let h: usize = 0; h < 2; h++) {
      const at = h << 6;
      fitEight(rows + (h << 5), d, slopes + at, medians + at, ngroups, gain + o + at, sigmas + at, table, pairs, count);
    }
    let bits = 0;
    for (let j: usize = 0; j < 16; j += 2) {
      const at = j << 3;
      const to = q + (j << 2);
      const k = o + at;
      const rest = settleTwo(
        slope + to,
        err + to,
        varP + to,
        varR + to,
        dq + to,
        v128.load(slopes + at),
        v128.load(medians + at),
        v128.load(gain + k),
        v128.load(sigmas + at),
        dark ? v128.load(dark + k) : f64x2.splat(0),
        pixeldq + to,
        facts,
        joint,
      );
      bits |= rest << <i32>j;
    }
    if (flags) bits |= i8x16.bitmask(i8x16.ne(v128.load(flags + <usize>i), i8x16.splat(0)));
    for (; bits !== 0; bits &= bits - 1, found++) {
      const j = ctz(bits);
      store<u32>(list + (<usize>found << 2), first + i + j);
      let to = kept + (<usize>(found * ngroups) << 2);
      for (let p = rows + (<usize>j << 2); p < d; p += 64, to += 4) store<f32>(to, load<f32>(p));
    }
  }
  return found;
}

/** Noise of one group [e⁻]; `root` is √(2·nframes). */
// @ts-ignore: decorator
@inline
function sigmaOf(readNoise: v128, gain: v128, root: f64): v128 {
  const g = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.div(gain, f64x2.splat(root))));
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.mul(readNoise, g)));
}

/** Σ_k w[class][k]·y_k and the median of the float32 differences, for eight columns of rows of sixteen. */
function fitEight(
  rows: usize,
  d: usize,
  slope: usize,
  median: usize,
  ngroups: i32,
  gain: usize,
  sigma: usize,
  table: usize,
  pairs: usize,
  count: i32,
): void {
  const last = (<usize>ngroups - 1) << 6;
  let a = v128.load(rows);
  let b = v128.load(rows, 16);
  for (let at: usize = 0; at < last; at += 64) {
    const u = v128.load(rows + at, 64);
    const v = v128.load(rows + at, 80);
    v128.store(d + (at >> 1), f32x4.sub(u, a));
    v128.store(d + (at >> 1), f32x4.sub(v, b), 16);
    a = u;
    b = v;
  }
  sortPairs(d, pairs, count);
  const middle = d + (<usize>((ngroups - 2) >> 1) << 5);
  const next = d + (<usize>((ngroups - 1) >> 1) << 5);
  let rows0: usize = 0;
  let same = true;
  for (let j: usize = 0; j < 8; j++) {
    const at = j << 2;
    store<f64>(median + (j << 3), (<f64>load<f32>(middle + at) + <f64>load<f32>(next + at)) / 2);
    const rise = (<f64>load<f32>(rows + last + at) - <f64>load<f32>(rows + at)) * load<f64>(gain + (j << 3));
    const row = table + <usize>classOf(rise, load<f64>(sigma + (j << 3))) * (<usize>ngroups << 3);
    if (j === 0) rows0 = row;
    else if (row !== rows0) same = false;
    store<usize>(d + at, row);
  }
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  if (same) {
    for (let at: usize = 0; at <= last; at += 64, rows0 += 8) {
      const w = v128.load64_splat(rows0);
      s0 = f64x2.add(s0, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(rows + at))));
      s1 = f64x2.add(s1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 8))));
      s2 = f64x2.add(s2, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 16))));
      s3 = f64x2.add(s3, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 24))));
    }
  } else {
    const r0 = load<usize>(d);
    const r1 = load<usize>(d, 4);
    const r2 = load<usize>(d, 8);
    const r3 = load<usize>(d, 12);
    const r4 = load<usize>(d, 16);
    const r5 = load<usize>(d, 20);
    const r6 = load<usize>(d, 24);
    const r7 = load<usize>(d, 28);
    for (let at: usize = 0, k: usize = 0; at <= last; at += 64, k += 8) {
      const w0 = v128.load64_lane(r1 + k, v128.load64_zero(r0 + k), 1);
      const w1 = v128.load64_lane(r3 + k, v128.load64_zero(r2 + k), 1);
      const w2 = v128.load64_lane(r5 + k, v128.load64_zero(r4 + k), 1);
      const w3 = v128.load64_lane(r7 + k, v128.load64_zero(r6 + k), 1);
      s0 = f64x2.add(s0, f64x2.mul(w0, f64x2.promote_low_f32x4(v128.load64_zero(rows + at))));
      s1 = f64x2.add(s1, f64x2.mul(w1, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 8))));
      s2 = f64x2.add(s2, f64x2.mul(w2, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 16))));
      s3 = f64x2.add(s3, f64x2.mul(w3, f64x2.promote_low_f32x4(v128.load64_zero(rows + at, 24))));
    }
  }
  v128.store(slope, s0);
  v128.store(slope, s1, 16);
  v128.store(slope, s2, 32);
  v128.store(slope, s3, 48);
}

/** Signal-to-noise class of a rise [e⁻]. */
export function classOf(rise: f64, sigma: f64): i32 {
  const noise = sigma * sigma + rise;
  const snr = noise <= 0 ? 0 : rise / Math.sqrt(noise);
  return (
    <i32>(snr >= 5) + <i32>(snr >= 10) + <i32>(snr >= 20) + <i32>(snr >= 50) + <i32>(snr >= 100)
  );
}

/** Writes two pixels; a bit for each that must be fitted by itself. */
// @ts-ignore: decorator
@inline
function settleTwo(
  slope: usize,
  err: usize,
  varP: usize,
  varR: usize,
  dq: usize,
  sum: v128,
  median: v128,
  gain: v128,
  sigma: v128,
  dark: v128,
  pixeldq: usize,
  facts: usize,
  joint: bool,
): i32 {
  const zero = f64x2.splat(0);
  const tgroup = v128.load64_splat(facts);
  const rate = f64x2.div(sum, tgroup);
  const fine = v128.and(v128.and(f64x2.gt(gain, zero), f64x2.gt(sigma, zero)), f64x2.eq(rate, rate));
  const flag = v128.load64_zero(pixeldq);
  const alive = i64x2.eq(
    v128.and(i64x2.extend_low_i32x4_u(flag), i64x2.splat(3)),
    i64x2.splat(0),
  );
  const signal = f64x2.div(median, tgroup);
  const photons = f64x2.add(v128.and(signal, f64x2.gt(signal, zero)), dark);
  const p = f64x2.mul(photons, f64x2.div(v128.load64_splat(facts, 16), gain));
  const r = f64x2.div(
    f64x2.mul(f64x2.mul(sigma, sigma), v128.load64_splat(facts, 24)),
    f64x2.mul(gain, gain),
  );
  const limit = f64x2.splat(1e6);
  const measured = v128.andnot(rate, f64x2.ge(r, limit));
  const e = f64x2.sqrt(joint ? cap(f64x2.add(p, r)) : f64x2.add(cap(p), cap(r)));
  put(slope, v128.bitselect(measured, f64x2.splat(NaN), alive));
  put(err, v128.and(e, alive));
  put(varP, v128.and(cap(p), alive));
  put(varR, v128.and(cap(r), alive));
  v128.store64_lane(dq, flag, 0);
  return i64x2.bitmask(fine) ^ 3;
}

// @ts-ignore: decorator
@inline
function cap(variance: v128): v128 {
  return v128.andnot(
    variance,
    v128.or(f64x2.ge(variance, f64x2.splat(1e6)), f64x2.lt(variance, f64x2.splat(0))),
  );
}

// @ts-ignore: decorator
@inline
function put(to: usize, values: v128): void {
  v128.store64_lane(to, f32x4.demote_f64x2_zero(values), 0);
}
