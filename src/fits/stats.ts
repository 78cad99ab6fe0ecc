/** Statistics of an image, and the hash that names its pixels whatever way they were stored. */
import { createHash } from "node:crypto";
import { swapWords } from "./bytes.js";
import type { TypedArray } from "./image.js";

export interface ImageStats {
  /** Over the pixels that are numbers; NaN when there are none. */
  min: number;
  max: number;
  mean: number;
  nan: number;
  /** First 16 hex digits of the sha256 of the scaled pixels as big-endian float64. */
  sha256: string;
}

const chunkLength = 65536;

export function imageStats(data: TypedArray): ImageStats {
  const hash = createHash("sha256");
  const chunk = new Float64Array(Math.min(chunkLength, data.length));
  const bytes = new Uint8Array(chunk.buffer);
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let nan = 0;
  for (let start = 0; start < data.length; start += chunkLength) {
    const count = Math.min(chunkLength, data.length - start);
    let part = 0;
    for (let i = 0; i < count; i++) {
      const value = Number(data[start + i]!);
      chunk[i] = value;
      if (value !== value) nan++;
      else {
        if (value < min) min = value;
        if (value > max) max = value;
        part += value;
      }
    }
    sum += part;
    const used = bytes.subarray(0, 8 * count);
    swapWords(used, 8);
    hash.update(used);
  }
  const good = data.length - nan;
  return {
    min: good > 0 ? min : NaN,
    max: good > 0 ? max : NaN,
    mean: sum / good,
    nan,
    sha256: hash.digest("hex").slice(0, 16),
  };
}
