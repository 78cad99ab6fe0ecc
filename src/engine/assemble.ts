/** Reads rows of a frame whose parts lie in HDUs of their own. */
import type { Assembly } from "../data/assembly.js";
import { readRows } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32 } from "../kernels/decode.js";
import { rawF32 } from "../kernels/raw.js";
import type { Band } from "./bands.js";
import { encodingOf } from "./read-samples.js";
import type { Source } from "./source.js";

/** The rows of every part beside each other; NaN below a part that has fewer rows. The file is hashed at the end. */
export function readAssembled(
  { file }: Source,
  { nx, parts }: Assembly,
  read: Band,
  alloc: Alloc,
): Float32Array {
  const out = rawF32(alloc, nx * read.ny);
  out.fill(NaN);
  for (const part of parts) {
    const rows = Math.min(read.y0 + read.ny, part.ny) - read.y0;
    if (rows <= 0) continue;
    const hdu = file.hdus[part.hdu]!;
    const { bitpix, bscale, bzero, blank } = encodingOf(hdu);
    const bytes = alloc.raw((part.nx * rows * Math.abs(bitpix)) / 8);
    readRows(file, hdu, 0, read.y0, rows, bytes);
    const values = rawF32(alloc, part.nx * rows);
    decodeFloat32(values, bytes, bitpix, bscale, bzero, blank);
    for (let y = 0; y < rows; y++) out.set(values.subarray(y * part.nx, (y + 1) * part.nx), y * nx + part.x0);
  }
  return out;
}
