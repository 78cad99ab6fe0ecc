/**
 * Optimally weighted least squares (READOUT §14; Fixsen et al. 2000, PASP 112, 1350): a slope for each segment of a
 * ramp, the reads weighted by their signal-to-noise class, segments combined by read-noise variance.
 */
import { heap, type Alloc } from "../alloc.js";
import { chunk, fitClean, fitCleanPlain, line, makeCleanFit, simdOf } from "./optimal-clean.js";
import { fitFlagged, makeFlaggedFit } from "./optimal-flagged.js";
import type { OptimalInput, OptimalPlanes } from "./optimal-input.js";
import { fitPixel, makePixel, type SegmentSink } from "./optimal-pixel.js";
import { bit } from "./segments.js";
import { orPlanes } from "./sums.js";

/**
 * Fills `whole` (one plane) and, when given, `each` (a plane per integration). Single ramps are fitted many at a time,
 * first those without any flag; where there are several, or unevenly read ones, or `sink` wants to know of their segments,
 * pixel by pixel.
 */
export function fitOptimal(
  input: OptimalInput,
  whole: OptimalPlanes,
  each: OptimalPlanes | null,
  sink: SegmentSink | null = null,
  alloc: Alloc = heap,
): void {
  const { nints, ngroups, pixeldq, groupdq } = input;
  const n = pixeldq.length;
  const { from: first, to: end } = input.pixels ?? { from: 0, to: n };
  const pixel = makePixel(input);
  if (nints > 1 || ngroups < 3 || sink || input.at) {
    for (let p = first; p < end; p++) fitPixel(pixel, p, whole, each, sink);
    return;
  }
  const clean = makeCleanFit(input, alloc);
  const isFast = simdOf(input, whole) !== null && (!each || simdOf(input, each) !== null);
  const flagged = isFast && !each && !input.zeroframe && clean.hasAll ? makeFlaggedFit(ngroups, alloc) : null;
  const all = alloc.u8(chunk);
  const { list } = clean;
  for (let from = first; from < end; from += chunk) {
    const to = Math.min(end, from + chunk);
    const own = all.subarray(0, to - from);
    const flags = groupdq && orPlanes(own, groupdq, from, ngroups, n, 255) ? own : null;
    const rest = isFast ? to - ((to - from) % line) : from;
    if (isFast) {
      if (each) fitClean(clean, input, each, flags, from, rest, true);
      const count = fitClean(clean, input, whole, flags, from, rest, false);
      if (flagged) fitFlagged(flagged, clean, count, input, whole, flags, from);
      for (const p of list.subarray(0, count))
        if (!flagged || (flags && (flags[p - from]! & bit.chargeLoss) !== 0))
          fitPixel(pixel, p, whole, each, null);
    }
    if (each) fitCleanPlain(clean, input, each, flags, from, rest, to, true);
    const others = fitCleanPlain(clean, input, whole, flags, from, rest, to, false);
    for (const p of list.subarray(0, others)) fitPixel(pixel, p, whole, each, null);
  }
}
