/** Image arrays: row sections in the file's own numbers, whole images scaled (FITS 4.0 §4.4.2.5, §5). */
import { FitsError } from "../errors.js";
import { asUnsigned, toBigEndian, toNativeOrder, turnSign } from "./bytes.js";
import { checkExtent, describeHdu, type FitsFile, type Hdu } from "./file.js";
import type { ImageInfo } from "./scan.js";
import { wholeImage } from "./tiles/grid.js";
import { readRegion, type RegionOptions } from "./tiles/reader.js";
import type { TypedArray } from "./typed-array.js";

export interface ImageData {
  data: TypedArray;
  /** C order: slowest axis first. */
  shape: number[];
}

/** The image of an HDU, or a FitsError that says it has none. */
export function requireImage(file: FitsFile, hdu: Hdu): ImageInfo {
  if (hdu.image) return hdu.image;
  throw new FitsError(
    `cannot read an image: ${describeHdu(file, hdu)} — it holds ${hdu.type === "image" ? "no data" : `a ${hdu.type}`}`,
    { hint: `iris fits info ${file.path}` },
  );
}

/**
 * Rows [y0, y0 + ny) of the 2-D plane `plane` (counted over all higher axes), big-endian, in the HDU's BITPIX.
 *
 * @param into exactly ny × NAXIS1 × |BITPIX|/8 bytes.
 * @throws FitsError naming file, HDU and byte offset when the file is short or the section lies outside.
 */
export function readRows(
  file: FitsFile,
  hdu: Hdu,
  plane: number,
  y0: number,
  ny: number,
  into: Uint8Array,
): void {
  const { bitpix, axes } = requireImage(file, hdu);
  const nx = axes[0]!;
  const rows = axes[1] ?? 1;
  const planes = axes.slice(2).reduce((product, n) => product * n, 1);
  if (plane < 0 || plane >= planes || y0 < 0 || ny < 0 || y0 + ny > rows) {
    throw new FitsError(
      `cannot read rows ${y0}–${y0 + ny - 1} of plane ${plane}: ${describeHdu(file, hdu)} — it has ${rows} rows, ${planes} planes`,
    );
  }
  const rowBytes = (nx * Math.abs(bitpix)) / 8;
  if (into.length !== ny * rowBytes) {
    throw new FitsError(
      `cannot read rows: ${describeHdu(file, hdu)} — ${ny * rowBytes} bytes into ${into.length}`,
    );
  }
  if (hdu.tiles) {
    const region = [[0, nx], [y0, y0 + ny], ...planeRanges(plane, axes)].slice(0, axes.length);
    into.set(toBigEndian(readRegion(file, hdu, hdu.tiles, region as [number, number][])));
    return;
  }
  const offset = (plane * rows + y0) * rowBytes;
  checkExtent(file, hdu, offset + into.length);
  file.readBytes(hdu.dataStart + offset, into);
}

/** Index `plane` over the axes from the third on, as ranges of one. */
function planeRanges(plane: number, axes: readonly number[]): [number, number][] {
  let rest = plane;
  return axes.slice(2).map((length) => {
    const at = rest % length;
    rest = Math.floor(rest / length);
    return [at, at + 1];
  });
}

/** Raw samples of the whole array in native byte order; they may lie in memory that threads share. */
export function readSamples(file: FitsFile, hdu: Hdu, options: RegionOptions = {}): TypedArray {
  const { bitpix, axes } = requireImage(file, hdu);
  if (hdu.tiles) return readRegion(file, hdu, hdu.tiles, wholeImage(axes), options);
  const elements = axes.reduce((product, n) => product * n, 1);
  const length = (elements * Math.abs(bitpix)) / 8;
  checkExtent(file, hdu, length);
  // Every byte comes from the file: no need to clear them first.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  file.readBytes(hdu.dataStart, bytes);
  return toNativeOrder(bytes, bitpix);
}

const unsignedZero = (bitpix: number): number => (bitpix === 8 ? -128 : 2 ** (bitpix - 1));

/** Does BZERO only shift between signed and unsigned (§5.2.5)? */
export const isUnsignedConvention = ({ bitpix, bscale, bzero }: ImageInfo): boolean =>
  bitpix > 0 && bscale === 1 && bzero === unsignedZero(bitpix);

/** The array type after scaling, by its name in numpy. */
export function dtypeOf(image: ImageInfo): string {
  const { bitpix, bscale, bzero, blank } = image;
  if (isUnsignedConvention(image)) return bitpix === 8 ? "int8" : `uint${bitpix}`;
  if (bitpix < 0) return `float${-bitpix}`;
  if (bscale === 1 && bzero === 0 && blank === null) return bitpix === 8 ? "uint8" : `int${bitpix}`;
  return bitpix > 16 ? "float64" : "float32";
}

/** Does the array lie in memory that threads share? Such arrays don't leave this library. */
const isShared = (raw: TypedArray): boolean => raw.buffer instanceof SharedArrayBuffer;

/** Applies BSCALE, BZERO and BLANK to raw samples; works in place where the type allows. */
export function scaleSamples(raw: TypedArray, image: ImageInfo): TypedArray {
  const { bscale, bzero, blank, bitpix } = image;
  if (isUnsignedConvention(image)) return asUnsigned(turnSign(isShared(raw) ? raw.slice() : raw));
  if (bscale === 1 && bzero === 0 && blank === null) return isShared(raw) ? raw.slice() : raw;
  if (bitpix === -64 || bitpix > 16) {
    const out = raw instanceof Float64Array && !isShared(raw) ? raw : new Float64Array(raw.length);
    for (let i = 0; i < out.length; i++) {
      const value = Number(raw[i]!);
      out[i] = value === blank ? NaN : value * bscale + bzero;
    }
    return out;
  }
  // Samples of 16 bits and fewer fit single precision: scaled in it, like the peers do.
  const out = raw instanceof Float32Array && !isShared(raw) ? raw : new Float32Array(raw.length);
  const scale = Math.fround(bscale);
  const zero = Math.fround(bzero);
  for (let i = 0; i < out.length; i++) {
    const value = Number(raw[i]!);
    out[i] = value === blank ? NaN : Math.fround(value * scale) + zero;
  }
  return out;
}

/**
 * A whole image: unsigned integers as Uint16/Uint32/BigUint64 (Int8 for BZERO = −128), plain integers as they are,
 * float32 or float64 where BSCALE, BZERO or BLANK apply (BLANK becomes NaN).
 *
 * @param options `threads` that may decode a compressed image; by default as many as there are processors, up to 4,
 * and one where the caller is a worker thread itself.
 */
export function readImage(file: FitsFile, hdu: Hdu, options: { threads?: number } = {}): ImageData {
  const image = requireImage(file, hdu);
  const shape = [...image.axes].reverse();
  if (hdu.tiles && isUnsignedConvention(image)) {
    // Signs are turned tile by tile, by the thread that decodes them.
    const turned = readSamples(file, hdu, { ...options, turn: true });
    return { data: asUnsigned(isShared(turned) ? turned.slice() : turned), shape };
  }
  return { data: scaleSamples(readSamples(file, hdu, options), image), shape };
}
