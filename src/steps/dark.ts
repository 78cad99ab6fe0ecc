/** Subtracts a dark ramp from a ramp, group by group. */
import * as v from "valibot";
import type { Readout } from "../data/exposure.js";
import type { Piece, Reference } from "../data/kinds.js";
import { correct } from "../data/ramp.js";
import { readPattern } from "../data/reads.js";
import type { Alloc } from "../kernels/alloc.js";
import { orFlags } from "../kernels/image/planes.js";
import { subtractFinite } from "../kernels/ramp/correct.js";
import { defineStep, type RefFacts, type Served } from "../step/define.js";
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
  refs: {
    dark: {
      type: "DARK",
      doc: "dark ramp in DN",
      apart: true,
      misfit: (reference: RefFacts, { exposure, axes, params }: Served) =>
        misfit(reference, exposure.readout, axes[2] ?? 1, params["extrapolate"] === true),
    },
  },
  params: v.object({
    extrapolate: v.pipe(
      v.optional(v.boolean(), true),
      v.description("continue a dark that is shorter than the exposure by its last difference"),
    ),
  }),
  skip: ({ refs }) => (refs.dark ? undefined : "no DARK reference applies"),
  run(ramp, { refs, params, exposure, alloc }) {
    const why = misfit(refs.dark, exposure.readout, ramp.ngroups, params.extrapolate);
    if (why !== undefined) return skipped(ramp, why);
    const darkOf = darkReader(refs.dark, exposure.readout!, ramp.ngroups, alloc);
    correct(ramp, (samples, piece) => {
      subtractFinite(samples, darkOf(piece, samples.length));
    });
    if (refs.dark.dq) orFlags(ramp.pixeldq, 0, refs.dark.dq);
    return complete(ramp);
  },
});

/** The ramps of a dark of four axes; a dark of three is one. */
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

/** Gives the dark under n pixels of a group, until the next is asked for: one of its planes, or their average. */
function darkReader(
  reference: Reference,
  readout: Readout,
  ngroups: number,
  alloc: Alloc,
): (piece: Piece, n: number) => Float32Array {
  const own = patternOf(reference);
  const ramps = rampCount(reference);
  const reads = readPattern(readout, ngroups);
  const isAlike = own.nframes === readout.nframes && own.groupgap === readout.groupgap;
  let room = { mean: alloc.f32(0), plane: alloc.f32(0), before: alloc.f32(0) };
  let known = "";
  return ({ integration, group, from }, n) => {
    if (room.mean.length < n) room = { mean: alloc.f32(n), plane: alloc.f32(n), before: alloc.f32(n) };
    const mean = room.mean.subarray(0, n);
    // a ramp beyond the last of the dark is like the last
    const ramp = Math.min(integration, ramps - 1);
    const asked = `${ramp} ${group} ${from} ${n}`;
    if (asked === known) return mean;
    known = asked;
    const first = (reads[group]![0]! - 1) / (own.nframes + own.groupgap);
    if (isAlike && Number.isInteger(first)) {
      readPlane(reference, { ramp, k: first, from }, mean, room.before);
      return mean;
    }
    const sum = new Float64Array(n);
    const plane = room.plane.subarray(0, n);
    for (const read of reads[group]!) {
      readPlane(reference, { ramp, k: read - 1, from }, plane, room.before);
      for (let i = 0; i < n; i++) sum[i]! += Number.isNaN(plane[i]!) ? 0 : plane[i]!;
    }
    for (let i = 0; i < n; i++) mean[i] = sum[i]! / reads[group]!.length;
    return mean;
  };
}

/** Pixels of plane `k` of a ramp of the dark, from `from` on; beyond its end last + m·(last − previous). */
function readPlane(
  reference: Reference,
  { ramp, k, from }: { ramp: number; k: number; from: number },
  into: Float32Array,
  scratch: Float32Array,
): void {
  const { sci, nx, ny, readPlane: read } = reference;
  const nz = reference.nz / rampCount(reference);
  const given = (k: number, to: Float32Array): void => {
    const at = (ramp * nz + k) * nx * ny + from;
    if (read) read(ramp * nz + k, from, to);
    else to.set(sci.subarray(at, at + to.length));
  };
  given(Math.min(k, nz - 1), into);
  if (k < nz) return;
  const before = scratch.subarray(0, into.length);
  given(nz - 2, before);
  const m = k - nz + 1;
  for (let i = 0; i < into.length; i++) {
    const [d, e] = [into[i]!, before[i]!];
    into[i] = Number.isNaN(d) ? 0 : d + m * (d - (Number.isNaN(e) ? 0 : e));
  }
}
