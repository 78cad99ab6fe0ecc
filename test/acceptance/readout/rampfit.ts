/** Weighted least squares and likelihood: rates, variances, flags and optional products against the peers'. */
import { DQ } from "../../../src/data/dq.js";
import { fitLikelihood } from "../../../src/kernels/ramp/likelihood.js";
import { makeDifferences } from "../../../src/kernels/ramp/likelihood-differences.js";
import { thresholdsOf } from "../../../src/kernels/ramp/likelihood-search.js";
import { fitOptimal } from "../../../src/kernels/ramp/optimal.js";
import type { OptimalInput } from "../../../src/kernels/ramp/optimal-input.js";
import type { SegmentSink } from "../../../src/kernels/ramp/optimal-pixel.js";
import { compare, type Case } from "./case.js";
import { checkPulls } from "./pulls.js";
import { rampOfCase, type Check } from "./spine.js";

type Arrays = Record<string, ArrayLike<number>>;

const numbers = (c: Case, name: string): ArrayLike<number> | null =>
  (c.inputs[name]?.data as ArrayLike<number> | undefined) ?? null;

const planes = (length: number) => ({
  slope: new Float32Array(length),
  err: new Float32Array(length),
  varP: new Float32Array(length),
  varR: new Float32Array(length),
  chisq: new Float32Array(length),
  dq: new Uint32Array(length),
});

function detector(c: Case) {
  const dark = numbers(c, "AVGDARK");
  return {
    gain: Float64Array.from(numbers(c, "GAIN")!),
    readNoise: Float64Array.from(numbers(c, "READNOISE")!),
    dark: dark && Float64Array.from(dark),
  };
}

function optimal(c: Case): Arrays {
  const ramp = rampOfCase(c);
  const { nints, ngroups } = ramp;
  const n = ramp.nx * ramp.ny;
  const k = c.keywords;
  const input: OptimalInput = {
    nints,
    ngroups,
    sci: ramp.sci!,
    groupdq: ramp.groupdq,
    pixeldq: ramp.pixeldq,
    ...detector(c),
    zeroframe: (c.inputs["ZEROFRAME"]?.data as Float32Array | undefined) ?? null,
    nframes: k["NFRAMES"]!,
    tframe: k["TFRAME"]!,
    tgroup: k["TGROUP"]!,
    dropframes: k["DRPFRMS1"] ?? 0,
    suppressOne: c.params["suppress_one_group"] as boolean,
  };
  const [whole, each] = [planes(n), planes(nints * n)];
  const segments = segmentArrays(c, n);
  fitOptimal(input, whole, each, segments?.sink ?? null);
  return {
    ...{ SLOPE: whole.slope, ERR: whole.err, VAR_P: whole.varP, VAR_R: whole.varR, DQ: whole.dq },
    ...{ ISLOPE: each.slope, IERR: each.err, IVAR_P: each.varP, IVAR_R: each.varR, IDQ: each.dq },
    ...segments?.arrays,
  };
}

const columns = {
  O_SLOPE: "slope",
  O_SIGS: "sigSlope",
  O_VAR_P: "varP",
  O_VAR_R: "varR",
  O_YINT: "yInt",
  O_SIGY: "sigYInt",
  O_WGT: "weight",
} as const;

/** Arrays [integration][segment][pixel] of the size that the case has. */
function segmentArrays(c: Case, n: number): { arrays: Arrays; sink: SegmentSink } | null {
  if (!c.expected["O_SLOPE"]) return null;
  const arrays: Record<string, Float32Array> = {};
  for (const name of [...Object.keys(columns), "O_PED", "O_CRMAG"])
    arrays[name] = new Float32Array(c.expected[name]!.data.length);
  const nseg = c.expected["O_SLOPE"].shape[1]!;
  const ncr = c.expected["O_CRMAG"]!.shape[1]!;
  const sink: SegmentSink = {
    segment(p, i, j, fit) {
      for (const [name, key] of Object.entries(columns)) arrays[name]![(i * nseg + j) * n + p] = fit[key];
    },
    integration(p, i, { sample, time, slope }, jumps) {
      // the peer multiplies DN/s by the number of groups since the reset
      const pedestal = sample - slope * (time / c.keywords["TGROUP"]!);
      arrays["O_PED"]![i * n + p] = Number.isNaN(pedestal) ? 0 : pedestal;
      jumps.forEach((size, j) => (arrays["O_CRMAG"]![(i * ncr + j) * n + p] = size));
    },
  };
  return { arrays, sink };
}

function likelihood(c: Case): Arrays {
  const ramp = rampOfCase(c);
  const { nints, ngroups } = ramp;
  const n = ramp.nx * ramp.ny;
  const groupdq = ramp.groupdq!;
  if (String(c.params["likely_input_groupdq"]).includes("cleared"))
    groupdq.forEach((flag, i) => (groupdq[i] = flag & ~DQ.JUMP_DET));
  const { nframes, groupgap, tframe } = ramp.exposure.readout!;
  const pattern =
    (c.params["read_pattern"] as number[][] | undefined) ??
    Array.from({ length: ngroups }, (_, g) =>
      Array.from({ length: nframes }, (__, k) => g * (nframes + groupgap) + k + 1),
    );
  const differences = makeDifferences(pattern.map((reads) => reads.map((k) => k * tframe)));
  const [whole, each] = [planes(n), planes(nints * n)];
  const thresholds = thresholdsOf((c.params["likely_rejection_threshold"] as number | null) ?? 4.5);
  fitLikelihood(
    {
      nints,
      ngroups,
      sci: ramp.sci!,
      groupdq,
      pixeldq: ramp.pixeldq,
      ...detector(c),
      differences,
      thresholds,
    },
    whole,
    each,
  );
  return {
    ...{ L_SLOPE: whole.slope, L_ERR: whole.err, L_VAR_P: whole.varP, L_VAR_R: whole.varR },
    ...{ L_DQ: whole.dq, L_CHISQ: whole.chisq, L_GDQ: groupdq },
    ...{ LI_SLOPE: each.slope, LI_ERR: each.err, LI_DQ: each.dq },
  };
}

/** The tolerance group of an array: the case names one for slopes, errors, variances and flags. */
function toleranceOf(c: Case, name: string): Case["tolerance"][string] | undefined {
  if (/DQ$/.test(name)) return c.tolerance["DQ"];
  if (/VAR_[PR]$/.test(name)) return c.tolerance["VAR"];
  if (/(ERR|SIGS|SIGY)$/.test(name)) return c.tolerance["ERR"];
  return c.tolerance["SLOPE"];
}

/** χ², weights, intercepts and hit sizes grow with the signal: they are held to a relative tolerance only. */
const relative = new Set(["L_CHISQ", "O_WGT", "O_YINT", "O_SIGY", "O_PED", "O_CRMAG", "O_SIGS"]);

export const checkRampfit: Check = (c) => {
  const algorithms = c.params["algorithm"] as string[];
  const unknown = algorithms.filter((name) => name !== "OLS_C" && name !== "LIKELY");
  const got: Arrays = {
    ...(algorithms.includes("OLS_C") ? optimal(c) : {}),
    ...(algorithms.includes("LIKELY") ? likelihood(c) : {}),
  };
  const n = c.inputs["GAIN"]!.data.length;
  const fragile = c.expected["L_FRAGIL"]?.data;
  const gain = numbers(c, "GAIN")!;
  // the step gives such pixels no value
  const isKnown = (p: number): boolean => gain[p]! > 0;
  return [
    ...unknown.map((name) => `algorithm ${name} is not known here`),
    ...(got["SLOPE"] ? checkPulls(c, "OLS_C", got["SLOPE"], got["ERR"]!, isKnown) : []),
    ...(got["L_SLOPE"]
      ? checkPulls(c, "LIKELY", got["L_SLOPE"], got["L_ERR"]!, isKnown, (p) => fragile?.[p] !== 1)
      : []),
    ...Object.entries(c.expected).flatMap(([name, plane]) => {
      if (name === "TRUTH" || name === "L_FRAGIL") return [];
      const values = got[name];
      if (!values) return [`${name}: nothing to compare it with`];
      const tolerance = relative.has(name) ? { rtol: 2e-5, atol: 2e-2 } : toleranceOf(c, name);
      const skip = (i: number): boolean =>
        (name.startsWith("L") && fragile?.[i % n] === 1) ||
        // the peer's variances without a gain mean nothing
        (/VAR|ERR|SIGS|SIGY|WGT/.test(name) && !(gain[i % n]! > 0));
      return compare(name, values, plane, tolerance, skip);
    }),
  ];
};
