/** What may be chosen when images are packed, and what follows from it for one image. */
import { FitsError } from "../../errors.js";
import type { QuantiseOptions } from "./quantise.js";

export type PackAlgorithm = "RICE_1" | "GZIP_1" | "GZIP_2" | "PLIO_1" | "HCOMPRESS_1" | "NOCOMPRESS";

export interface PackOptions {
  algorithm: PackAlgorithm;
  /** Floats: null keeps every bit. */
  quantise: QuantiseOptions | null;
  /** Length of tiles along each axis, FITS order, 0 for the whole axis; rows (HCOMPRESS: some rows) by default. */
  tile?: readonly number[];
  /** HCOMPRESS_1: above 1 it loses; `smooth` tells readers to smooth what was lost. */
  hcompress?: { scale: number; smooth: boolean };
}

/** Heights of HCOMPRESS tiles in the order they are tried; a rest of fewer than four rows can't be transformed. */
const heights = [16, 24, 20, 30, 28, 26, 22, 18, 14];

const heightFor = (rows: number): number =>
  rows <= 30 ? rows : (heights.find((n) => rows % n === 0 || rows % n > 3) ?? 17);

/** Rice can't take 64-bit integers, nor floats as they are; line lists hold masks only; HCOMPRESS wants 4×4 pixels. */
export function algorithmFor(bitpix: number, axes: readonly number[], options: PackOptions): PackAlgorithm {
  const { algorithm } = options;
  const bytesOnly = bitpix === 64 || (bitpix < 0 && options.quantise === null);
  if (algorithm === "GZIP_1" || algorithm === "GZIP_2" || algorithm === "NOCOMPRESS") return algorithm;
  if (bytesOnly || (algorithm === "PLIO_1" && bitpix < 0)) return "GZIP_2";
  if (algorithm === "HCOMPRESS_1" && (axes.length < 2 || axes[0]! < 4 || axes[1]! < 4)) return "RICE_1";
  return algorithm;
}

/** @throws FitsError when HCOMPRESS can't work on tiles of that shape. */
export function tileFor(axes: readonly number[], algorithm: PackAlgorithm, options: PackOptions): number[] {
  const hcompress = algorithm === "HCOMPRESS_1";
  const tile = axes.map((length, i) => {
    const wanted = options.tile?.[i];
    if (wanted !== undefined) return wanted === 0 ? length : Math.min(wanted, length);
    if (i === 0) return length;
    return hcompress && i === 1 && options.tile === undefined ? heightFor(length) : 1;
  });
  if (!hcompress) return tile;
  const tooSmall = [0, 1].some((i) => tile[i]! < 4 || (axes[i]! % tile[i]! > 0 && axes[i]! % tile[i]! < 4));
  if (tooSmall || tile.slice(2).some((n) => n > 1)) {
    throw new FitsError(
      `cannot pack: tiles of ${tile.join("×")} in ${axes.join("×")} pixels — HCOMPRESS wants two axes of 4 or more`,
      { hint: "iris fits pack --algorithm rice" },
    );
  }
  return tile;
}
