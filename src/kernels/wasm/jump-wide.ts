// Short ramps whose differences lie too far apart for there to be no hit. See wide in ../ramp/jump-short.ts.
import { takeLines } from "./network";

/** Writes the pixels in doubt and gives their number; `n` is a multiple of sixteen. */
export function jumpWide(
  list: usize,
  first: i32,
  flags: usize,
  samples: usize,
  stride: usize,
  n: i32,
  ngroups: i32,
  gain: usize,
  readNoise: usize,
  nframes: f64,
  threshold: f64,
  scratch: usize,
): i32 {
  let found = list;
  for (let i = 0; i < n; i += 16) {
    takeLines(scratch, samples + (<usize>i << 2), stride, ngroups);
    let bits = 0;
    for (let j = 0; j < 16; j += 4) {
      const at = <usize>(i + j) << 3;
      bits |= wideFour(scratch + (<usize>j << 2), ngroups, gain + at, readNoise + at, nframes, threshold) << j;
    }
    if (flags) bits |= i8x16.bitmask(i8x16.ne(v128.load(flags + <usize>i), i8x16.splat(0)));
    for (; bits !== 0; bits &= bits - 1, found += 4) store<u32>(found, first + i + ctz(bits));
  }
  return <i32>((found - list) >> 2);
}

/** A bit for each of four ramps, columns of rows of sixteen, that may hold a hit. */
function wideFour(samples: usize, ngroups: i32, gain: usize, readNoise: usize, nframes: f64, threshold: f64): i32 {
  const g0 = v128.load(gain);
  const g1 = v128.load(gain, 16);
  let before = electrons(samples, g0, g1);
  let low = f32x4.splat(Infinity);
  let high = f32x4.splat(0);
  let sum = before;
  for (let k = 1, p = samples + 64; k < ngroups; k++, p += 64) {
    const x = electrons(p, g0, g1);
    const size = f32x4.abs(f32x4.sub(x, before));
    low = f32x4.pmin(low, size);
    high = f32x4.pmax(high, size);
    // only to keep a NaN
    sum = f32x4.add(sum, x);
    before = x;
  }
  const span = f32x4.sub(high, low);
  const none = f64x2.splat(0);
  const clear0 = v128.and(
    f64x2.gt(g0, none),
    isClear(low, span, f64x2.mul(v128.load(readNoise), g0), nframes, threshold),
  );
  const clear1 = v128.and(
    f64x2.gt(g1, none),
    isClear(upper(low), upper(span), f64x2.mul(v128.load(readNoise, 16), g1), nframes, threshold),
  );
  const known = i32x4.bitmask(f32x4.eq(sum, sum));
  return 15 ^ (known & (i64x2.bitmask(clear0) | (i64x2.bitmask(clear1) << 2)));
}

/** Four samples in electrons. */
// @ts-ignore: decorator
@inline
function electrons(samples: usize, g0: v128, g1: v128): v128 {
  const s = v128.load(samples);
  const lo = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(s), g0));
  const hi = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(upper(s)), g1));
  return v128.shuffle<u64>(lo, hi, 0, 2);
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return v128.shuffle<u64>(v, v, 1, 1);
}

/** Of the lower two ramps: span ≤ T·√(low + noise²/nframes). */
// @ts-ignore: decorator
@inline
function isClear(low: v128, span: v128, noise: v128, nframes: f64, threshold: f64): v128 {
  const r = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(noise));
  const square = f64x2.div(f64x2.mul(r, r), f64x2.splat(nframes));
  const sigma = f64x2.sqrt(f64x2.add(f64x2.promote_low_f32x4(low), square));
  return f64x2.le(f64x2.promote_low_f32x4(span), f64x2.mul(f64x2.splat(threshold), sigma));
}
