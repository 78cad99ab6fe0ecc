/** Statistics of an image, and the hash that names its pixels whatever way they were stored. */
import { createHash } from "node:crypto";
import { swapWords } from "./bytes.js";
import type { TypedArray } from "./typed-array.js";

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

export interface ImageSpread {
  median: number;
  /** Of the population: divided by n. */
  std: number;
}

/** Median and standard deviation over the pixels that are numbers. */
export function imageSpread(data: TypedArray, mean: number): ImageSpread {
  const values = new Float64Array(data.length);
  let n = 0;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]!);
    if (value !== value) continue;
    values[n++] = value;
    squares += (value - mean) ** 2;
  }
  if (n === 0) return { median: NaN, std: NaN };
  const sorted = values.subarray(0, n).sort();
  const median = n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
  return { median, std: Math.sqrt(squares / n) };
}
