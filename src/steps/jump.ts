/** Finds cosmic-ray hits by the differences of neighbouring reads. */
import * as v from "valibot";
import { fillCds, makeDetector } from "../data/detector.js";
import { DQ } from "../data/dq.js";
import type { Exposure, Readout } from "../data/exposure.js";
import type { Ramp, Reference } from "../data/kinds.js";
import { groupFlags, neededPixels, planeSize, quantumOf, samples } from "../data/ramp.js";
import { readPattern } from "../data/reads.js";
import type { Alloc } from "../kernels/alloc.js";
import { allCarry, findJumps, isClipped, usableGroups, type GroupFacts } from "../kernels/ramp/jump.js";
import type { JumpInput, JumpOptions } from "../kernels/ramp/jump-work.js";
import { rawF64 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";

const sigma = (otherwise: number) => v.optional(v.pipe(v.number(), v.minValue(0)), otherwise);
const count = (otherwise: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), otherwise);

const params = v.object({
  rejection_threshold: v.pipe(sigma(4), v.description("σ of a hit with four or more differences")),
  three_difference_threshold: v.pipe(sigma(5), v.description("σ of a hit with three differences")),
  two_difference_threshold: v.pipe(sigma(6), v.description("σ of a hit with two differences")),
  single_pass: v.pipe(count(10), v.description("differences from which one common median is enough")),
  minimum_sigclip_groups: v.pipe(
    count(100),
    v.description("integrations from which differences are clipped across them instead"),
  ),
  only_use_ints: v.pipe(
    v.optional(v.boolean(), true),
    v.description("clip across integrations group by group, not across all groups"),
  ),
  flag_4_neighbors: v.pipe(
    v.optional(v.boolean(), true),
    v.description("flag the four neighbours of a hit too"),
  ),
  min_jump_to_flag_neighbors: v.pipe(sigma(10), v.description("least σ of a hit that spills over")),
  max_jump_to_flag_neighbors: v.pipe(sigma(1000), v.description("largest σ of a hit that spills over")),
  after_jump_flag_dn1: v.pipe(sigma(0), v.description("size of a hit with a transient after it [DN]")),
  after_jump_flag_n1: v.pipe(count(0), v.description("groups flagged after such a hit")),
  after_jump_flag_dn2: v.pipe(sigma(0), v.description("size of a hit with a longer transient [DN]")),
  after_jump_flag_n2: v.pipe(count(0), v.description("groups flagged after such a hit")),
  compat_median_gain: v.pipe(
    v.optional(v.boolean(), false),
    v.description("judge the size of transients at the frame's median gain, as jwst does"),
  ),
});

/** Rows of each of the two strips on which it is decided what is true of whole groups. */
const strip = 8;

export const jump = defineStep({
  name: "jump",
  summary: "Flag cosmic-ray hits by two-point differences.",
  equation: "|d_g − median d| / √(|median d| + R²/n) > threshold → JUMP_DET in group g + 1",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  version: 2,
  status: "S_JUMP",
  flags: ["JUMP_DET", "NO_GAIN_VALUE", "DO_NOT_USE", "UNRELIABLE_ERROR"],
  refs: {
    gain: { type: "GAIN", doc: "e⁻/DN of each pixel; without it the keyword GAIN", optional: true },
    readnoise: { type: "READNOISE", doc: "CDS noise in DN; without it the keyword READNOIS", optional: true },
  },
  params,
  halo: ({ flag_4_neighbors, compat_median_gain }) => (compat_median_gain ? 65536 : flag_4_neighbors ? 1 : 0),
  skip: ({ axes }) => ((axes[2] ?? 1) < 3 ? "fewer than three groups" : undefined),
  prepare: {
    rows: ({ size: { ny } }) =>
      ny <= 4 * strip
        ? [{ y0: 0, ny }]
        : [0.25, 0.75].map((part) => ({ y0: Math.floor(part * (ny - strip)), ny: strip })),
    take(piece, context) {
      const { input, options } = look(piece, context);
      const unusable = allCarry(input, DQ.DO_NOT_USE);
      if (!isClipped(input, options)) return { unusable, full: null, ngroups: piece.ngroups };
      const alone = { ...options, flagNeighbors: false, after: [] };
      findJumps(input, alone, { usable: piece.ngroups, full: null }, context.alloc);
      return { unusable, full: allCarry(input, DQ.DO_NOT_USE | DQ.JUMP_DET), ngroups: piece.ngroups };
    },
    make(taken): GroupFacts {
      const everywhere = (of: (one: (typeof taken)[number]) => Uint8Array): Uint8Array =>
        of(taken[0]!).map((_, k) => (taken.every((one) => of(one)[k] !== 0) ? 1 : 0));
      return {
        usable: usableGroups(
          everywhere(({ unusable }) => unusable),
          taken[0]!.ngroups,
        ),
        full: taken[0]!.full && everywhere(({ full }) => full!),
      };
    },
  },
  run(ramp, context) {
    const { input, options, detector } = look(ramp, context);
    findJumps(input, options, context.prepared, context.alloc);
    return detector.caveats.length > 0 ? partial(ramp, detector.caveats) : complete(ramp);
  },
});

interface Around {
  params: v.InferOutput<typeof params>;
  refs: { gain: Reference | null; readnoise: Reference | null };
  exposure: Exposure;
  alloc: Alloc;
}

/** The kernel's view of a ramp. */
function look(ramp: Ramp, { params, refs, exposure, alloc }: Around) {
  const { nx, ny, nints, ngroups } = ramp;
  const n = planeSize(ramp);
  const detector = makeDetector(refs.gain, refs.readnoise, exposure, quantumOf(ramp));
  const [gain, readNoise] = [rawF64(alloc, n), rawF64(alloc, n)];
  fillCds(detector, gain, readNoise, ramp.pixeldq);
  // samples without a value are flagged when they are decoded
  const sci = samples(ramp, alloc);
  const flagged = ramp.groupdq !== null;
  const input: JumpInput = {
    ...{ nx, ny, nints, ngroups, sci, gain, readNoise, flagged, pixels: neededPixels(ramp) },
    groupdq: groupFlags(ramp, alloc),
    nframes: exposure.readout?.nframes ?? 1,
    uneven: exposure.readout ? unevenOf(exposure.readout, ngroups) : null,
  };
  const options: JumpOptions = {
    rejection: params.rejection_threshold,
    rejectionOfThree: params.three_difference_threshold,
    rejectionOfTwo: params.two_difference_threshold,
    singlePass: params.single_pass,
    clipFrom: params.minimum_sigclip_groups,
    acrossGroups: !params.only_use_ints,
    flagNeighbors: params.flag_4_neighbors,
    neighborsFrom: params.min_jump_to_flag_neighbors,
    neighborsTo: params.max_jump_to_flag_neighbors,
    after: [
      { dn: params.after_jump_flag_dn1, groups: params.after_jump_flag_n1 },
      { dn: params.after_jump_flag_dn2, groups: params.after_jump_flag_n2 },
    ],
    medianGain: params.compat_median_gain,
  };
  return { input, options, detector };
}

/** Time steps and reads of groups that aren't alike; null when they are. */
function unevenOf(readout: Readout, ngroups: number): JumpInput["uneven"] {
  const reads = readPattern(readout, ngroups).map(({ length }) => length);
  const times = readout.times;
  const steps = Float64Array.from({ length: ngroups - 1 }, (_, g) => times[g + 1]! - times[g]!);
  const alike =
    reads.every((one) => one === reads[0]) &&
    steps.every((step) => Math.abs(step - steps[0]!) <= 1e-9 * steps[0]!);
  return alike ? null : { step: steps, reads: Float64Array.from(reads) };
}
