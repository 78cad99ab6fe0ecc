// Sums over the reads of a ramp, for a run of pixels: every linear sampling is Σ w_k·s_k.
import { swap2 } from "./swap";

/** sums[i] (+)= Σ_k w_k·s_k[i] over big-endian int16 planes at `offsets`; `count` is even, Σ|w| < 65536. */
export function dot16(
  sums: usize,
  base: usize,
  n: i32,
  offsets: usize,
  weights: usize,
  count: i32,
  accumulate: bool,
): void {
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const p = base + (<usize>i << 1);
    const q = sums + (<usize>i << 2);
    let a0 = i32x4.splat(0);
    let a1 = i32x4.splat(0);
    let a2 = i32x4.splat(0);
    let a3 = i32x4.splat(0);
    if (accumulate) {
      a0 = v128.load(q);
      a1 = v128.load(q, 16);
      a2 = v128.load(q, 32);
      a3 = v128.load(q, 48);
    }
    for (let k = 0; k < count; k += 2) {
      const p0 = p + <usize>load<u32>(offsets + (<usize>k << 2));
      const p1 = p + <usize>load<u32>(offsets + (<usize>k << 2), 4);
      const w = v128.load32_splat(weights + (<usize>k << 1));
      const u0 = v128.load(p0);
      const u1 = v128.load(p1);
      const v0 = v128.load(p0, 16);
      const v1 = v128.load(p1, 16);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(swap2(lowPairs(u0, u1)), w));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(swap2(highPairs(u0, u1)), w));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(swap2(lowPairs(v0, v1)), w));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(swap2(highPairs(v0, v1)), w));
    }
    v128.store(q, a0);
    v128.store(q, a1, 16);
    v128.store(q, a2, 32);
    v128.store(q, a3, 48);
  }
  for (; i < n; i++) {
    const q = sums + (<usize>i << 2);
    let sum: i32 = accumulate ? load<i32>(q) : 0;
    for (let k = 0; k < count; k++) {
      const p = base + (<usize>i << 1) + <usize>load<u32>(offsets + (<usize>k << 2));
      sum += <i32>load<i16>(weights + (<usize>k << 1)) * <i32>(<i16>bswap<u16>(load<u16>(p)));
    }
    store<i32>(q, sum);
  }
}

function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** out[i] (+)= sums[i], int32 to float64. */
export function widenSums(out: usize, sums: usize, n: i32, accumulate: bool): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const s = v128.load(sums + (<usize>i << 2));
    const q = out + (<usize>i << 3);
    let lo = f64x2.convert_low_i32x4_s(s);
    let hi = f64x2.convert_low_i32x4_s(v128.shuffle<u32>(s, s, 2, 3, 2, 3));
    if (accumulate) {
      lo = f64x2.add(v128.load(q), lo);
      hi = f64x2.add(v128.load(q, 16), hi);
    }
    v128.store(q, lo);
    v128.store(q, hi, 16);
  }
  for (; i < n; i++) {
    const q = out + (<usize>i << 3);
    const s = <f64>load<i32>(sums + (<usize>i << 2));
    store<f64>(q, accumulate ? load<f64>(q) + s : s);
  }
}

/**
 * out[i] = Σ_k w_k·s_k[i] over float32 planes, added in the order of k in float64; a cache line of pixels at a time. Tells
 * whether all are numbers.
 */
export function dotF32(out: usize, base: usize, n: i32, offsets: usize, weights: usize, count: i32): bool {
  let known = i64x2.splat(-1);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const p = base + (<usize>i << 2);
    let a0 = f64x2.splat(0);
    let a1 = f64x2.splat(0);
    let a2 = f64x2.splat(0);
    let a3 = f64x2.splat(0);
    let a4 = f64x2.splat(0);
    let a5 = f64x2.splat(0);
    let a6 = f64x2.splat(0);
    let a7 = f64x2.splat(0);
    for (let k = 0; k < count; k++) {
      const q = p + <usize>load<u32>(offsets + (<usize>k << 2));
      const w = v128.load64_splat(weights + (<usize>k << 3));
      a0 = f64x2.add(a0, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q))));
      a1 = f64x2.add(a1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 8))));
      a2 = f64x2.add(a2, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 16))));
      a3 = f64x2.add(a3, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 24))));
      a4 = f64x2.add(a4, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 32))));
      a5 = f64x2.add(a5, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 40))));
      a6 = f64x2.add(a6, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 48))));
      a7 = f64x2.add(a7, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(q, 56))));
    }
    const o = out + (<usize>i << 3);
    v128.store(o, a0);
    v128.store(o, a1, 16);
    v128.store(o, a2, 32);
    v128.store(o, a3, 48);
    v128.store(o, a4, 64);
    v128.store(o, a5, 80);
    v128.store(o, a6, 96);
    v128.store(o, a7, 112);
    known = v128.and(known, v128.and(bothKnown(a0, a1), bothKnown(a2, a3)));
    known = v128.and(known, v128.and(bothKnown(a4, a5), bothKnown(a6, a7)));
  }
  let all = i64x2.all_true(known);
  for (; i < n; i++) {
    let sum: f64 = 0;
    for (let k = 0; k < count; k++) {
      const q = base + (<usize>i << 2) + <usize>load<u32>(offsets + (<usize>k << 2));
      sum += load<f64>(weights + (<usize>k << 3)) * <f64>load<f32>(q);
    }
    store<f64>(out + (<usize>i << 3), sum);
    all = all && sum === sum;
  }
  return all;
}

/** The same over int32 planes, `zero` added to each sample, four pixels at a time. */
export function dotI32(
  out: usize,
  base: usize,
  n: i32,
  offsets: usize,
  weights: usize,
  count: i32,
  zero: f64,
): void {
  const z = f64x2.splat(zero);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const p = base + (<usize>i << 2);
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    for (let k = 0; k < count; k++) {
      const q = p + <usize>load<u32>(offsets + (<usize>k << 2));
      const w = v128.load64_splat(weights + (<usize>k << 3));
      a = f64x2.add(a, f64x2.mul(w, f64x2.add(z, f64x2.convert_low_i32x4_s(v128.load64_zero(q)))));
      b = f64x2.add(b, f64x2.mul(w, f64x2.add(z, f64x2.convert_low_i32x4_s(v128.load64_zero(q, 8)))));
    }
    v128.store(out + (<usize>i << 3), a);
    v128.store(out + (<usize>i << 3), b, 16);
  }
  for (; i < n; i++) {
    let sum: f64 = 0;
    for (let k = 0; k < count; k++) {
      const q = base + (<usize>i << 2) + <usize>load<u32>(offsets + (<usize>k << 2));
      sum += load<f64>(weights + (<usize>k << 3)) * (zero + <f64>load<i32>(q));
    }
    store<f64>(out + (<usize>i << 3), sum);
  }
}

// @ts-ignore: decorator
@inline
function bothKnown(a: v128, b: v128): v128 {
  return v128.and(f64x2.eq(a, a), f64x2.eq(b, b));
}

/** out[i] = (OR over k of flags_k[i]) & mask over planes `stride` apart, a cache line at a time; tells whether any is set. */
export function orPlanes(out: usize, flags: usize, n: i32, count: i32, stride: i32, mask: u32): bool {
  const m = i8x16.splat(<i8>mask);
  let any = i8x16.splat(0);
  let i = 0;
  for (; i + 64 <= n; i += 64) {
    let p = flags + <usize>i;
    let a = i8x16.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k = 0; k < count; k++, p += <usize>stride) {
      a = v128.or(a, v128.load(p));
      b = v128.or(b, v128.load(p, 16));
      c = v128.or(c, v128.load(p, 32));
      d = v128.or(d, v128.load(p, 48));
    }
    a = v128.and(a, m);
    b = v128.and(b, m);
    c = v128.and(c, m);
    d = v128.and(d, m);
    any = v128.or(any, v128.or(v128.or(a, b), v128.or(c, d)));
    const q = out + <usize>i;
    v128.store(q, a);
    v128.store(q, b, 16);
    v128.store(q, c, 32);
    v128.store(q, d, 48);
  }
  for (; i + 16 <= n; i += 16) {
    let p = flags + <usize>i;
    let or = i8x16.splat(0);
    for (let k = 0; k < count; k++, p += <usize>stride) or = v128.or(or, v128.load(p));
    or = v128.and(or, m);
    any = v128.or(any, or);
    v128.store(out + <usize>i, or);
  }
  let rest: u32 = 0;
  for (; i < n; i++) {
    let p = flags + <usize>i;
    let or: u32 = 0;
    for (let k = 0; k < count; k++, p += <usize>stride) or |= load<u8>(p);
    or &= mask;
    rest |= or;
    store<u8>(out + <usize>i, <u8>or);
  }
  return v128.any_true(any) || rest !== 0;
}

/** See finishRow in ../ramp/finish.ts. */
export function finishRow(
  sci: usize,
  err: usize,
  varP: usize,
  varR: usize,
  num: usize,
  den: usize,
  cP: usize,
  cR: usize,
  m: usize,
  a: usize,
  b: usize,
  d: usize,
  n: i32,
  limit: f64,
): bool {
  const zero = f64x2.splat(0);
  let above = i64x2.splat(-1);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const o = <usize>i << 3;
    const q = <usize>i << 2;
    const v = f64x2.div(v128.load(num + o), v128.load(den + o));
    const s = f64x2.mul(v, v128.load(m + o));
    const positive = f64x2.pmax(zero, v);
    const p = f64x2.mul(v128.load(cP + o), f64x2.add(f64x2.mul(positive, v128.load(a + o)), v128.load(d + o)));
    const r = f64x2.mul(v128.load(cR + o), v128.load(b + o));
    above = v128.and(above, f64x2.gt(s, f64x2.mul(f64x2.splat(limit), f64x2.sqrt(r))));
    v128.store64_lane(sci + q, f32x4.demote_f64x2_zero(s), 0);
    v128.store64_lane(err + q, f32x4.demote_f64x2_zero(f64x2.sqrt(f64x2.add(p, r))), 0);
    v128.store64_lane(varP + q, f32x4.demote_f64x2_zero(p), 0);
    v128.store64_lane(varR + q, f32x4.demote_f64x2_zero(r), 0);
  }
  let all = i64x2.all_true(above);
  for (; i < n; i++) {
    const o = <usize>i << 3;
    const q = <usize>i << 2;
    const v = load<f64>(num + o) / load<f64>(den + o);
    const s = v * load<f64>(m + o);
    const p = load<f64>(cP + o) * ((v > 0 ? v : 0) * load<f64>(a + o) + load<f64>(d + o));
    const r = load<f64>(cR + o) * load<f64>(b + o);
    all = all && s > limit * Math.sqrt(r);
    store<f32>(sci + q, <f32>s);
    store<f32>(err + q, <f32>Math.sqrt(p + r));
    store<f32>(varP + q, <f32>p);
    store<f32>(varR + q, <f32>r);
  }
  return !all;
}

/** See settleFaintPlain in ../ramp/finish.ts; `near` is scratch of 9 bytes for each of width + 2·reach + 1. */
export function settleFaint(
  err: usize,
  varP: usize,
  num: usize,
  den: usize,
  cP: usize,
  cR: usize,
  m: usize,
  a: usize,
  b: usize,
  d: usize,
  n: i32,
  width: i32,
  limit: f64,
  reach: i32,
  near: usize,
): void {
  const kinds = near + (<usize>(width + 2 * reach + 1) << 3);
  for (let x = 0; x < n; x += width) {
    const o = <usize>x << 3;
    const row = min(width, n - x);
    if (!markFaint(near, kinds, num + o, den + o, cR + o, m + o, b + o, row, limit, reach)) continue;
    let sum: f64 = 0;
    let members = 0;
    for (let i = 0; i < reach; i++) {
      const enter = <usize>(i + reach + 1);
      sum += load<f64>(near + (enter << 3));
      members += load<u8>(kinds + enter) & 1;
    }
    for (let i = 0; i < row; i++) {
      const leave = <usize>i;
      const own = leave + <usize>(reach + 1);
      const enter = own + <usize>reach;
      sum += load<f64>(near + (enter << 3)) - load<f64>(near + (leave << 3));
      members += (load<u8>(kinds + enter) & 1) - (load<u8>(kinds + leave) & 1);
      if (load<u8>(kinds + own) === 0) continue;
      const k = o + (leave << 3);
      const mean = members > 0 && sum > 0 ? sum / <f64>members : 0;
      const p = load<f64>(cP + k) * (mean * load<f64>(a + k) + load<f64>(d + k));
      store<f32>(varP + (k >> 1), <f32>p);
      store<f32>(err + (k >> 1), <f32>Math.sqrt(p + load<f64>(cR + k) * load<f64>(b + k)));
    }
  }
}

/** Values of faint pixels, else 0, and beside them 1 for a faint pixel and 2 for a negative one; whether there is any. */
function markFaint(
  near: usize,
  kinds: usize,
  num: usize,
  den: usize,
  cR: usize,
  m: usize,
  b: usize,
  n: i32,
  limit: f64,
  reach: i32,
): bool {
  const margin = <usize>(reach + 1);
  const end = <usize>n + margin;
  memory.fill(near, 0, margin << 3);
  memory.fill(near + (end << 3), 0, <usize>reach << 3);
  memory.fill(kinds, 0, margin);
  memory.fill(kinds + end, 0, <usize>reach);
  const square = f64x2.splat(limit * limit);
  let any = 0;
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    const o = <usize>i << 3;
    any |= markPair(near, kinds, num + o, den + o, cR + o, m + o, b + o, square, <usize>i + margin, true);
  }
  if (i < n) {
    const o = <usize>i << 3;
    any |= markPair(near, kinds, num + o, den + o, cR + o, m + o, b + o, square, <usize>i + margin, false);
  }
  return any !== 0;
}

// @ts-ignore: decorator
@inline
function markPair(
  near: usize,
  kinds: usize,
  num: usize,
  den: usize,
  cR: usize,
  m: usize,
  b: usize,
  square: v128,
  at: usize,
  both: bool,
): i32 {
  const value = f64x2.div(pairAt(num, both), pairAt(den, both));
  const s = f64x2.mul(value, pairAt(m, both));
  const variance = f64x2.mul(f64x2.mul(square, pairAt(cR, both)), pairAt(b, both));
  const faint = f64x2.le(f64x2.mul(s, s), variance);
  const kept = v128.and(value, faint);
  const one = i64x2.bitmask(faint);
  const two = i64x2.bitmask(v128.andnot(f64x2.lt(s, f64x2.splat(0)), faint));
  const first = (one & 1) | ((two & 1) << 1);
  store<u8>(kinds + at, <u8>first);
  if (!both) {
    store<f64>(near + (at << 3), f64x2.extract_lane(kept, 0));
    return first;
  }
  const second = (one >> 1) | (two & 2);
  v128.store(near + (at << 3), kept);
  store<u8>(kinds + at, <u8>second, 1);
  return first | second;
}

/** Two numbers, or the last one twice. */
// @ts-ignore: decorator
@inline
function pairAt(at: usize, both: bool): v128 {
  return both ? v128.load(at) : v128.load64_splat(at);
}
