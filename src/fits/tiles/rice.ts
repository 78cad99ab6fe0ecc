/** Rice-coded tiles, decoded in the kernels' memory (FITS 4.0 §10.4.1). */
import { FitsError } from "../../errors.js";
import { kernelMemory } from "../../kernels/memory.js";
import { decodeRice, leastRiceBytes, riceScratch, type RicePixels } from "../../kernels/rice.js";

/** Larger tiles are decoded outside: the kernels' memory never shrinks. */
const mostPixels = 2 ** 24;

function outside(count: number, bytesPerPixel: number): RicePixels {
  if (bytesPerPixel === 1) return new Uint8Array(count);
  return bytesPerPixel === 2 ? new Int16Array(count) : new Int32Array(count);
}

function inside(count: number, bytesPerPixel: number): RicePixels {
  const { buffer, byteOffset } = kernelMemory().raw(count * bytesPerPixel);
  if (bytesPerPixel === 1) return new Uint8Array(buffer, byteOffset, count);
  if (bytesPerPixel === 2) return new Int16Array(buffer, byteOffset, count);
  return new Int32Array(buffer, byteOffset, count);
}

/**
 * Pixels of `bytesPerPixel` (1, 2 or 4) bytes. They may lie in the kernels' memory: whoever calls marks and releases it.
 *
 * @throws FitsError when the stream ends early or is damaged.
 */
export function unpackRice(
  packed: Uint8Array,
  count: number,
  bytesPerPixel: number,
  blockSize: number,
): RicePixels {
  if (![1, 2, 4].includes(bytesPerPixel) || !Number.isInteger(blockSize) || blockSize < 1)
    throw new FitsError(`Rice: ${bytesPerPixel} bytes per pixel, blocks of ${blockSize}`);
  if (packed.length < leastRiceBytes(count, blockSize, bytesPerPixel)) {
    throw new FitsError(`Rice: ${packed.length} bytes can't hold ${count} pixels`);
  }
  let pixels: RicePixels;
  let held: number;
  if (count > mostPixels) {
    pixels = outside(count, bytesPerPixel);
    held = decodeRice(pixels, packed, blockSize);
  } else {
    const memory = kernelMemory();
    pixels = inside(count, bytesPerPixel);
    const stream = memory.raw(packed.length);
    stream.set(packed);
    held = decodeRice(pixels, stream, blockSize, memory.raw(riceScratch(packed.length)));
  }
  if (held >= 0) {
    throw new FitsError(
      `Rice: the stream of ${packed.length} bytes ends or is damaged at pixel ${held} of ${count}`,
    );
  }
  return pixels;
}
