// Search for hits by two-point differences: a bound that clears most ramps, and the test for the others, eight at a time.
import { sortPairs, takeLines } from "./network";

/**
 * See screen in ../ramp/jump-screen.ts: writes the pixels in doubt, and their samples to `kept`; gives their number. `n`
 * is a multiple of sixteen, a cache line of samples: planes that are a power of two apart drive each other out of the
 * cache, so that each line is to be read once.
 */
export function jumpScreen(
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
  threshold: f32,
  kept: usize,
  scratch: usize,
): i32 {
  const rows = scratch + (<usize>ngroups << 6);
  let found = list;
  let to = kept;
  for (let i = 0; i < n; i += 16) {
    takeLines(scratch, samples + (<usize>i << 2), stride, ngroups);
    const g = gain + (<usize>i << 3);
    const r = readNoise + (<usize>i << 3);
    let bits =
      clearEight(scratch, rows, ngroups, g, r, nframes, threshold) |
      (clearEight(scratch + 32, rows, ngroups, g + 64, r + 64, nframes, threshold) << 8);
    bits ^= 0xffff;
    if (flags) bits |= i8x16.bitmask(i8x16.ne(v128.load(flags + <usize>i), i8x16.splat(0)));
    while (bits !== 0) {
      const j = ctz(bits);
      store<u32>(found, first + i + j);
      found += 4;
      for (let p = scratch + (<usize>j << 2); p < rows; p += 64, to += 4) store<f32>(to, load<f32>(p));
      bits &= bits - 1;
    }
  }
  return <i32>((found - list) >> 2);
}

/** A bit for each of eight ramps, columns of rows of sixteen, that can't hold a hit. Differences go to `rows`. */
function clearEight(
  samples: usize,
  rows: usize,
  ngroups: i32,
  gain: usize,
  readNoise: usize,
  nframes: f64,
  threshold: f32,
): i32 {
  const g0 = gainOf(gain);
  const g1 = gainOf(gain + 32);
  const start0 = f32x4.mul(v128.load(samples), g0);
  const start1 = f32x4.mul(v128.load(samples, 16), g1);
  let before0 = start0;
  let before1 = start1;
  let low0 = f32x4.splat(Infinity);
  let low1 = low0;
  let high0 = f32x4.splat(-Infinity);
  let high1 = high0;
  let sum0 = start0;
  let sum1 = start1;
  const end = rows + (<usize>(ngroups - 1) << 5);
  for (let p = rows, q = samples; p < end; p += 32, q += 64) {
    const x0 = f32x4.mul(v128.load(q, 64), g0);
    const x1 = f32x4.mul(v128.load(q, 80), g1);
    const d0 = f32x4.sub(x0, before0);
    const d1 = f32x4.sub(x1, before1);
    v128.store(p, d0);
    v128.store(p, d1, 16);
    low0 = f32x4.pmin(low0, d0);
    low1 = f32x4.pmin(low1, d1);
    high0 = f32x4.pmax(high0, d0);
    high1 = f32x4.pmax(high1, d1);
    // only to keep a NaN
    sum0 = f32x4.add(sum0, x0);
    sum1 = f32x4.add(sum1, x1);
    before0 = x0;
    before1 = x1;
  }
  const count = f32x4.splat(<f32>(ngroups - 1));
  const mean0 = f32x4.div(f32x4.sub(before0, start0), count);
  const mean1 = f32x4.div(f32x4.sub(before1, start1), count);
  const noise0 = noiseOf(readNoise, gain, nframes);
  const noise1 = noiseOf(readNoise + 32, gain + 32, nframes);
  const room0 = roomOf(start0, low0, high0, mean0, noise0, count, threshold);
  const room1 = roomOf(start1, low1, high1, mean1, noise1, count, threshold);
  const from0 = f32x4.sub(mean0, room0);
  const from1 = f32x4.sub(mean1, room1);
  const to0 = f32x4.add(mean0, room0);
  const to1 = f32x4.add(mean1, room1);
  let below0 = i32x4.splat(0);
  let below1 = below0;
  let above0 = below0;
  let above1 = below0;
  for (let p = rows; p < end; p += 32) {
    const d0 = v128.load(p);
    const d1 = v128.load(p, 16);
    below0 = i32x4.sub(below0, f32x4.lt(d0, from0));
    below1 = i32x4.sub(below1, f32x4.lt(d1, from1));
    above0 = i32x4.sub(above0, f32x4.gt(d0, to0));
    above1 = i32x4.sub(above1, f32x4.gt(d1, to1));
  }
  const half = i32x4.splat((ngroups - 2) >> 1);
  const clear0 = v128.and(i32x4.le_s(i32x4.max_s(below0, above0), half), isSound(room0, sum0));
  const clear1 = v128.and(i32x4.le_s(i32x4.max_s(below1, above1), half), isSound(room1, sum1));
  return i32x4.bitmask(clear0) | (i32x4.bitmask(clear1) << 4);
}

/** How far the median may lie from the mean without any difference being a hit; negative or NaN if it may not. */
// @ts-ignore: decorator
@inline
function roomOf(
  start: v128,
  low: v128,
  high: v128,
  mean: v128,
  noise: v128,
  count: v128,
  threshold: f32,
): v128 {
  const largest = f32x4.add(f32x4.abs(start), f32x4.mul(count, f32x4.pmax(f32x4.abs(low), f32x4.abs(high))));
  const far = f32x4.add(
    f32x4.pmax(f32x4.sub(high, mean), f32x4.sub(mean, low)),
    f32x4.mul(largest, f32x4.splat(1.9073486328125e-6)),
  );
  const size = f32x4.abs(mean);
  const t = f32x4.splat(threshold);
  const most = f32x4.sub(f32x4.mul(t, f32x4.sqrt(f32x4.add(size, noise))), far);
  const least = f32x4.pmax(f32x4.splat(0), f32x4.sub(size, most));
  return f32x4.sub(f32x4.mul(t, f32x4.sqrt(f32x4.add(least, noise))), far);
}

// @ts-ignore: decorator
@inline
function isSound(room: v128, sum: v128): v128 {
  return v128.and(f32x4.ge(room, f32x4.splat(0)), f32x4.eq(sum, sum));
}

// @ts-ignore: decorator
@inline
function gainOf(gain: usize): v128 {
  return narrow(v128.load(gain), v128.load(gain, 16));
}

// @ts-ignore: decorator
@inline
function noiseOf(readNoise: usize, gain: usize, nframes: f64): v128 {
  return narrow(
    squareOf(v128.load(readNoise), v128.load(gain), nframes),
    squareOf(v128.load(readNoise, 16), v128.load(gain, 16), nframes),
  );
}

// @ts-ignore: decorator
@inline
function squareOf(readNoise: v128, gain: v128, nframes: f64): v128 {
  const r = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.mul(readNoise, gain)));
  return f64x2.div(f64x2.mul(r, r), f64x2.splat(nframes));
}

// @ts-ignore: decorator
@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/**
 * See judge in ../ramp/jump-screen.ts: flags the hits of `count` pixels in `groupdq` and writes where, and how many σ they
 * are; gives the number of hits. `kept` holds their samples one after the other; `flags`, which begin with pixel `first`,
 * tell whose groups have flags. `size` rows, an even number, are sorted; `plane` samples make a group.
 */
export function jumpJudge(
  list: usize,
  count: i32,
  kept: usize,
  flags: usize,
  first: i32,
  groupdq: usize,
  plane: i32,
  ngroups: i32,
  gain: usize,
  readNoise: usize,
  nframes: f64,
  threshold: f64,
  pairs: usize,
  npairs: i32,
  size: i32,
  scratch: usize,
  hits: usize,
  ratios: usize,
): i32 {
  const d = scratch + (<usize>size << 5);
  const facts = d + (<usize>size << 5);
  const lower = scratch + (<usize>((size >> 1) - 1) << 5);
  const upper = scratch + (<usize>(size >> 1) << 5);
  let found = 0;
  for (let i = 0; i < count; i += 8) {
    const lanes = min(8, count - i);
    for (let j = 0; j < lanes; j++) {
      const p = load<u32>(list + (<usize>(i + j) << 2));
      const column = <usize>j << 2;
      const given = flags && load<u8>(flags + <usize>(p - first)) !== 0 ? groupdq + <usize>p : 0;
      const g = load<f64>(gain + (<usize>p << 3));
      const y = kept + <usize>((i + j) * ngroups << 2);
      const valid = takeColumn(scratch + column, d + column, facts + column, y, given, plane, ngroups, size, g);
      store<i32>(facts + column, valid);
    }
    sortPairs(scratch, pairs, npairs);
    for (let j = 0; j < lanes; j++) {
      const column = <usize>j << 2;
      const valid = load<i32>(facts + column);
      if (valid === 0) continue;
      const p = load<u32>(list + (<usize>(i + j) << 2));
      const o = <usize>p << 3;
      const a = <f64>load<f32>(lower + column);
      const m = (valid & 1) !== 0 ? a : (a + <f64>load<f32>(upper + column)) / 2;
      const r = <f64>(<f32>(load<f64>(readNoise + o) * load<f64>(gain + o)));
      const sigma = Math.sqrt(Math.abs(m) + (r * r) / nframes);
      const unit = sigma > 0 ? sigma : Infinity;
      // rounding keeps the order: the farthest difference is the lowest or the highest
      const far = max(<f64>load<f32>(facts + column, 64) - m, m - <f64>load<f32>(facts + column, 32));
      if (!(far / unit > threshold)) continue;
      const near = threshold * unit * (1 - 1e-9);
      for (let k = 0; k < ngroups - 1; k++) {
        const off = Math.abs(<f64>load<f32>(d + column + (<usize>k << 5)) - m);
        if (!(off >= near)) continue;
        const ratio = off / unit;
        if (!(ratio > threshold)) continue;
        const at = (k + 1) * plane + p;
        const flag = load<u8>(groupdq + <usize>at);
        if ((flag & 4) !== 0) continue;
        store<u8>(groupdq + <usize>at, flag | 4);
        store<u32>(hits + (<usize>found << 2), at);
        store<f64>(ratios + (<usize>found << 3), ratio);
        found++;
      }
    }
  }
  return found;
}

/**
 * The differences of one pixel into a column of `d`, and into one of `sorted` with infinities of either sign in place of
 * those that say nothing, so that the middle stays in the middle; their extremes after `facts`. Gives their number.
 */
function takeColumn(
  sorted: usize,
  d: usize,
  facts: usize,
  samples: usize,
  groupdq: usize,
  plane: i32,
  ngroups: i32,
  size: i32,
  gain: f64,
): i32 {
  const usable = gain > 0;
  let valid = 0;
  let pad: f32 = Infinity;
  let low: f32 = Infinity;
  let high: f32 = -Infinity;
  let before: f32 = NaN;
  let flag = groupdq;
  for (let k = 0; k < ngroups; k++) {
    let x: f32 = usable ? <f32>(<f64>load<f32>(samples + (<usize>k << 2)) * gain) : NaN;
    if (groupdq) {
      if ((load<u8>(flag) & 3) !== 0) x = NaN;
      flag += <usize>plane;
    }
    if (k > 0) {
      const one = x - before;
      const o = <usize>(k - 1) << 5;
      store<f32>(d + o, one);
      if (one === one) {
        store<f32>(sorted + o, one);
        valid++;
        if (one < low) low = one;
        if (one > high) high = one;
      } else {
        store<f32>(sorted + o, pad);
        pad = -pad;
      }
    }
    before = x;
  }
  for (let k = ngroups - 1; k < size; k++) {
    store<f32>(sorted + (<usize>k << 5), pad);
    pad = -pad;
  }
  store<f32>(facts, low, 32);
  store<f32>(facts, high, 64);
  return valid;
}
