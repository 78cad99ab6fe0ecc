// Medians of a window that moves along lines of values, eight places at a time.
import { sortPairs } from "./network";

/**
 * out[i] = median of what isn't NaN in lines[l][i … i + taken), l < count, up to the next multiple of eight; NaN of nothing.
 * Lines are `stride` bytes apart. `size` rows, an even number, are sorted: infinities of either sign, in turn, stand in for
 * NaN, so that the middle stays in the middle.
 */
export function runningMedians(
  out: usize,
  lines: usize,
  stride: usize,
  n: i32,
  taken: i32,
  count: i32,
  pairs: usize,
  npairs: i32,
  size: i32,
  scratch: usize,
): void {
  const end = scratch + (<usize>size << 5);
  const lower = scratch + (<usize>((size >> 1) - 1) << 5);
  const infinity = f32x4.splat(Infinity);
  for (let i = 0; i < n; i += 8) {
    let pad0 = infinity;
    let pad1 = infinity;
    let valid0 = i32x4.splat(0);
    let valid1 = valid0;
    let to = scratch;
    for (let l = 0; l < count; l++) {
      let p = lines + <usize>l * stride + (<usize>i << 2);
      for (let k = 0; k < taken; k++, p += 4, to += 32) {
        const a = v128.load(p);
        const b = v128.load(p, 16);
        const known0 = f32x4.eq(a, a);
        const known1 = f32x4.eq(b, b);
        v128.store(to, v128.bitselect(a, pad0, known0));
        v128.store(to, v128.bitselect(b, pad1, known1), 16);
        pad0 = v128.bitselect(pad0, f32x4.neg(pad0), known0);
        pad1 = v128.bitselect(pad1, f32x4.neg(pad1), known1);
        valid0 = i32x4.sub(valid0, known0);
        valid1 = i32x4.sub(valid1, known1);
      }
    }
    for (; to < end; to += 32) {
      v128.store(to, pad0);
      v128.store(to, pad1, 16);
    }
    sortPairs(scratch, pairs, npairs);
    const q = out + (<usize>i << 3);
    middle(q, v128.load(lower), v128.load(lower, 32), valid0);
    middle(q + 32, v128.load(lower, 16), v128.load(lower, 48), valid1);
  }
}

/** The lower of the two middle values where an odd number counts, else their mean. */
function middle(q: usize, low: v128, high: v128, valid: v128): void {
  const odd = i32x4.ne(v128.and(valid, i32x4.splat(1)), i32x4.splat(0));
  const none = i32x4.eq(valid, i32x4.splat(0));
  const a = v128.or(low, none);
  const b = v128.bitselect(a, high, odd);
  const two = f64x2.splat(2);
  const x = f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
  const c = v128.shuffle<f32>(a, a, 2, 3, 2, 3);
  const d = v128.shuffle<f32>(b, b, 2, 3, 2, 3);
  const y = f64x2.add(f64x2.promote_low_f32x4(c), f64x2.promote_low_f32x4(d));
  v128.store(q, f64x2.div(x, two));
  v128.store(q, f64x2.div(y, two), 16);
}
