/** Searches short ramps, one hit after the other: the span of the differences clears most of them at once. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import { iterate } from "./jump-search.js";
import { CHUNK, collectFrom, eachChunk, LINE } from "./jump-chunks.js";
import { differences, type JumpInput, type JumpOptions, type Work } from "./jump-work.js";

/** Flags hits of single, evenly read ramps, as `differences` and `iterate` do pixel by pixel. */
export function searchInTurn(input: JumpInput, work: Work, options: JumpOptions, alloc: Alloc): void {
  const { rejection, rejectionOfThree, rejectionOfTwo } = options;
  const threshold = Math.min(rejection, rejectionOfThree, rejectionOfTwo);
  const [list, scratch] = [alloc.u32(CHUNK), alloc.u8(4 * LINE * input.ngroups)];
  eachChunk(input, alloc, (from, to, own) => {
    const found = list.subarray(0, wide(list, input, own, from, to, threshold, scratch));
    collectFrom(own, from, found, input, work);
    for (const p of found) {
      differences(input, work, p);
      iterate(input, work, p, options);
    }
  });
}

/**
 * Writes the pixels of [from, to) that may hold a hit, or are flagged, and gives their number; `flags` begin with pixel
 * `from`. The middle m of the sizes |d| of the differences lies among them, so that none is farther from it than max − min, and
 * σ² = m + noise is at least min + noise: no hit where max − min ≤ T·√(min + noise).
 */
export function wide(
  list: Uint32Array,
  input: JumpInput,
  flags: Uint8Array | null,
  from: number,
  to: number,
  threshold: number,
  scratch: Uint8Array,
): number {
  const { nx, ny, ngroups, sci, gain, readNoise, nframes } = input;
  const simd = simdFor(list, sci) && simdFor(gain, readNoise);
  const rest = simd ? to - ((to - from) % LINE) : from;
  const count = simd
    ? simd.jumpWide(
        ...[list.byteOffset, from, flags?.byteOffset ?? 0, sci.byteOffset + 4 * from, 4 * nx * ny],
        ...[rest - from, ngroups, gain.byteOffset + 8 * from, readNoise.byteOffset + 8 * from],
        ...[nframes, reduced(threshold), scratch.byteOffset],
      )
    : 0;
  return count + widePlain(list.subarray(count), input, flags, from, rest, to, threshold);
}

/** A little less, for the rounding of what is compared with it. */
const reduced = (threshold: number): number => threshold * (1 - 1e-12);

const { fround } = Math;

/** The same for any number of pixels; `flags` begin with pixel `first`. */
export function widePlain(
  list: Uint32Array,
  { nx, ny, ngroups, sci, gain, readNoise, nframes }: JumpInput,
  flags: Uint8Array | null,
  first: number,
  from: number,
  to: number,
  threshold: number,
): number {
  const limit = reduced(threshold);
  const plane = nx * ny;
  let found = 0;
  for (let p = from; p < to; p++) {
    const g = gain[p]!;
    const noise = fround(readNoise[p]! * g);
    let before = fround(sci[p]! * g);
    let [low, high, sum] = [Infinity, 0, before];
    for (let k = 1, at = p + plane; k < ngroups; k++, at += plane) {
      const x = fround(sci[at]! * g);
      const size = Math.abs(fround(x - before));
      if (size < low) low = size;
      if (size > high) high = size;
      sum = fround(sum + x);
      before = x;
    }
    const span = fround(high - low);
    const clear = g > 0 && sum === sum && span <= limit * Math.sqrt(low + (noise * noise) / nframes);
    if (!clear || (flags !== null && flags[p - first] !== 0)) list[found++] = p;
  }
  return found;
}
