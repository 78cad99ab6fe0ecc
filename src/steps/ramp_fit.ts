/** Fits a count rate to the reads of each pixel, with photon and read noise. */
import * as v from "valibot";
import { makeDetector } from "../data/detector.js";
import type { Exposure, Readout } from "../data/exposure.js";
import { DQ } from "../data/dq.js";
import type { Image, Ramp } from "../data/kinds.js";
import { groupFlags, planeSize, quantumOf } from "../data/ramp.js";
import { ConfigError, InputError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { hasIntegerWeights } from "../kernels/ramp/fit-row.js";
import { makeTiming, type Timing } from "../kernels/ramp/sampling.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { fitLinear } from "./ramp-fit/linear.js";
import { sampleModes } from "./ramp-fit/options.js";
import { segmentPlanes } from "./ramp-fit/segments.js";
import { fitWeighted, spanOf } from "./ramp-fit/weighted.js";

export const rampFit = defineStep({
  name: "ramp_fit",
  summary:
    "Fit a count rate to the reads of each ramp: slope, Fowler or double sampling, weighted slope, likelihood.",
  equation:
    "r = Σ w_k s_k, Σ w_k = 0, Σ w_k t_k = 1;  " +
    "Var r = σ_r² Σ w_k² + (F/G) Σ_k (t_k − t_{k−1}) (Σ_{j≥k} w_j)²,  σ_r² = RN²/2 + q²/12,  F = max(r, 0) + D/G;  " +
    "of utr, mcds and cds where r < 3σ of its read noise: the mean r of such pixels within 16 columns, for r in F",
  input: "ramp",
  output: "rate",
  locality: "row",
  version: 6,
  status: "S_RAMPFI",
  flags: ["DO_NOT_USE", "SATURATED", "JUMP_DET", "NO_GAIN_VALUE", "UNRELIABLE_ERROR"],
  refs: {
    gain: { type: "GAIN", doc: "e⁻/DN of each pixel; without it the keyword GAIN", optional: true },
    readnoise: {
      type: "READNOISE",
      doc: "noise of the difference of two reads (CDS) in DN; without it the keyword READNOIS, one read in e⁻",
      optional: true,
    },
    dark_current: {
      type: "DARKCURRENT",
      kin: ["DARK"],
      doc: "e⁻/s of each pixel that a dark already subtracted has taken away: it still makes photon noise",
      optional: true,
    },
  },
  params: v.object({
    mode: v.pipe(
      v.optional(v.picklist(["utr", "mcds", "cds", "ols", "likelihood"]), "utr"),
      v.description(
        "slope of all reads; means of the reads at both ends (Fowler); last minus first; slope weighted by " +
          "signal-to-noise, segment by segment; maximum likelihood with its own search for hits",
      ),
    ),
    nreads: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2),
      v.description("reads averaged at each end by mcds"),
    ),
    overlap: v.pipe(
      v.optional(v.boolean(), false),
      v.description("let both ends of mcds share reads of a short ramp, as iris_readout does"),
    ),
    coadd: v.pipe(
      v.optional(v.picklist(["auto", "sum", "mean", "ivar"]), "auto"),
      v.description(
        "how the ramps of an exposure become one image, iris_pipeline sums them; auto: their mean, " +
          "in ols and likelihood weighted as these do",
      ),
    ),
    unit: v.pipe(
      v.optional(v.picklist(["electron/s", "DN/s", "DN"]), "electron/s"),
      v.description("unit of the result; DN is counts per ramp, as iris_readout gives"),
    ),
    dark_current: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 0),
      v.description("e⁻/s taken for every pixel without that reference"),
    ),
    integrations: v.pipe(
      v.optional(v.boolean(), false),
      v.description("one plane per ramp instead of their combination"),
    ),
    firstgroup: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
      v.description("first group to use, counted from 0; those before are flagged DO_NOT_USE"),
    ),
    lastgroup: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null),
      v.description("last group to use, counted from 0; those after are flagged DO_NOT_USE"),
    ),
    suppress_one_group: v.pipe(
      v.optional(v.boolean(), true),
      v.description("ols: a ramp with a single good group has no rate"),
    ),
    segments: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(64)), 0),
      v.description(
        "ols: pieces of each ramp whose slopes, variances, … are written beside the rate (SEG_…)",
      ),
    ),
    rejection: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(1)), 4.5),
      v.description("likelihood: σ of a difference that is left out as a hit"),
    ),
  }),
  planes: ({ integrations }, axes) => (integrations ? (axes[3] ?? 1) : 1),
  extras: ({ segments, unit }, axes) => segmentPlanes(segments, axes[3] ?? 1, unit),
  readByRead({ mode, nreads, overlap, firstgroup, lastgroup }, { readout }) {
    const isLinear = mode !== "ols" && mode !== "likelihood";
    if (!isLinear || !readout || firstgroup !== null || lastgroup !== null) return false;
    return hasIntegerWeights({ mode, nreads, overlap }, timingOf(readout, readout.times.length));
  },
  skip({ exposure, axes, params }) {
    checkReads(params, axes[2] ?? 1, exposure);
    return undefined;
  },
  run(ramp, { params, refs, exposure, header, alloc }) {
    const { ngroups, nints } = ramp;
    checkReads(params, ngroups, exposure);
    limitGroups(ramp, params.firstgroup ?? 0, params.lastgroup ?? ngroups - 1, alloc);
    const readout = exposure.readout!;
    const detector = makeDetector(refs.gain, refs.readnoise, exposure, quantumOf(ramp));
    const darks = refs.dark_current?.sci ?? null;
    const options = { ...params, darks };
    let image: Image;
    let span = spanOf(readout, ngroups);
    const mode = params.mode;
    // the likelihood's tests need three differences
    const weighted = mode === "likelihood" && ngroups < 4 ? "ols" : mode;
    if (weighted === "ols" || weighted === "likelihood") {
      image = fitWeighted(ramp, detector, { ...options, mode: weighted }, alloc);
    } else {
      const timing = timingOf(readout, ngroups);
      ({ image, span } = fitLinear(ramp, timing, { ...params, mode: weighted }, detector, options, alloc));
    }
    const keywords: Record<string, string | number> = {
      SAMPMODE: sampleModes[weighted],
      NUMREADS: ngroups * readout.nframes,
      NUMRAMPS: nints,
      ...(header["EXPTIME"] === undefined && exposure.exptime > 0
        ? { EXPTIME: Number(exposure.exptime.toPrecision(12)) }
        : {}),
    };
    if (params.unit === "DN") keywords["SAMPTIME"] = span;
    return detector.caveats.length > 0
      ? partial(image, detector.caveats, keywords)
      : complete(image, keywords);
  },
});

/** Evenly spaced where the header has no time for every group. */
function timingOf({ times, tgroup, nframes, tframe }: Readout, ngroups: number): Timing {
  const spaced = times.length === ngroups ? times : Array.from({ length: ngroups }, (_, k) => k * tgroup);
  return makeTiming(spaced, nframes, tframe);
}

/** Groups outside [first, last] aren't used. */
function limitGroups(ramp: Ramp, first: number, last: number, alloc: Alloc): void {
  const { ngroups } = ramp;
  if (first === 0 && last >= ngroups - 1) return;
  const flags = groupFlags(ramp, alloc);
  const plane = planeSize(ramp);
  for (let at = 0, k = 0; at < flags.length; at += plane, k++) {
    const g = k % ngroups;
    if (g >= first && g <= last) continue;
    for (let p = at; p < at + plane; p++) flags[p]! |= DQ.DO_NOT_USE;
  }
}

interface Needs {
  segments: number;
  mode: string;
  nreads: number;
  overlap: boolean;
  coadd: string;
  integrations: boolean;
  firstgroup: number | null;
  lastgroup: number | null;
}

/** @throws ConfigError for parameters that contradict each other, InputError for ramps that are too short for them */
function checkReads(params: Needs, ngroups: number, exposure: Exposure): void {
  const { mode, nreads, overlap, segments, coadd, integrations } = params;
  const hint = "iris step describe ramp_fit";
  if (segments > 0 && mode !== "ols")
    throw new ConfigError(`ramp_fit.segments=${segments} belongs to mode ols, not to ${mode}`, { hint });
  if (integrations && coadd !== "auto")
    throw new ConfigError(
      `ramp_fit.coadd=${coadd} joins the ramps that ramp_fit.integrations=true keeps apart`,
      { hint },
    );
  const [first, last] = [params.firstgroup ?? 0, Math.min(params.lastgroup ?? Infinity, ngroups - 1)];
  if (first > last) {
    const limits = (["firstgroup", "lastgroup"] as const).filter((name) => params[name] !== null);
    const said = limits.map((name) => `${name}=${params[name]}`).join(" and ");
    throw new ConfigError(
      `ramp_fit cannot fit with ${said}: on a ramp of ${ngroups} groups, 0 to ${ngroups - 1} — none is left`,
      { hint },
    );
  }
  const left = last - first + 1;
  const n = mode === "mcds" ? nreads : 1;
  const least =
    mode === "ols" || mode === "likelihood" ? 1 : mode === "mcds" && overlap ? Math.max(2, n) : 2 * n;
  if (left < least)
    throw new InputError(
      `ramp_fit cannot sample by ${mode}${mode === "mcds" ? ` with nreads=${n}` : ""}: on a ramp of ${left} ` +
        `${left === 1 ? "read" : "reads"} — it needs ${least}`,
      { hint },
    );
  if (exposure.readout === null)
    throw new InputError("ramp_fit cannot fit a rate: on an exposure without read times — it isn't a ramp");
}
