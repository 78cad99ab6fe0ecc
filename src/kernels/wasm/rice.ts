// Rice-coded differences to pixels of 1, 2 or 4 bytes (FITS 4.0 §10.4.1). See ../rice.ts.
import { swap16 } from "./swap";

// 57 bits of a 64-bit word are the stream's, whatever the byte it starts in.
// @ts-ignore: decorator
@inline
const SURE: u32 = 57;

/** The stream lies backwards, so that a little-endian load has its bits in order: `top` is the load of byte 0. */
// @ts-ignore: decorator
@inline
function bitsAt(top: usize, at: u32): u64 {
  return load<u64>(top - <usize>(at >> 3)) << (<u64>at & 7);
}

// @ts-ignore: decorator
@inline
function lowBits(word: u64, level: u64): u32 {
  return <u32>((word >> 1) >> (63 - level));
}

// @ts-ignore: decorator
@inline
function signed(coded: u32): u32 {
  return (coded >> 1) ^ (0 - (coded & 1));
}

// @ts-ignore: decorator
@inline
function put(out: usize, width: u32, value: u32): void {
  if (width === 2) store<u16>(out, <u16>value);
  else if (width === 4) store<u32>(out, value);
  else store<u8>(out, <u8>value);
}

/** Bytes from the last to the first, 24 zeros below them; `to` is the first of the zeros. */
function reverse(to: usize, from: usize, n: u32): void {
  store<u64>(to, 0);
  store<u64>(to, 0, 8);
  store<u64>(to, 0, 16);
  let p = to + 24;
  let i = n;
  for (; i >= 16; i -= 16, p += 16) {
    const v = v128.load(from + <usize>(i - 16));
    v128.store(p, swap16(v));
  }
  for (; i > 0; i--, p++) store<u8>(p, load<u8>(from + <usize>(i - 1)));
}

// One width per call, so that the loops of each are compiled for it alone.
// @ts-ignore: decorator
@inline
function decode(
  out: usize,
  top: usize,
  end: u32,
  n: u32,
  block: u32,
  width: u32,
  levelBits: u32,
  rawLevel: u32,
): i32 {
  const rawBits = width << 3;
  let last = <u32>(bitsAt(top, 0) >> <u64>(64 - rawBits));
  let at = rawBits;
  let i: u32 = 0;
  while (i < n) {
    if (at > end) return i;
    const first = bitsAt(top, at);
    const mark = <u32>(first >> <u64>(64 - levelBits));
    at += levelBits;
    const stop = block < n - i ? i + block : n;
    if (mark === 0) {
      for (; i < stop; i++) put(out + <usize>(i * width), width, last);
      continue;
    }
    const level = mark - 1;
    if (level === rawLevel) {
      for (; i < stop; i++, at += rawBits) {
        if (at > end) return i;
        last += signed(<u32>(bitsAt(top, at) >> <u64>(64 - rawBits)));
        put(out + <usize>(i * width), width, last);
      }
      continue;
    }
    if (level > rawLevel) return i;
    const k = <u64>level;
    while (i < stop) {
      if (at > end) return i;
      let w = bitsAt(top, at);
      if (i + 4 <= stop) {
        const a = clz<u64>(w);
        w = w << (a + 1);
        const va = (<u32>a << level) | lowBits(w, k);
        w = w << k;
        const b = clz<u64>(w);
        w = w << (b + 1);
        const vb = (<u32>b << level) | lowBits(w, k);
        w = w << k;
        const c = clz<u64>(w);
        w = w << (c + 1);
        const vc = (<u32>c << level) | lowBits(w, k);
        w = w << k;
        const d = clz<u64>(w);
        w = w << (d + 1);
        const vd = (<u32>d << level) | lowBits(w, k);
        const used = <u32>(a + b + c + d) + 4 * (level + 1);
        if (used <= SURE) {
          const p = out + <usize>(i * width);
          last += signed(va);
          put(p, width, last);
          last += signed(vb);
          put(p + width, width, last);
          last += signed(vc);
          put(p + 2 * width, width, last);
          last += signed(vd);
          put(p + 3 * width, width, last);
          at += used;
          i += 4;
          continue;
        }
        w = bitsAt(top, at);
      }
      let zeros: u32 = 0;
      while (w >> (64 - <u64>SURE) === 0) {
        zeros += SURE;
        at += SURE;
        if (at > end) return i;
        w = bitsAt(top, at);
      }
      const lead = <u32>clz<u64>(w);
      at += lead + 1;
      const value = ((zeros + lead) << level) | lowBits(bitsAt(top, at), k);
      at += level;
      last += signed(value);
      put(out + <usize>(i * width), width, last);
      i++;
    }
  }
  return at > end + 7 ? n : -1;
}

/**
 * `n` pixels into `out`; −1, or the number of pixels before the place where the stream of `size` bytes
 * ends early or has a level that doesn't exist. `scratch` has room for size + 24 bytes.
 */
export function riceDecode(
  out: usize,
  packed: usize,
  size: u32,
  n: u32,
  width: u32,
  block: u32,
  scratch: usize,
): i32 {
  reverse(scratch, packed, size);
  const top = scratch + 24 + <usize>size - 8;
  const end = size << 3;
  if (width === 2) return decode(out, top, end, n, block, 2, 4, 14);
  if (width === 4) return decode(out, top, end, n, block, 4, 5, 25);
  return decode(out, top, end, n, block, 1, 3, 6);
}
