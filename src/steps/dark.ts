/** Subtracts a dark ramp from a ramp, group by group. */
import * as v from "valibot";
import type { Readout } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";
import { planeSize, samples } from "../data/ramp.js";
import { readPattern } from "../data/reads.js";
import type { Alloc } from "../kernels/alloc.js";
import { orFlags } from "../kernels/image/planes.js";
import { subtractFinite } from "../kernels/ramp/correct.js";
import { defineStep, type RefFacts } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";

export const dark = defineStep({
  name: "dark",
  summary: "Subtract the dark ramp, averaged and extended to the groups of the exposure.",
  equation: "S'_g = S_g − mean of the dark's frames in group g (NaN counts as 0);  q' = q | q_dark",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  version: 3,
  status: "S_DARK",
  refs: { dark: { type: "DARK", doc: "dark ramp in DN" } },
  params: v.object({
    extrapolate: v.pipe(
      v.optional(v.boolean(), true),
      v.description("continue a dark that is shorter than the exposure by its last difference"),
    ),
  }),
  skip: ({ refs, exposure, axes, params }) =>
    refs.dark
      ? misfit(refs.dark, exposure.readout, axes[2] ?? 1, params.extrapolate)
      : "no DARK reference applies",
  run(ramp, { refs, params, exposure, alloc }) {
    const why = misfit(refs.dark, exposure.readout, ramp.ngroups, params.extrapolate);
    if (why !== undefined) return skipped(ramp, why);
    const plane = planeSize(ramp);
    const sci = samples(ramp, alloc);
    const scratch = alloc.f32(plane);
    const reads = readPattern(exposure.readout!, ramp.ngroups);
    const darks = rampsOf(refs.dark);
    for (let g = 0; g < ramp.ngroups; g++) {
      let d = scratch;
      for (let i = 0; i < ramp.nints; i++) {
        // a ramp beyond the last of the dark is like the last
        if (i < darks.length) d = groupDark(reads[g]!, darks[i]!, exposure.readout!, plane, scratch, alloc);
        const at = (i * ramp.ngroups + g) * plane;
        subtractFinite(sci.subarray(at, at + plane), d);
      }
    }
    if (refs.dark.dq) orFlags(ramp.pixeldq, 0, refs.dark.dq);
    return complete(ramp);
  },
});

type Dark = Pick<Reference, "sci" | "nz" | "header">;

/** The ramps of a dark of four axes; a dark of three is one. */
function rampsOf({ sci, nz, header }: Reference): Dark[] {
  const nints = rampCount({ nz, header });
  const length = sci.length / nints;
  return Array.from({ length: nints }, (_, i) => ({
    ...{ sci: sci.subarray(i * length, (i + 1) * length), nz: nz / nints, header },
  }));
}

const rampCount = ({ nz, header }: Pick<RefFacts, "nz" | "header">): number => {
  const nints = integer(header, "NAXIS4", 1);
  return nints > 1 && nz % nints === 0 ? nints : 1;
};

const integer = (header: RefFacts["header"], keyword: string, otherwise: number): number => {
  const value = header[keyword];
  return typeof value === "number" ? value : otherwise;
};

/** Frames averaged and left out in the dark's own groups; single reads where its header doesn't say. */
const patternOf = ({ header }: Pick<RefFacts, "header">): { nframes: number; groupgap: number } => ({
  nframes: integer(header, "NFRAMES", 1),
  groupgap: integer(header, "GROUPGAP", 0),
});

/** Why this dark can't be used on such a ramp. */
function misfit(
  reference: Pick<RefFacts, "name" | "nz" | "header">,
  readout: Readout | null,
  ngroups: number,
  extrapolate: boolean,
): string | undefined {
  const own = patternOf(reference);
  const nz = reference.nz / rampCount(reference);
  if (nz < 2) return `${reference.name} is an image, not a ramp; dark_sub subtracts it from the rate`;
  if (!readout) return "the exposure has no read times";
  if (own.nframes > readout.nframes || own.groupgap > readout.groupgap)
    return (
      `${reference.name} averages ${own.nframes} reads with gaps of ${own.groupgap}, ` +
      `the exposure ${readout.nframes} with gaps of ${readout.groupgap}`
    );
  const wanted = readPattern(readout, ngroups).at(-1)!.at(-1)!;
  const given = nz * own.nframes + (nz - 1) * own.groupgap;
  if (wanted > given && !extrapolate)
    return `${reference.name} spans ${given} reads, the exposure ${wanted} (extrapolate is off)`;
  return undefined;
}

/** The dark of the group that averages `reads`: a plane of the reference, or `scratch` filled with an average. */
function groupDark(
  reads: readonly number[],
  reference: Dark,
  readout: Readout,
  plane: number,
  scratch: Float32Array,
  alloc: Alloc,
): Float32Array {
  const own = patternOf(reference);
  const group = (reads[0]! - 1) / (own.nframes + own.groupgap);
  if (own.nframes === readout.nframes && own.groupgap === readout.groupgap && Number.isInteger(group))
    return planeOf(reference, group, plane, scratch);
  const sum = alloc.f64(plane);
  for (const read of reads) {
    const d = planeOf(reference, read - 1, plane, scratch);
    for (let i = 0; i < plane; i++) sum[i]! += Number.isNaN(d[i]!) ? 0 : d[i]!;
  }
  for (let i = 0; i < plane; i++) scratch[i] = sum[i]! / reads.length;
  return scratch;
}

/** Plane `k` of the dark; beyond its end last + m·(last − previous), written into `scratch`. */
function planeOf({ sci, nz }: Dark, k: number, plane: number, scratch: Float32Array): Float32Array {
  if (k < nz) return sci.subarray(k * plane, (k + 1) * plane);
  const [last, before] = [(nz - 1) * plane, (nz - 2) * plane];
  const m = k - nz + 1;
  for (let i = 0; i < plane; i++) {
    const [d, e] = [sci[last + i]!, sci[before + i]!];
    scratch[i] = Number.isNaN(d) ? 0 : d + m * (d - (Number.isNaN(e) ? 0 : e));
  }
  return scratch;
}
