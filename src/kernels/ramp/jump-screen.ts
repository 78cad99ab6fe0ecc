/** Searches single, evenly read ramps many at a time: a bound clears most of them, the others are tested in groups. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import { rawF32 } from "../raw.js";
import { singlePass } from "./jump-search.js";
import { CHUNK, collectFrom, eachChunk, LINE } from "./jump-chunks.js";
import { differences, type JumpInput, type Work } from "./jump-work.js";
import { comparators } from "./selection.js";

/** Of the pixels in doubt the most that are tested by one call. */
const batch = 64;

/** Flags every hit of one pass with a common median, as `differences` and `singlePass` do pixel by pixel. */
export function searchTogether(input: JumpInput, work: Work, threshold: number, alloc: Alloc): void {
  const { ngroups, groupdq, sci, gain, readNoise } = input;
  const table = makeTable(ngroups, alloc);
  const { list } = table;
  const isFast = simdFor(sci, groupdq) !== null && simdFor(gain, readNoise) !== null;
  eachChunk(input, alloc, (from, to, own) => {
    let rest = from;
    if (isFast) {
      rest = to - ((to - from) % LINE);
      const count = screen(table, input, own, from, rest, threshold);
      collectFrom(own, from, list.subarray(0, count), input, work);
      for (let i = 0; i < count; i += batch)
        judge(table, input, work, own, from, i, Math.min(count, i + batch), threshold);
    }
    const others = list.subarray(0, screenPlain(list, input, own, from, rest, to, threshold));
    collectFrom(own, from, others, input, work);
    for (const p of others) {
      differences(input, work, p);
      singlePass(input, work, p, threshold);
    }
  });
}

/** A little less than the threshold, for the rounding of what is compared with it. */
const reduced = (threshold: number): number => fround(threshold * (1 - 1e-5));

/**
 * Writes the pixels of [from, to) that may hold a hit, or are flagged, to `table.list`, their samples to `table.kept`, and
 * gives their number. `flags` begin with pixel `from`; to − from is a multiple of sixteen.
 *
 * With the differences d within [mean − f, mean + f], none is farther from the median m than f + |m − mean|, and
 * σ² = |m| + noise is at least |mean| − |m − mean| + noise: while |m − mean| stays within some `room`, no |d − m| exceeds
 * T·σ. It does where at most half of the differences lie beyond the room on either side, which takes no sorting.
 *
 * All this in float32, with space for rounding: a difference here is that of the test but for 2⁻²⁰ of the largest sample
 * (three roundings of either sample, and its own); 2⁻¹⁹ of a bound of that sample are added to f, for the difference and
 * the median, and T is 1e-5 smaller for the arithmetic with the results.
 */
export function screen(
  { list, kept, scratch }: Table,
  { nx, ny, ngroups, sci, gain, readNoise, nframes }: JumpInput,
  flags: Uint8Array | null,
  from: number,
  to: number,
  threshold: number,
): number {
  return simdFor(list, sci)!.jumpScreen(
    ...[list.byteOffset, from, flags?.byteOffset ?? 0],
    ...[sci.byteOffset + 4 * from, 4 * nx * ny, to - from, ngroups],
    ...[gain.byteOffset + 8 * from, readNoise.byteOffset + 8 * from, nframes, reduced(threshold)],
    ...[kept.byteOffset, scratch.byteOffset],
  );
}

const { fround } = Math;

/** The same without keeping samples, for any number of pixels; `flags` begin with pixel `first`. */
export function screenPlain(
  list: Uint32Array,
  { nx, ny, ngroups, sci, gain, readNoise, nframes }: JumpInput,
  flags: Uint8Array | null,
  first: number,
  from: number,
  to: number,
  threshold: number,
): number {
  const limit = reduced(threshold);
  const [n, plane] = [ngroups - 1, nx * ny];
  const d = new Float32Array(n);
  let found = 0;
  for (let p = from; p < to; p++) {
    const g = fround(gain[p]!);
    const r = fround(readNoise[p]! * gain[p]!);
    const noise = fround((r * r) / nframes);
    const start = fround(sci[p]! * g);
    let [before, low, high, sum] = [start, Infinity, -Infinity, start];
    for (let k = 0, at = p + plane; k < n; k++, at += plane) {
      const x = fround(sci[at]! * g);
      const one = fround(x - before);
      d[k] = one;
      if (one < low) low = one;
      if (one > high) high = one;
      sum += x;
      before = x;
    }
    const mean = fround(fround(before - start) / n);
    const room = roomOf(Math.abs(start), low, high, mean, noise, n, limit);
    const [lowest, highest] = [fround(mean - room), fround(mean + room)];
    let [below, above] = [0, 0];
    for (let k = 0; k < n; k++) {
      if (d[k]! < lowest) below++;
      if (d[k]! > highest) above++;
    }
    const clear = Math.max(below, above) <= (n - 1) >> 1 && room >= 0 && sum === sum;
    if (!clear || (flags !== null && flags[p - first] !== 0)) list[found++] = p;
  }
  return found;
}

/** How far the median may lie from the mean without any difference being a hit; negative or NaN if it may not. */
function roomOf(
  start: number,
  low: number,
  high: number,
  mean: number,
  noise: number,
  n: number,
  threshold: number,
): number {
  const largest = fround(start + fround(n * Math.max(Math.abs(low), Math.abs(high))));
  const far = fround(Math.max(fround(high - mean), fround(mean - low)) + fround(largest * 2 ** -19));
  const size = Math.abs(mean);
  const sigmas = (square: number): number => fround(threshold * fround(Math.sqrt(fround(square + noise))));
  const most = fround(sigmas(size) - far);
  return fround(sigmas(Math.max(0, fround(size - most))) - far);
}

export interface Table {
  /** Pixels in doubt, and their samples, one pixel after the other. */
  list: Uint32Array;
  kept: Float32Array;
  /** Rows that are sorted: an even number, so that the middle of what can be used is the middle of all of them. */
  size: number;
  pairs: Uint32Array;
  scratch: Uint8Array;
  /** Places of hits in groupdq, and how many σ they are. */
  hits: Uint32Array;
  ratios: Float64Array;
}

export function makeTable(ngroups: number, alloc: Alloc): Table {
  const size = ngroups - 1 + ((ngroups - 1) & 1);
  const pairs = comparators(size, 32, alloc);
  const most = batch * (ngroups - 1);
  return {
    ...{ list: alloc.u32(CHUNK), kept: rawF32(alloc, CHUNK * ngroups) },
    ...{ size, pairs, scratch: alloc.u8(96 * (ngroups + 2)) },
    ...{ hits: alloc.u32(most), ratios: alloc.f64(most) },
  };
}

/** The test itself, of the pixels [i, to) of the list, found from pixel `first` on. */
function judge(
  { list, kept, size, pairs, scratch, hits, ratios }: Table,
  { ngroups, groupdq, gain, readNoise, nframes }: JumpInput,
  work: Work,
  flags: Uint8Array | null,
  first: number,
  i: number,
  to: number,
  threshold: number,
): void {
  const found = simdFor(list, groupdq)!.jumpJudge(
    ...[list.byteOffset + 4 * i, to - i, kept.byteOffset + 4 * i * ngroups, flags?.byteOffset ?? 0, first],
    ...[groupdq.byteOffset, work.pixels, ngroups, gain.byteOffset, readNoise.byteOffset, nframes, threshold],
    ...[pairs.byteOffset, pairs.length / 2, size, scratch.byteOffset, hits.byteOffset, ratios.byteOffset],
  );
  for (let k = 0; k < found; k++) {
    work.hits.push(hits[k]!);
    work.ratios.push(ratios[k]!);
  }
}
