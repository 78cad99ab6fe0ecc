// A 64-bit hash of a run of bytes: eight lanes of multiply-accumulate, scrambled every KiB. See ../hash.ts.

@inline
const P32: u64 = 0x9e3779b1;

@inline
function absorb(acc: v128, x: v128, key: v128): v128 {
  const k = v128.xor(x, key);
  const lo = v128.shuffle<u32>(k, k, 0, 2, 0, 2);
  const hi = v128.shuffle<u32>(k, k, 1, 3, 1, 3);
  const product = i64x2.extmul_low_i32x4_u(lo, hi);
  return i64x2.add(acc, i64x2.add(product, v128.shuffle<u64>(x, x, 1, 0)));
}

@inline
function scramble(acc: v128, key: v128): v128 {
  return i64x2.mul(v128.xor(v128.xor(acc, i64x2.shr_u(acc, 47)), key), i64x2.splat(P32));
}

@inline
function mix(h: u64): u64 {
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
  h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
  return h ^ (h >> 31);
}

@inline
function take(h: u64, lane: u64): u64 {
  return mix(h ^ lane) + 0x9e3779b97f4a7c15;
}

export function hash(bytes: usize, n: i32): u64 {
  const k0 = i64x2(0xb8fe6c3923a44bbe, 0x7c01812cf721ad1c);
  const k1 = i64x2(0xded46de9839097db, 0x7240a4a4b7b3671f);
  const k2 = i64x2(0xcb79e64eccc0e578, 0x825ad07dccff7221);
  const k3 = i64x2(0xb8084674f743248e, 0xe03590e6813a264c);
  let a0 = k3,
    a1 = k2,
    a2 = k1,
    a3 = k0;
  let i = 0;
  let p = bytes;
  for (; i + 64 <= n; i += 64, p += 64) {
    a0 = absorb(a0, v128.load(p), k0);
    a1 = absorb(a1, v128.load(p, 16), k1);
    a2 = absorb(a2, v128.load(p, 32), k2);
    a3 = absorb(a3, v128.load(p, 48), k3);
    if ((i & 960) === 960) {
      a0 = scramble(a0, k0);
      a1 = scramble(a1, k1);
      a2 = scramble(a2, k2);
      a3 = scramble(a3, k3);
    }
  }
  let h: u64 = mix(<u64>n);
  h = take(h, i64x2.extract_lane(a0, 0));
  h = take(h, i64x2.extract_lane(a0, 1));
  h = take(h, i64x2.extract_lane(a1, 0));
  h = take(h, i64x2.extract_lane(a1, 1));
  h = take(h, i64x2.extract_lane(a2, 0));
  h = take(h, i64x2.extract_lane(a2, 1));
  h = take(h, i64x2.extract_lane(a3, 0));
  h = take(h, i64x2.extract_lane(a3, 1));
  for (; i + 8 <= n; i += 8, p += 8) h = take(h, load<u64>(p));
  let last: u64 = 0;
  for (let shift: u64 = 0; i < n; i++, p++, shift += 8) last |= <u64>load<u8>(p) << shift;
  return take(h, last);
}
