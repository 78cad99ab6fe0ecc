/** Flags reads at or above the saturation threshold, their neighbours, and what follows them. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Ramp, Reference } from "../data/kinds.js";
import { readPattern } from "../data/reads.js";
import { changeZeroframes, correct, groupFlags, planeSize, samples } from "../data/ramp.js";
import type { Readout } from "../data/exposure.js";
import type { Alloc } from "../kernels/alloc.js";
import { markSaturated } from "../kernels/ramp/correct.js";
import { growFlag, pixelsWith } from "../kernels/ramp/grow.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

/** One more than a 16-bit converter can give: never reached. */
const noThreshold = 65536;

export const saturation = defineStep({
  name: "saturation",
  summary: "Flag saturated reads and the neighbours that their charge spills into.",
  equation:
    "S_g ≥ T → SATURATED in this and all later groups and, group by group, in the (2n+1)² box around;  " +
    "S_g ≤ 0 → AD_FLOOR, DO_NOT_USE",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  version: 2,
  status: "S_SATURA",
  flags: ["SATURATED", "AD_FLOOR", "DO_NOT_USE", "NO_SAT_CHECK"],
  refs: {
    saturation: { type: "SATURATION", doc: "threshold of each pixel in DN, with the bias in it" },
    superbias: {
      type: "SUPERBIAS",
      doc: "bias in DN, for groups that average reads before and after saturation",
      optional: true,
    },
  },
  params: v.object({
    n_pix_grow_sat: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64)), 1),
      v.description("pixels that saturation spreads to in each direction"),
    ),
    use_readpatt: v.pipe(
      v.optional(v.boolean(), true),
      v.description("look for saturation hidden in the average of a group's reads"),
    ),
  }),
  // the growth of diluted groups begins at pixels that the first growth has judged by their neighbours
  halo: ({ n_pix_grow_sat: n, use_readpatt }, { readout }) =>
    use_readpatt && readout && isAveraged(readout) ? 2 * n : n,
  skip: ({ refs }) => (refs.saturation ? undefined : "no SATURATION reference applies"),
  run(ramp, { refs, params, exposure, alloc }) {
    const threshold = thresholds(ramp, refs.saturation, alloc);
    flagGroups(ramp, threshold, params.n_pix_grow_sat, alloc);
    dropZeroframes(ramp, threshold, params.n_pix_grow_sat, alloc);
    if (params.use_readpatt && exposure.readout) {
      flagDiluted(ramp, threshold, exposure.readout, params.n_pix_grow_sat, alloc);
      flagSecond(ramp, threshold, exposure.readout, refs.superbias, alloc);
    }
    return complete(ramp);
  },
});

/** The threshold to test against, and the map's own flags in pixeldq. */
function thresholds(ramp: Ramp, { sci, dq }: Reference, alloc: Alloc): Float32Array {
  const threshold = rawF32(alloc, planeSize(ramp));
  const { pixeldq } = ramp;
  for (let i = 0; i < threshold.length; i++) {
    const t = sci[i]!;
    const flag = (dq ? dq[i]! : 0) | (t === t ? 0 : DQ.NO_SAT_CHECK);
    threshold[i] = (flag & DQ.NO_SAT_CHECK) !== 0 ? noThreshold : t;
    if (flag !== 0) pixeldq[i]! |= flag;
  }
  return threshold;
}

function flagGroups(ramp: Ramp, threshold: Float32Array, n: number, alloc: Alloc): void {
  const { nx, ny, nints, ngroups } = ramp;
  const flags = groupFlags(ramp, alloc);
  const plane = planeSize(ramp);
  const run = alloc.u8(nints * plane);
  const found = new Uint8Array(nints * ngroups);
  correct(ramp, (part, { integration, group, from, at }) => {
    const until = from + part.length;
    const own = run.subarray(integration * plane + from, integration * plane + until);
    if (markSaturated(flags.subarray(at, at + part.length), own, part, threshold.subarray(from, until)))
      found[integration * ngroups + group] = 1;
  });
  samples(ramp, alloc);
  if (n === 0) return;
  const list = rawU32(alloc, plane);
  found.forEach((any, k) => {
    if (any === 0) return;
    const group = flags.subarray(k * plane, (k + 1) * plane);
    growFlag(group, nx, ny, list, pixelsWith(list, group, DQ.SATURATED), n, DQ.SATURATED);
  });
}

/** A zero frame has no flags: what is saturated in it, near such a pixel, or at the converter's floor has no value. */
function dropZeroframes(ramp: Ramp, threshold: Float32Array, n: number, alloc: Alloc): void {
  const { nx, ny } = ramp;
  changeZeroframes(ramp, (frame) => {
    const [flags, run, list] = [alloc.u8(nx * ny), alloc.u8(nx * ny), rawU32(alloc, nx * ny)];
    if (markSaturated(flags, run, frame, threshold) && n > 0)
      growFlag(flags, nx, ny, list, pixelsWith(list, flags, DQ.SATURATED), n, DQ.SATURATED);
    for (let p = 0; p < frame.length; p++) if (flags[p] !== 0) frame[p] = 0;
  });
}

/**
 * A group that averages reads can hold saturated ones and still stay below the threshold: with the ramp's slope, its
 * last read saturates when the mean reaches T·mean(p)/last(p). Such groups can't be used where the next one that the ramp
 * has is saturated.
 */
function flagDiluted(ramp: Ramp, threshold: Float32Array, readout: Readout, n: number, alloc: Alloc): void {
  const reads = readPattern(readout, ramp.ngroups).map(extent);
  if (reads.every(({ mean, last }) => mean === last)) return;
  const sci = samples(ramp, alloc);
  const flags = groupFlags(ramp, alloc);
  const plane = planeSize(ramp);
  const list = rawU32(alloc, plane);
  const bad = DQ.SATURATED | DQ.DO_NOT_USE;
  for (let i = 0; i < ramp.nints; i++) {
    const end = (i + 1) * ramp.ngroups * plane;
    for (let g = ramp.ngroups - 2; g >= 0; g--) {
      const { mean, last } = reads[g]!;
      if (mean === last) continue;
      const dilution = mean / last;
      const at = (i * ramp.ngroups + g) * plane;
      let count = 0;
      for (let p = 0; p < plane; p++) {
        const t = threshold[p]!;
        if (sci[at + p]! >= (t === noThreshold ? t : t * dilution) && (flags[at + p]! & bad) === 0) {
          let next = at + plane + p;
          while (Number.isNaN(sci[next]) && next + plane < end) next += plane;
          if ((flags[next]! & DQ.SATURATED) !== 0) list[count++] = p;
        }
      }
      const group = flags.subarray(at, at + plane);
      growFlag(group, ramp.nx, ramp.ny, list, count, n, DQ.DO_NOT_USE);
    }
  }
}

/**
 * A second group whose jump is too large for the first group's slope, before a saturated third one, holds reads that
 * saturated; the first group alone would not have saturated by then.
 */
function flagSecond(
  ramp: Ramp,
  threshold: Float32Array,
  readout: Readout,
  bias: Reference | null,
  alloc: Alloc,
): void {
  if (ramp.ngroups < 3) return;
  const sci = samples(ramp, alloc);
  const flags = groupFlags(ramp, alloc);
  const plane = planeSize(ramp);
  const reads = readPattern(readout, ramp.ngroups);
  const slope = extent(reads[2]!).last / extent(reads[0]!).mean;
  const averaged = reads[1]!.length;
  const list = rawU32(alloc, plane);
  for (let i = 0; i < ramp.nints; i++) {
    const at = i * ramp.ngroups * plane;
    const third = flags.subarray(at + 2 * plane, at + 3 * plane);
    for (const p of list.subarray(0, pixelsWith(list, third, DQ.SATURATED))) {
      if ((flags[at + plane + p]! & DQ.SATURATED) !== 0) continue;
      const b = bias ? bias.sci[p]! : 0;
      const first = sci[at + p]!;
      const t = threshold[p]!;
      if ((first - b) * slope + b < t && sci[at + plane + p]! - first > (t - first) / averaged)
        flags[at + plane + p]! |= DQ.DO_NOT_USE;
    }
  }
}

const isAveraged = ({ nframes, pattern }: Readout): boolean =>
  pattern ? pattern.some(({ length }) => length > 1) : nframes > 1;

const extent = (reads: readonly number[]): { mean: number; last: number } => ({
  mean: reads.reduce((a, b) => a + b, 0) / reads.length,
  last: reads.at(-1)!,
});
