/** Samples of an open exposure, by rows, hashed as they are read. */
import type { RawSamples } from "../data/kinds.js";
import { isInt16 } from "../data/ramp.js";
import { InputError } from "../errors.js";
import { readRows, type Hdu } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import type { Band } from "./bands.js";
import { hashRows } from "./hashes.js";
import { countHash, type Source } from "./source.js";

/** Columns, rows and planes of an image. */
export const sizeOf = (hdu: Hdu): { nx: number; ny: number; planes: number } => {
  const [nx, ny, ...rest] = hdu.image!.axes as [number, number, ...number[]];
  return { nx, ny, planes: rest.reduce((a, b) => a * b, 1) };
};

/** Reads the rows `read` of a plane, big-endian. Returns the hash of the rows `own`. */
function readPlane(
  { file }: Source,
  hdu: Hdu,
  plane: number,
  read: Band,
  own: Band,
  into: Uint8Array,
): bigint {
  readRows(file, hdu, plane, read.y0, read.ny, into);
  const rowBytes = into.length / read.ny;
  const first = (own.y0 - read.y0) * rowBytes;
  const rows = into.subarray(first, first + own.ny * rowBytes);
  return hashRows(rows, rowBytes, plane, own.y0, own.ny, sizeOf(hdu).ny);
}

/** Big-endian samples of the rows `read` of every plane, [planes][ny][nx]; the rows of `own` are hashed. */
export function readSamples(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Uint8Array {
  const { raw, finish } = unreadSamples(source, hdu, read, own, alloc);
  const { bytes } = raw;
  finish();
  return bytes;
}

/**
 * The samples of the rows `read`, read when they are asked for: a step that takes them plane by plane finds each in the
 * cache still. `finish` reads, for the hash of the rows `own`, those that no step asked for.
 */
export function unreadSamples(
  source: Source,
  hdu: Hdu,
  read: Band,
  own: Band,
  alloc: Alloc,
): { raw: RawSamples; finish(): void } {
  const { nx, planes } = sizeOf(hdu);
  const encoding = encodingOf(hdu);
  const size = (read.ny * nx * Math.abs(encoding.bitpix)) / 8;
  const hashed = new Uint8Array(planes);
  let hash = 0n;
  let all: Uint8Array | null = null;
  const take = (plane: number, into: Uint8Array): void => {
    const leaf = readPlane(source, hdu, plane, read, own, into);
    if (hashed[plane] === 0) hash += leaf;
    hashed[plane] = 1;
  };
  const readAll = (): Uint8Array => {
    const bytes = alloc.raw(planes * size);
    for (let plane = 0; plane < planes; plane++)
      take(plane, bytes.subarray(plane * size, (plane + 1) * size));
    return bytes;
  };
  return {
    raw: {
      ...encoding,
      get bytes() {
        return (all ??= readAll());
      },
      readPlane: take,
    },
    finish() {
      if (own.ny === 0) return;
      if (hashed.includes(0)) {
        const into = alloc.raw(size);
        for (let plane = 0; plane < planes; plane++) if (hashed[plane] === 0) take(plane, into);
      }
      countHash(source, source.file.path, hdu, hash);
      hash = 0n;
    },
  };
}

/** Whether the reads of a ramp can be summed as they come: no flags, and samples whose sums are exact. */
export const isReadByRead = ({ kind, planes, layout }: Source): boolean =>
  kind === "ramp" && !layout && !planes.groupdq && isInt16(encodingOf(planes.sci));

/** Flags are integers: a float plane of that name is something else. */
export function flagEncoding(hdu: Hdu): { bitpix: 8 | 16 | 32; bzero: number } {
  const { bitpix, bzero } = encodingOf(hdu);
  if (bitpix === 8 || bitpix === 16 || bitpix === 32) return { bitpix, bzero };
  throw new InputError(
    `flags in HDU ${hdu.index} (${hdu.name}) are floats (BITPIX ${bitpix}), integers are wanted`,
  );
}

export const encodingOf = (hdu: Hdu): Omit<RawSamples, "bytes" | "readPlane"> => {
  const { bitpix, bscale, bzero, blank } = hdu.image!;
  if (bitpix === 64)
    throw new InputError(`64-bit integer pixels in HDU ${hdu.index} (${hdu.name}) can't be reduced`, {
      hint: "convert them to 32-bit integers or floats first",
    });
  return { bitpix, bscale, bzero, blank };
};

export function floats(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Float32Array {
  const { bitpix, bscale, bzero, blank } = encodingOf(hdu);
  const bytes = readSamples(source, hdu, read, own, alloc);
  const n = bytes.length / (Math.abs(bitpix) / 8);
  // Samples as wide as what they become are decoded where they are.
  const out =
    Math.abs(bitpix) === 32 ? new Float32Array(bytes.buffer, bytes.byteOffset, n) : rawF32(alloc, n);
  decodeFloat32(out, bytes, bitpix, bscale, bzero, blank);
  return out;
}

export function flags(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Uint32Array {
  const { bitpix, bzero } = flagEncoding(hdu);
  const bytes = readSamples(source, hdu, read, own, alloc);
  const n = bytes.length / (bitpix / 8);
  const out = bitpix === 32 ? new Uint32Array(bytes.buffer, bytes.byteOffset, n) : rawU32(alloc, n);
  decodeUint32(out, bytes, bitpix, bzero);
  return out;
}
