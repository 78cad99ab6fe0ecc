// Planes to big-endian bytes with their share of DATASUM in the same pass (FITS 4.0 §4.4.2.7).
import { swap4 } from "./swap";

@inline
function add64(sum: v128, words: v128): v128 {
  return i64x2.add(
    i64x2.add(sum, i64x2.extend_low_i32x4_u(words)),
    i64x2.extend_high_i32x4_u(words),
  );
}

@inline
function fold(sum: v128, rest: u64): u32 {
  // the plain 64-bit sum keeps every end-around carry for later: three folds bring it into 32 bits
  let s: u64 = i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1) + rest;
  s = (s & 0xffffffff) + (s >> 32);
  s = (s & 0xffffffff) + (s >> 32);
  s = (s & 0xffffffff) + (s >> 32);
  return <u32>s;
}

/** `n` 32-bit words, each with `flip` inverted bits: 0 for float32, the top bit for unsigned integers. */
export function encodeWords(bytes: usize, values: usize, n: i32, flip: u32): u32 {
  const f = i32x4.splat(flip);
  let sum = i64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    const v = v128.xor(v128.load(values + o), f);
    sum = add64(sum, v);
    v128.store(bytes + o, swap4(v));
  }
  let rest: u64 = 0;
  for (; i < n; i++) {
    const o = <usize>i << 2;
    const v = load<u32>(values + o) ^ flip;
    rest += v;
    store<u32>(bytes + o, bswap<u32>(v));
  }
  return fold(sum, rest);
}

/** `n` bytes as they are; a last incomplete word counts as padded with zeros. */
export function encodeBytes(bytes: usize, values: usize, n: i32): u32 {
  let sum = i64x2.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const v = v128.load(values + <usize>i);
    v128.store(bytes + <usize>i, v);
    sum = add64(sum, swap4(v));
  }
  let rest: u64 = 0;
  for (; i < n; i++) {
    const v = load<u8>(values + <usize>i);
    store<u8>(bytes + <usize>i, v);
    rest += <u64>v << (24 - ((i & 3) << 3));
  }
  return fold(sum, rest);
}
