// Weighted slopes of ramps with flags, segment by segment; their median differences eight at a time.
import { sortPairs } from "./network";
import { classOf } from "./optimal";

/**
 * See fitFlagged in ../ramp/optimal-flagged.ts. `kept` holds the samples of the `count` pixels of `list` one after the other;
 * `flags`, which begin with pixel `first`, tell whose groups have flags. `table` holds the weights of all lengths.
 */
export function optimalFlagged(
  slope: usize,
  err: usize,
  varP: usize,
  varR: usize,
  dq: usize,
  list: usize,
  kept: usize,
  count: i32,
  first: i32,
  flags: usize,
  groupdq: usize,
  plane: i32,
  ngroups: i32,
  gain: usize,
  readNoise: usize,
  dark: usize,
  pixeldq: usize,
  facts: usize,
  suppressOne: bool,
  table: usize,
  pairs: usize,
  npairs: i32,
  size: i32,
  scratch: usize,
): void {
  const drafts = scratch + (<usize>size << 5);
  const segments = drafts + 96;
  const groups = segments + (<usize>ngroups << 3);
  const lower = scratch + (<usize>((size >> 1) - 1) << 5);
  const upper = scratch + (<usize>(size >> 1) << 5);
  const tgroup = load<f64>(facts);
  for (let i = 0; i < count; i += 8) {
    const lanes = min(8, count - i);
    for (let j = 0; j < lanes; j++) {
      const p = load<u32>(list + (<usize>(i + j) << 2));
      const given = flags && load<u8>(flags + <usize>(p - first)) !== 0 ? groupdq + <usize>p : 0;
      const y = kept + (<usize>((i + j) * ngroups) << 2);
      const q = groups + <usize>(j * ngroups);
      const only = takeFlags(q, given, plane, ngroups, suppressOne);
      store<i32>(drafts + (<usize>j << 2), takeDifferences(scratch + (<usize>j << 2), y, q, ngroups, size));
      store<u8>(drafts + <usize>j, <u8>only, 64);
    }
    sortPairs(scratch, pairs, npairs);
    for (let j = 0; j < lanes; j++) {
      const column = <usize>j << 2;
      const p = <usize>load<u32>(list + (<usize>(i + j) << 2));
      const y = kept + (<usize>((i + j) * ngroups) << 2);
      const q = groups + <usize>(j * ngroups);
      const valid = load<i32>(drafts + column);
      const only = load<u8>(drafts + <usize>j, 64) !== 0;
      const start = (load<u8>(q) & 3) === 0 ? <f64>load<f32>(y) : 0;
      let draft: f64 = 0;
      if (only) draft = (start === start ? start : 0) / load<f64>(facts, 32);
      else if (valid === 0) draft = (start === start ? start : 0) / tgroup;
      else {
        const a = <f64>load<f32>(lower + column);
        draft = ((valid & 1) !== 0 ? a : (a + <f64>load<f32>(upper + column)) / 2) / tgroup;
      }
      const photons = Math.max(draft, 0) + (dark ? load<f64>(dark + (p << 3)) : 0);
      const o = p << 2;
      const g = load<f64>(gain + (p << 3));
      const s = <f64>(<f32>(load<f64>(readNoise + (p << 3)) * <f64>(<f32>(g / load<f64>(facts, 8)))));
      let flag = load<u32>(pixeldq + o) | (g > 0 ? 0 : 524289);
      let full = 0;
      let unusable = 0;
      for (let k = 0; k < ngroups; k++) {
        const one = <u32>load<u8>(q + <usize>k);
        flag |= one & 36;
        full += <i32>((one >> 1) & 1);
        unusable += <i32>((one & 3) !== 0);
      }
      if (unusable === ngroups) flag |= 1;
      if (full === ngroups) flag |= 2;
      if ((load<u8>(q) & 2) !== 0) flag |= 1;
      store<u32>(dq + o, flag | (full > 0 ? 2 : 0));
      let weights: f64 = 0;
      let value: f64 = 0;
      let information: f64 = 0;
      const dead = (flag & 3) !== 0;
      if (!dead) {
        const found = cutSegments(segments, q, ngroups);
        for (let k = 0; k < found; k++) {
          const from = load<i32>(segments + (<usize>k << 3));
          const length = load<i32>(segments + (<usize>k << 3), 4);
          const time = only ? load<f64>(facts, 32) : tgroup;
          let rate: f64;
          let vp: f64;
          let vr: f64;
          if (length === 1) {
            rate = valueAt(y, q, from) / time;
            vp = photons / (time * g);
            vr = (12 * ((s / time) * (s / time))) / (6 * g * g);
          } else if (length === 2) {
            rate = (valueAt(y, q, from + 1) - valueAt(y, q, from)) / tgroup;
            vp = photons / (tgroup * g);
            vr = (12 * ((s / tgroup) * (s / tgroup))) / (6 * g * g);
          } else {
            const rise = valueAt(y, q, from + length - 1) - valueAt(y, q, from);
            const row = 6 * ((length * (length - 1)) / 2 - 3) + classOf(rise * g, s) * length;
            const w = table + (<usize>row << 3);
            let sum: f64 = 0;
            for (let x = 0; x < length; x++) sum += load<f64>(w + (<usize>x << 3)) * valueAt(y, q, from + x);
            rate = sum / tgroup;
            vp = photons / (tgroup * g * <f64>(length - 1));
            const l = <f64>length;
            vr = ((s / tgroup) * (s / tgroup)) / (((l * l * l - l) / 12) * g * g);
          }
          const weight = vr > 0 ? 1 / vr : 1;
          weights += weight;
          value += rate * weight;
          if (vp > 0) information += 1 / vp;
        }
      }
      const p1 = dead || information === 0 ? 0 : cap(1 / information);
      const r1 = dead || weights === 0 ? 0 : cap((s > 0 ? 1 : 0) / weights);
      store<f32>(
        slope + o,
        <f32>(dead ? NaN : weights === 0 || 1 / weights >= 1e6 ? 0 : value / weights),
      );
      store<f32>(varP + o, <f32>p1);
      store<f32>(varR + o, <f32>r1);
      store<f32>(err + o, <f32>Math.sqrt(p1 + r1));
    }
  }
}

function cap(variance: f64): f64 {
  return variance >= 1e6 || variance < 0 ? 0 : variance;
}

/** The flags of a pixel's groups, as they count; tells whether the first group alone is good. */
function takeFlags(q: usize, groupdq: usize, plane: i32, ngroups: i32, suppressOne: bool): bool {
  if (!groupdq) {
    memory.fill(q, 0, <usize>ngroups);
    return false;
  }
  let good = 0;
  let free = 0;
  let at = groupdq;
  for (let k = 0; k < ngroups; k++, at += <usize>plane) {
    const flag = load<u8>(at);
    store<u8>(q + <usize>k, flag);
    good += <i32>((flag & 223) === 0);
    free += <i32>(flag === 0);
  }
  if (!suppressOne) return free === 1 && load<u8>(q) === 0;
  if (good === 1) for (let k = 0; k < ngroups; k++) store<u8>(q + <usize>k, load<u8>(q + <usize>k) | 1);
  return false;
}

/**
 * The differences of a pixel's groups that count, into a column of rows of eight, with infinities of either sign in place
 * of the others, so that the middle stays in the middle; gives their number.
 */
function takeDifferences(column: usize, y: usize, q: usize, ngroups: i32, size: i32): i32 {
  let pad: f32 = Infinity;
  let valid = 0;
  let to = column;
  for (let k = 1; k <= size; k++, to += 32) {
    if (k < ngroups) {
      const before = load<u8>(q + <usize>(k - 1));
      const own = load<u8>(q + <usize>k);
      const d = load<f32>(y + (<usize>k << 2)) - load<f32>(y + (<usize>(k - 1) << 2));
      if (((before | own) & 3) === 0 && (own & 4) === 0 && d === d) {
        store<f32>(to, d);
        valid++;
        continue;
      }
    }
    store<f32>(to, pad);
    pad = -pad;
  }
  return valid;
}

/** See cutSegments in ../ramp/segments.ts: pairs of start and length. */
function cutSegments(segments: usize, q: usize, ngroups: i32): i32 {
  let count = 0;
  let longest = 0;
  for (let g = 0; g < ngroups; ) {
    if ((load<u8>(q + <usize>g) & 223) !== 0) {
      g++;
      continue;
    }
    let from = g;
    if (g > 0 && (load<u8>(q + <usize>(g - 1)) & 223) === 4) from--;
    while (g < ngroups && (load<u8>(q + <usize>g) & 223) === 0) g++;
    store<i32>(segments + (<usize>count << 3), from);
    store<i32>(segments + (<usize>count << 3), g - from, 4);
    count++;
    longest = max(longest, g - from);
  }
  if (longest < 2) return min(count, 1);
  let kept = 0;
  for (let j = 0; j < count; j++) {
    const one = load<u64>(segments + (<usize>j << 3));
    if (<i32>(one >> 32) === 1) continue;
    store<u64>(segments + (<usize>kept << 3), one);
    kept++;
  }
  return kept;
}

/** A saturated sample says nothing. */
// @ts-ignore: decorator
@inline
function valueAt(y: usize, q: usize, k: i32): f64 {
  return (load<u8>(q + <usize>k) & 2) !== 0 ? NaN : <f64>load<f32>(y + (<usize>k << 2));
}
