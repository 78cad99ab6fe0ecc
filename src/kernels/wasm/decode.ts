// Big-endian FITS samples to float32 and uint32, four pixels at a time (FITS 4.0 §5).
import { swap2, swap4, swap8 } from "./swap";

@inline
function joinHalves(lo: v128, hi: v128): v128 {
  return v128.shuffle<u32>(f32x4.demote_f64x2_zero(lo), f32x4.demote_f64x2_zero(hi), 0, 1, 4, 5);
}

@inline
function scaled(v: v128, scale: v128, zero: v128): v128 {
  const lo = f64x2.convert_low_i32x4_s(v);
  const hi = f64x2.convert_low_i32x4_s(v128.shuffle<u32>(v, v, 2, 3, 2, 3));
  return joinHalves(f64x2.add(zero, f64x2.mul(scale, lo)), f64x2.add(zero, f64x2.mul(scale, hi)));
}

@inline
function scaledOrBlank(v: v128, scale: v128, zero: v128, blank: v128): v128 {
  return v128.bitselect(i32x4.splat(0x7fc00000), scaled(v, scale, zero), i32x4.eq(v, blank));
}

@inline
function scaled1(v: i32, scale: f64, zero: f64, hasBlank: bool, blank: i32): f32 {
  return hasBlank && v === blank ? <f32>NaN : <f32>(zero + scale * <f64>v);
}

/** Integers of 1, 2 or 4 bytes → zero + scale·value; `blank` → NaN. */
export function decodeInt(
  out: usize,
  bytes: usize,
  n: i32,
  width: i32,
  scale: f64,
  zero: f64,
  hasBlank: bool,
  blank: i32,
): void {
  const s = f64x2.splat(scale);
  const z = f64x2.splat(zero);
  const b = i32x4.splat(blank);
  const whole = n & ~15;
  let i = 0;
  if (width === 2 && scale === 1 && !hasBlank && Math.abs(zero) < 8388608 && Math.floor(zero) === zero) {
    // value + zero is an integer below 2²⁴: exact in int32 and in float32
    const shift = i32x4.splat(<i32>zero);
    for (; i < whole; i += 16) {
      const p = bytes + (<usize>i << 1);
      const q = out + (<usize>i << 2);
      const u = swap2(v128.load(p));
      const w = swap2(v128.load(p, 16));
      v128.store(q, f32x4.convert_i32x4_s(i32x4.add(i32x4.extend_low_i16x8_s(u), shift)));
      v128.store(q, f32x4.convert_i32x4_s(i32x4.add(i32x4.extend_high_i16x8_s(u), shift)), 16);
      v128.store(q, f32x4.convert_i32x4_s(i32x4.add(i32x4.extend_low_i16x8_s(w), shift)), 32);
      v128.store(q, f32x4.convert_i32x4_s(i32x4.add(i32x4.extend_high_i16x8_s(w), shift)), 48);
    }
  }
  for (; i + 4 <= n; i += 4) {
    let v: v128;
    if (width === 2) v = i32x4.extend_low_i16x8_s(swap2(v128.load64_zero(bytes + (<usize>i << 1))));
    else if (width === 4) v = swap4(v128.load(bytes + (<usize>i << 2)));
    else v = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes + <usize>i)));
    v128.store(out + (<usize>i << 2), hasBlank ? scaledOrBlank(v, s, z, b) : scaled(v, s, z));
  }
  for (; i < n; i++) {
    let v: i32;
    if (width === 2) v = <i32>(<i16>bswap<u16>(load<u16>(bytes + (<usize>i << 1))));
    else if (width === 4) v = <i32>bswap<u32>(load<u32>(bytes + (<usize>i << 2)));
    else v = <i32>load<u8>(bytes + <usize>i);
    store<f32>(out + (<usize>i << 2), scaled1(v, scale, zero, hasBlank, blank));
  }
}

/** Big-endian 32-bit words as they are, plus `shift` modulo 2³²: float32 bits, flags, and back. */
export function swapWords(out: usize, bytes: usize, n: i32, shift: i32): void {
  const s = i32x4.splat(shift);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    v128.store(out + o, i32x4.add(swap4(v128.load(bytes + o)), s));
  }
  for (; i < n; i++) {
    const o = <usize>i << 2;
    store<u32>(out + o, bswap<u32>(load<u32>(bytes + o)) + shift);
  }
}

/** Flags of 1 or 2 bytes, plus `shift` modulo 2³², as uint32. */
export function widenFlags(out: usize, bytes: usize, n: i32, width: i32, shift: i32): void {
  const s = i32x4.splat(shift);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v =
      width === 2
        ? i32x4.extend_low_i16x8_s(swap2(v128.load64_zero(bytes + (<usize>i << 1))))
        : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes + <usize>i)));
    v128.store(out + (<usize>i << 2), i32x4.add(v, s));
  }
  for (; i < n; i++) {
    const v =
      width === 2
        ? <i32>(<i16>bswap<u16>(load<u16>(bytes + (<usize>i << 1))))
        : <i32>load<u8>(bytes + <usize>i);
    store<i32>(out + (<usize>i << 2), v + shift);
  }
}

/** float32 → float32 with scale and zero. */
export function decodeFloat(out: usize, bytes: usize, n: i32, scale: f64, zero: f64): void {
  const s = f64x2.splat(scale);
  const z = f64x2.splat(zero);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = swap4(v128.load(bytes + (<usize>i << 2)));
    const lo = f64x2.promote_low_f32x4(v);
    const hi = f64x2.promote_low_f32x4(v128.shuffle<u32>(v, v, 2, 3, 2, 3));
    v128.store(
      out + (<usize>i << 2),
      joinHalves(f64x2.add(z, f64x2.mul(s, lo)), f64x2.add(z, f64x2.mul(s, hi))),
    );
  }
  for (; i < n; i++) {
    const v = reinterpret<f32>(bswap<u32>(load<u32>(bytes + (<usize>i << 2))));
    store<f32>(out + (<usize>i << 2), <f32>(zero + scale * <f64>v));
  }
}

/** float64 → float32, scaled unless `plain`. */
export function decodeDouble(out: usize, bytes: usize, n: i32, scale: f64, zero: f64, plain: bool): void {
  const s = f64x2.splat(scale);
  const z = f64x2.splat(zero);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let lo = swap8(v128.load(bytes + (<usize>i << 3)));
    let hi = swap8(v128.load(bytes + (<usize>i << 3), 16));
    if (!plain) {
      lo = f64x2.add(z, f64x2.mul(s, lo));
      hi = f64x2.add(z, f64x2.mul(s, hi));
    }
    v128.store(out + (<usize>i << 2), joinHalves(lo, hi));
  }
  for (; i < n; i++) {
    const v = reinterpret<f64>(bswap<u64>(load<u64>(bytes + (<usize>i << 3))));
    store<f32>(out + (<usize>i << 2), <f32>(plain ? v : zero + scale * v));
  }
}
