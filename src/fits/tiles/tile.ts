/** One tile: its packed bytes to samples of the image's own type. */
import { gunzipSync } from "node:zlib";
import { FitsError } from "../../errors.js";
import { inMemory } from "../../kernels/memory.js";
import { toNativeOrder } from "../bytes.js";
import type { TypedArray } from "../typed-array.js";
import type { Bitpix } from "../scan.js";
import { unquantise } from "./dither.js";
import { decodeHcompress } from "./hcompress.js";
import { algorithmNamed, type TileInfo } from "./info.js";
import { decodePlio } from "./plio.js";
import { unpackRice } from "./rice.js";
import { unshuffle } from "./shuffle.js";

/** A tile as its row of the table has it. */
export interface PackedTile {
  /** Where the bytes came from decides how they are coded. */
  from: "COMPRESSED_DATA" | "GZIP_COMPRESSED_DATA" | "UNCOMPRESSED_DATA";
  bytes: Uint8Array;
  /** Elements, not bytes, of UNCOMPRESSED_DATA are this large. */
  scale: number | null;
  zero: number | null;
  blank: number | null;
  mask: Uint8Array | null;
}

/** Samples of this BITPIX, zeros; in `buffer` when one is given. */
export function makeArray(bitpix: Bitpix, length: number, buffer?: SharedArrayBuffer): TypedArray {
  const memory = buffer ?? new ArrayBuffer((length * Math.abs(bitpix)) / 8);
  switch (bitpix) {
    case 8:
      return new Uint8Array(memory);
    case 16:
      return new Int16Array(memory);
    case 32:
      return new Int32Array(memory);
    case 64:
      return new BigInt64Array(memory);
    case -32:
      return new Float32Array(memory);
    default:
      return new Float64Array(memory);
  }
}

function inflate(packed: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(packed, { maxOutputLength: Math.max(1, limit) });
  } catch (cause) {
    throw new FitsError(`GZIP: a tile of ${packed.length} bytes is damaged`, { cause });
  }
}

/** Big-endian words of whatever size fills `count` elements, copied. */
function words(bytes: Uint8Array, count: number, float: boolean): TypedArray {
  const size = bytes.length / count;
  if (![1, 2, 4, 8].includes(size) || (float && size < 4)) {
    throw new FitsError(`a tile holds ${bytes.length} bytes for ${count} pixels`);
  }
  return toNativeOrder(new Uint8Array(bytes), float ? -8 * size : 8 * size);
}

function gunzipped(packed: Uint8Array, count: number, shuffled: boolean, float: boolean): TypedArray {
  const plain = inflate(packed, count * 8);
  const size = plain.length / count;
  const ordered = shuffled && Number.isInteger(size) ? unshuffle(plain, size) : plain;
  return words(ordered, count, float);
}

function integersOf(
  algorithm: TileInfo["algorithm"],
  packed: Uint8Array,
  count: number,
  info: TileInfo,
): TypedArray {
  const { parameters } = info;
  if (algorithm === "GZIP_1" || algorithm === "GZIP_2") {
    return gunzipped(packed, count, algorithm === "GZIP_2", false);
  }
  if (algorithm === "NOCOMPRESS") return words(packed, count, false);
  if (algorithm === "RICE_1") {
    return unpackRice(packed, count, parameters["BYTEPIX"] ?? 4, parameters["BLOCKSIZE"] ?? 32);
  }
  const out = new Int32Array(count);
  if (algorithm === "PLIO_1") {
    decodePlio(out, packed);
    // Line lists hold no negative numbers: 16-bit images with BZERO = 32768 are stored unsigned.
    if (info.bitpix === 16 && info.bzero === 32768) for (let i = 0; i < count; i++) out[i]! -= 32768;
  } else decodeHcompress(out, packed, (parameters["SMOOTH"] ?? 0) !== 0);
  return out;
}

function asIntegers(values: TypedArray): Int32Array {
  if (values instanceof Int32Array) return values;
  return Int32Array.from(values as Int16Array, Number);
}

function copyInto(out: TypedArray, values: TypedArray): void {
  const wide = out instanceof BigInt64Array;
  const big = values instanceof BigInt64Array;
  if (wide === big) (out as Float64Array).set(values as Float64Array);
  else if (wide) for (let i = 0; i < out.length; i++) out[i] = BigInt(values[i]! as number);
  else for (let i = 0; i < out.length; i++) out[i] = Number(values[i]!);
}

function applyMask(out: TypedArray, packed: Uint8Array, info: TileInfo, blank: number | null): void {
  const mask = integersOf(algorithmNamed(info.maskAlgorithm ?? info.algorithm), packed, out.length, info);
  const float = out instanceof Float32Array || out instanceof Float64Array;
  if (!float && (blank === null || out instanceof BigInt64Array)) return;
  for (let i = 0; i < out.length; i++) if (Number(mask[i]!) !== 0) out[i] = float ? NaN : blank!;
}

function decodeInto(out: TypedArray, packed: PackedTile, info: TileInfo, row: number): void {
  const float = info.bitpix < 0;
  const count = out.length;
  if (packed.from === "UNCOMPRESSED_DATA") {
    copyInto(out, words(packed.bytes, count, float));
  } else if (packed.from === "GZIP_COMPRESSED_DATA") {
    copyInto(out, gunzipped(packed.bytes, count, false, float));
  } else if (float && packed.scale === null) {
    // Not quantised: the bytes of the floats themselves.
    const { algorithm } = info;
    if (algorithm === "NOCOMPRESS") copyInto(out, words(packed.bytes, count, true));
    else copyInto(out, gunzipped(packed.bytes, count, algorithm === "GZIP_2", true));
  } else if (float) {
    const { scale, zero, blank } = packed;
    const integers = asIntegers(integersOf(info.algorithm, packed.bytes, count, info));
    const { dither, dither0 } = info;
    unquantise(out as Float32Array, integers, {
      scale: scale!,
      zero: zero ?? 0,
      blank,
      dither,
      row: row + dither0 - 1,
    });
  } else copyInto(out, integersOf(info.algorithm, packed.bytes, count, info));
  if (packed.mask) applyMask(out, packed.mask, info, packed.blank);
}

/**
 * Fills `out` with the samples of a tile.
 *
 * @param row number of the tile, from 1: it starts the random numbers of dithering.
 * @throws FitsError when the tile is damaged.
 */
export function decodeTile(out: TypedArray, packed: PackedTile, info: TileInfo, row: number): void {
  inMemory(() => {
    decodeInto(out, packed, info, row);
  });
}
