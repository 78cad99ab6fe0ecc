/**
 * The leaf of the tree hash of raw pixels: 64 bits, fast, not cryptographic.
 *
 * Eight lanes of 64 bits over stripes of 64 bytes: lane += lo32(x⊕key)·hi32(x⊕key), and the neighbour lane += x;
 * every 16 stripes lane ← (lane ⊕ lane≫47 ⊕ key)·prime. The lanes, the rest and the length are then mixed in turn.
 */
import { simdFor } from "./memory.js";

/** Hash of the bytes in this order; equal on every machine. */
export function hashRow(bytes: Uint8Array): bigint {
  const simd = simdFor(bytes, bytes);
  return simd ? BigInt.asUintN(64, simd.hash(bytes.byteOffset, bytes.length)) : hashRowPlain(bytes);
}

const keys = [
  [0x23a44bbe, 0xb8fe6c39],
  [0xf721ad1c, 0x7c01812c],
  [0x839097db, 0xded46de9],
  [0xb7b3671f, 0x7240a4a4],
  [0xccc0e578, 0xcb79e64e],
  [0xccff7221, 0x825ad07d],
  [0xf743248e, 0xb8084674],
  [0x813a264c, 0xe03590e6],
] as const;
const low = Uint32Array.from(keys, ([lo]) => lo);
const high = Uint32Array.from(keys, ([, hi]) => hi);
const prime = 0x9e3779b1;

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);

/** The upper half of a 32×32-bit product. */
function mulHigh(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const mid = a1 * b0 + ((a0 * b0) >>> 16);
  return a1 * b1 + Math.floor((mid + a0 * b1) / 65536);
}

function mix(h: bigint): bigint {
  h = u64((h ^ (h >> 30n)) * 0xbf58476d1ce4e5b9n);
  h = u64((h ^ (h >> 27n)) * 0x94d049bb133111ebn);
  return h ^ (h >> 31n);
}

const take = (h: bigint, lane: bigint): bigint => u64(mix(h ^ lane) + 0x9e3779b97f4a7c15n);

export function hashRowPlain(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lo = new Uint32Array(8);
  const hi = new Uint32Array(8);
  for (let lane = 0; lane < 8; lane++) {
    lo[lane] = low[lane ^ 6]!;
    hi[lane] = high[lane ^ 6]!;
  }
  const stripes = bytes.length >> 6;
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let lane = 0; lane < 8; lane++) {
      const at = 64 * stripe + 8 * lane;
      const a = (view.getUint32(at, true) ^ low[lane]!) >>> 0;
      const b = (view.getUint32(at + 4, true) ^ high[lane]!) >>> 0;
      const across = 64 * stripe + 8 * (lane ^ 1);
      const sum = lo[lane]! + (Math.imul(a, b) >>> 0) + view.getUint32(across, true);
      hi[lane] = hi[lane]! + mulHigh(a, b) + view.getUint32(across + 4, true) + Math.floor(sum / 4294967296);
      lo[lane] = sum;
    }
    if ((stripe & 15) === 15) scramble(lo, hi);
  }
  let h = mix(BigInt(bytes.length));
  for (let lane = 0; lane < 8; lane++) h = take(h, (BigInt(hi[lane]!) << 32n) | BigInt(lo[lane]!));
  let i = 64 * stripes;
  for (; i + 8 <= bytes.length; i += 8) h = take(h, view.getBigUint64(i, true));
  let rest = 0n;
  for (let shift = 0n; i < bytes.length; i++, shift += 8n) rest |= BigInt(bytes[i]!) << shift;
  return take(h, rest);
}

function scramble(lo: Uint32Array, hi: Uint32Array): void {
  for (let lane = 0; lane < 8; lane++) {
    const a = (lo[lane]! ^ (hi[lane]! >>> 15) ^ low[lane]!) >>> 0;
    const b = hi[lane]! ^ high[lane]!;
    lo[lane] = Math.imul(a, prime);
    hi[lane] = mulHigh(a, prime) + (Math.imul(b, prime) >>> 0);
  }
}
