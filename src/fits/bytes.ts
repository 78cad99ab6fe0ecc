/** Byte order: FITS is big-endian (FITS 4.0 §5), typed arrays have the machine's order. */
import { endianness } from "node:os";
import type { TypedArray } from "./typed-array.js";

const littleEndian = endianness() === "LE";

/** Swaps the bytes of every `size`-byte word in place. */
export function swapWords(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

/** Big-endian samples of this BITPIX as a typed array over the same memory (byteOffset must be aligned). */
export function toNativeOrder(bytes: Uint8Array, bitpix: number): TypedArray {
  const size = Math.abs(bitpix) / 8;
  if (littleEndian && size > 1) swapWords(bytes, size);
  const length = bytes.byteLength / size;
  const { buffer, byteOffset } = bytes;
  switch (bitpix) {
    case 16:
      return new Int16Array(buffer, byteOffset, length);
    case 32:
      return new Int32Array(buffer, byteOffset, length);
    case 64:
      return new BigInt64Array(buffer, byteOffset, length);
    case -32:
      return new Float32Array(buffer, byteOffset, length);
    case -64:
      return new Float64Array(buffer, byteOffset, length);
    default:
      return bytes;
  }
}

/** The samples' own bytes in big-endian order: the array itself is of no use afterwards. */
export function intoBigEndian(values: TypedArray): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (littleEndian) swapWords(bytes, values.BYTES_PER_ELEMENT);
  return bytes;
}

/** A copy of the samples in big-endian order. */
export function toBigEndian(values: TypedArray): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if (littleEndian) swapWords(bytes, values.BYTES_PER_ELEMENT);
  return bytes;
}

/** The top bit of every integer turned over, in place: what BZERO = 2ⁿ⁻¹ comes to (§5.2.5). */
export function turnSign(values: TypedArray): TypedArray {
  if (values instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! ^ -0x8000000000000000n;
  } else if (values instanceof Int32Array) {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! ^ 0x80000000;
  } else if (values instanceof Int16Array) {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! ^ 0x8000;
  } else if (values instanceof Uint8Array) {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! ^ 0x80;
  }
  return values;
}

/** The same memory with the other sign: Int16Array as Uint16Array, Uint8Array as Int8Array … */
export function asUnsigned(values: TypedArray): TypedArray {
  const { buffer, byteOffset, length } = values;
  if (values instanceof BigInt64Array) return new BigUint64Array(buffer, byteOffset, length);
  if (values instanceof Int32Array) return new Uint32Array(buffer, byteOffset, length);
  if (values instanceof Int16Array) return new Uint16Array(buffer, byteOffset, length);
  return new Int8Array(buffer, byteOffset, length);
}
