/** Big-endian FITS samples to the planes that steps work on (FITS 4.0 §4.4.1.2, §5). */
import { simdFor } from "./memory.js";

export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;

const isShift = (bscale: number, bzero: number): boolean => bscale === 1 && bzero === 0;

/**
 * out[i] = bzero + bscale·sample[i], rounded once to float32; samples equal to `blank` (integers only) and NaN
 * become NaN. `bytes` holds `out.length` samples of |bitpix|/8 bytes.
 */
export function decodeFloat32(
  out: Float32Array,
  bytes: Uint8Array,
  bitpix: Bitpix,
  bscale: number,
  bzero: number,
  blank: number | null,
): void {
  const simd = bitpix === 64 ? null : simdFor(out, bytes);
  if (!simd) return decodeFloat32Plain(out, bytes, bitpix, bscale, bzero, blank);
  const [to, from, n] = [out.byteOffset, bytes.byteOffset, out.length];
  const plain = isShift(bscale, bzero);
  if (bitpix === -32 && plain) simd.swapWords(to, from, n, 0);
  else if (bitpix === -32) simd.decodeFloat(to, from, n, bscale, bzero);
  else if (bitpix === -64) simd.decodeDouble(to, from, n, bscale, bzero, plain ? 1 : 0);
  else simd.decodeInt(to, from, n, bitpix >> 3, bscale, bzero, blank === null ? 0 : 1, blank ?? 0);
}

/** Reads sample `i` of big-endian `view`, before scaling. */
export function sampleAt(view: DataView, bitpix: Bitpix, i: number): number {
  switch (bitpix) {
    case 8:
      return view.getUint8(i);
    case 16:
      return view.getInt16(2 * i);
    case 32:
      return view.getInt32(4 * i);
    case 64:
      // hi·2³² is exact, so the sum is rounded once, as a conversion from int64 would be
      return view.getInt32(8 * i) * 4294967296 + view.getUint32(8 * i + 4);
    case -32:
      return view.getFloat32(4 * i);
    case -64:
      return view.getFloat64(8 * i);
  }
}

export function decodeFloat32Plain(
  out: Float32Array,
  bytes: Uint8Array,
  bitpix: Bitpix,
  bscale: number,
  bzero: number,
  blank: number | null,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const plain = isShift(bscale, bzero);
  if (bitpix === -32 && plain) {
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < bits.length; i++) bits[i] = view.getUint32(4 * i);
    return;
  }
  const unscaled = bitpix === -64 && plain;
  const gap = bitpix > 0 ? blank : null;
  for (let i = 0; i < out.length; i++) {
    const sample = sampleAt(view, bitpix, i);
    out[i] = sample === gap ? NaN : unscaled ? sample : bzero + bscale * sample;
  }
}

/** Flags of 8, 16 or 32 bits as uint32; `bzero` is 0, or what makes the type unsigned (FITS 4.0 Table 11). */
export function decodeUint32(out: Uint32Array, bytes: Uint8Array, bitpix: 8 | 16 | 32, bzero: number): void {
  const simd = simdFor(out, bytes);
  if (!simd) decodeUint32Plain(out, bytes, bitpix, bzero);
  else if (bitpix === 32) simd.swapWords(out.byteOffset, bytes.byteOffset, out.length, bzero | 0);
  else simd.widenFlags(out.byteOffset, bytes.byteOffset, out.length, bitpix >> 3, bzero | 0);
}

export function decodeUint32Plain(
  out: Uint32Array,
  bytes: Uint8Array,
  bitpix: 8 | 16 | 32,
  bzero: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < out.length; i++) out[i] = sampleAt(view, bitpix, i) + bzero;
}
