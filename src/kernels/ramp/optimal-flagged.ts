/** The weighted fit of flagged ramps, many at a time. */
import type { Alloc } from "../alloc.js";
import { simdOf, type CleanFit } from "./optimal-clean.js";
import type { OptimalInput, OptimalPlanes } from "./optimal-input.js";
import { comparators } from "./selection.js";

export interface FlaggedFit {
  /** Rows that are sorted: an even number, so that the middle of what can be used is the middle of all of them. */
  size: number;
  pairs: Uint32Array;
  scratch: Uint8Array;
}

export function makeFlaggedFit(ngroups: number, alloc: Alloc): FlaggedFit {
  const size = ngroups - 1 + ((ngroups - 1) & 1);
  const scratch = alloc.u8(32 * size + 96 + 16 * ngroups);
  return { size, pairs: comparators(size, 32, alloc), scratch };
}

/**
 * Fits the first `count` pixels of `clean.list`, found from pixel `first` on with their samples kept, as `fitPixel` does one
 * by one: single ramps without the very first read, none of which has lost charge to its neighbours.
 */
export function fitFlagged(
  { size, pairs, scratch }: FlaggedFit,
  { list, kept, facts, table }: CleanFit,
  count: number,
  input: OptimalInput,
  planes: OptimalPlanes,
  flags: Uint8Array | null,
  first: number,
): void {
  const { ngroups, groupdq, gain, readNoise, dark, pixeldq, suppressOne } = input;
  const { slope, err, varP, varR, dq } = planes;
  simdOf(input, planes)!.optimalFlagged(
    ...[slope, err, varP, varR, dq, list, kept].map(({ byteOffset }) => byteOffset),
    ...[count, first, flags?.byteOffset ?? 0, groupdq?.byteOffset ?? 0, pixeldq.length, ngroups],
    ...[gain.byteOffset, readNoise.byteOffset, dark?.byteOffset ?? 0, pixeldq.byteOffset],
    ...[facts.byteOffset, suppressOne ? 1 : 0, table.byteOffset],
    ...[pairs.byteOffset, pairs.length / 2, size, scratch.byteOffset],
  );
}
