/** The weighted slope of ramps without a flag, many at a time: fixed weights for each signal-to-noise class. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import { rawF32 } from "../raw.js";
import { cap, firstTime, isAbsurd, sigmaOf, type OptimalInput, type OptimalPlanes } from "./optimal-input.js";
import { classOf, slopeWeights, weightsStart } from "./optimal-weights.js";
import { bit } from "./segments.js";
import { comparators } from "./selection.js";

/** Pixels fitted together. */
export const chunk = 2048;
/** Samples in a cache line: the kernel takes as many pixels at a time. */
export const line = 16;
/** Groups up to which the weights of all lengths fit a table of one megabyte. */
const tableGroups = 200;

/** What a band needs for ramps of `ngroups` ≥ 3 groups. */
export interface CleanFit {
  /** tgroup, √(2·nframes), factors of the photon and of the read variance, time of a single first group. */
  facts: Float64Array;
  /** Weights of every length up to `ngroups`, or of the longest ramps only, and where in them those of all groups begin. */
  table: Float64Array;
  hasAll: boolean;
  full: number;
  /** Comparators that bring the median difference to the middle, as byte offsets of rows of eight float32. */
  pairs: Uint32Array;
  scratch: Uint8Array;
  /** Pixels left to others, and their samples, one pixel after the other. */
  list: Uint32Array;
  kept: Float32Array;
}

export function makeCleanFit(input: OptimalInput, alloc: Alloc): CleanFit {
  const { ngroups, nframes, tgroup } = input;
  const hasAll = ngroups <= tableGroups;
  const full = hasAll ? weightsStart(ngroups) : 0;
  const table = alloc.f64(full + slopeWeights(ngroups).length);
  for (let n = hasAll ? 3 : ngroups; n <= ngroups; n++)
    table.set(slopeWeights(n), hasAll ? weightsStart(n) : 0);
  const facts = alloc.f64(5);
  facts.set([
    ...[tgroup, Math.sqrt(2 * nframes), 1 / (tgroup * (ngroups - 1))],
    ...[12 / (tgroup * tgroup * (ngroups ** 3 - ngroups)), firstTime(input)],
  ]);
  return {
    ...{
      facts,
      table,
      hasAll,
      full,
      pairs: comparators(ngroups - 1, 32, alloc),
      scratch: alloc.u8(96 * ngroups + 384),
    },
    ...{ list: alloc.u32(chunk), kept: rawF32(alloc, chunk * ngroups) },
  };
}

/** The SIMD build, when everything that the fit touches lies in its memory. */
export const simdOf = (input: OptimalInput, planes: OptimalPlanes): ReturnType<typeof simdFor> =>
  simdFor(input.gain, input.readNoise) && simdFor(planes.slope, input.pixeldq)
    ? simdFor(input.sci, input.dark ?? input.gain)
    : null;

/**
 * Fits the pixels [from, to), a multiple of sixteen, of single ramps, and writes those that carry a flag, or can't be fitted
 * so, to `fit.list` and their samples to `fit.kept`; gives their number. `flags` begin with pixel `from`; `joint` caps the
 * sum of the variances in the error instead of each.
 */
export function fitClean(
  { facts, table, full, pairs, scratch, list, kept }: CleanFit,
  input: OptimalInput,
  planes: OptimalPlanes,
  flags: Uint8Array | null,
  from: number,
  to: number,
  joint: boolean,
): number {
  const { ngroups, sci, gain, readNoise, dark, pixeldq } = input;
  const { slope, err, varP, varR, dq } = planes;
  return simdOf(input, planes)!.optimalClean(
    ...[slope, err, varP, varR, dq].map(({ byteOffset }) => byteOffset + 4 * from),
    ...[list.byteOffset, kept.byteOffset, from, flags?.byteOffset ?? 0],
    ...[sci.byteOffset + 4 * from, 4 * pixeldq.length, to - from, ngroups],
    ...[gain.byteOffset + 8 * from, readNoise.byteOffset + 8 * from],
    ...[dark ? dark.byteOffset + 8 * from : 0, pixeldq.byteOffset + 4 * from],
    ...[facts.byteOffset, joint ? 1 : 0, table.byteOffset + 8 * full],
    ...[pairs.byteOffset, pairs.length / 2, scratch.byteOffset],
  );
}

/** The same without keeping samples, for any number of pixels; `flags` begin with pixel `first`. */
export function fitCleanPlain(
  { facts, table, full, list }: CleanFit,
  input: OptimalInput,
  planes: OptimalPlanes,
  flags: Uint8Array | null,
  first: number,
  from: number,
  to: number,
  joint: boolean,
): number {
  const { ngroups, sci, gain, readNoise, dark, pixeldq, tgroup, nframes } = input;
  const [photon, read] = [facts[2]!, facts[3]!];
  const n = pixeldq.length;
  const differences = new Float32Array(ngroups - 1);
  let found = 0;
  for (let p = from; p < to; p++) {
    const g = gain[p]!;
    const s = sigmaOf(readNoise[p]!, g, nframes);
    const end = p + (ngroups - 1) * n;
    for (let k = 0, at = p; at < end; k++, at += n) differences[k] = sci[at + n]! - sci[at]!;
    differences.sort();
    const median = (differences[(ngroups - 2) >> 1]! + differences[(ngroups - 1) >> 1]!) / 2;
    let w = full + classOf((sci[end]! - sci[p]!) * g, s) * ngroups;
    let sum = 0;
    for (let at = p; at <= end; at += n) sum += table[w++]! * sci[at]!;
    const rate = sum / tgroup;
    const signal = median / tgroup;
    const dead = (pixeldq[p]! & (bit.unusable | bit.saturated)) !== 0;
    const vp = ((signal > 0 ? signal : 0) + (dark ? dark[p]! : 0)) * (photon / g);
    const vr = (s * s * read) / (g * g);
    planes.slope[p] = dead ? NaN : isAbsurd(vr) ? 0 : rate;
    planes.err[p] = dead ? 0 : Math.sqrt(joint ? cap(vp + vr) : cap(vp) + cap(vr));
    planes.varP[p] = dead ? 0 : cap(vp);
    planes.varR[p] = dead ? 0 : cap(vr);
    planes.dq[p] = pixeldq[p]!;
    if ((flags !== null && flags[p - first] !== 0) || !(g > 0 && s > 0 && rate === rate)) list[found++] = p;
  }
  return found;
}
