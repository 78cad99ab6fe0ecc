/**
 * Planes to big-endian FITS bytes; each returns the bytes' share of DATASUM (FITS 4.0 §4.4.2.7): the ones'
 * complement sum of their 32-bit words, provided that they start at a multiple of 4 in the data unit.
 */
import { simdFor } from "./memory.js";

const foldCarries = (sum: number): number => {
  while (sum >= 4294967296) sum = (sum % 4294967296) + Math.floor(sum / 4294967296);
  return sum;
};

function encodeWords(bytes: Uint8Array, values: Float32Array | Uint32Array, flip: number): number {
  const simd = simdFor(bytes, values);
  return simd
    ? simd.encodeWords(bytes.byteOffset, values.byteOffset, values.length, flip) >>> 0
    : encodeWordsPlain(bytes, values, flip);
}

/** The words' bits, each with the bits of `flip` inverted; integers below 2⁵³ add exactly in chunks. */
export function encodeWordsPlain(
  bytes: Uint8Array,
  values: Float32Array | Uint32Array,
  flip: number,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let sum = 0;
  for (let i = 0; i < bits.length; i++) {
    const word = (bits[i]! ^ flip) >>> 0;
    view.setUint32(4 * i, word);
    sum += word;
    if (sum > 4503599627370496) sum = foldCarries(sum);
  }
  return foldCarries(sum);
}

/** BITPIX −32. */
export const encodeFloat32 = (bytes: Uint8Array, values: Float32Array): number =>
  encodeWords(bytes, values, 0);

/** BITPIX 32 with BZERO 2³¹: unsigned integers are stored with their top bit inverted. */
export const encodeUint32 = (bytes: Uint8Array, values: Uint32Array): number =>
  encodeWords(bytes, values, 0x80000000);

/** BITPIX 8. A last word that is cut short counts as padded with zeros. */
export function encodeUint8(bytes: Uint8Array, values: Uint8Array): number {
  const simd = simdFor(bytes, values);
  return simd
    ? simd.encodeBytes(bytes.byteOffset, values.byteOffset, values.length) >>> 0
    : encodeUint8Plain(bytes, values);
}

export function encodeUint8Plain(bytes: Uint8Array, values: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    bytes[i] = values[i]!;
    sum += values[i]! * 2 ** (24 - 8 * (i & 3));
  }
  return foldCarries(sum);
}
