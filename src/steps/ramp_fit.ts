/** Fits a count rate to the reads of each pixel by one of the linear samplings, with photon and read noise. */
import * as v from "valibot";
import { fillNoise, flagUnknown, makeDetector, type Detector } from "../data/detector.js";
import { DQ } from "../data/dq.js";
import type { Exposure } from "../data/exposure.js";
import type { Image, Ramp } from "../data/kinds.js";
import { quantumOf, samples } from "../data/ramp.js";
import { InputError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { coaddRows } from "../kernels/ramp/coadd.js";
import { finishRow, type DetectorRow, type EstimateRow, type OutputRow } from "../kernels/ramp/finish.js";
import {
  fitRow,
  hasIntegerWeights,
  makeRowFit,
  type RampPlanes,
  type RowFit,
} from "../kernels/ramp/fit-row.js";
import { makeTiming, type Sampling, type Timing } from "../kernels/ramp/sampling.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";

const meaning = { unusable: DQ.DO_NOT_USE | DQ.SATURATED, breaks: DQ.JUMP_DET };

export const rampFit = defineStep({
  name: "ramp_fit",
  summary: "Fit a count rate to the reads of each ramp: slope, Fowler or double sampling.",
  equation:
    "r = Σ w_k s_k, Σ w_k = 0, Σ w_k t_k = 1;  " +
    "Var r = σ_r² Σ w_k² + (r/G) Σ_k (t_k − t_{k−1}) (Σ_{j≥k} w_j)²,  σ_r² = RN²/2 + q²/12",
  input: "ramp",
  output: "rate",
  locality: "row",
  status: "S_RAMPFI",
  flags: ["DO_NOT_USE", "SATURATED", "JUMP_DET", "NO_GAIN_VALUE", "UNRELIABLE_ERROR"],
  refs: {
    gain: { type: "GAIN", doc: "e⁻/DN of each pixel; without it the keyword GAIN", optional: true },
    readnoise: {
      type: "READNOISE",
      doc: "noise of the difference of two reads (CDS) in DN; without it the keyword READNOIS, one read in e⁻",
      optional: true,
    },
  },
  params: v.object({
    mode: v.pipe(
      v.optional(v.picklist(["utr", "mcds", "cds"]), "utr"),
      v.description("slope of all reads, means of the reads at both ends (Fowler), or last minus first"),
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
      v.optional(v.picklist(["sum", "mean", "ivar"]), "mean"),
      v.description("how the ramps of an exposure become one image; iris_pipeline sums them"),
    ),
    unit: v.pipe(
      v.optional(v.picklist(["electron/s", "DN/s", "DN"]), "electron/s"),
      v.description("unit of the result; DN is counts per ramp, as iris_readout gives"),
    ),
    dark_current: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 0),
      v.description("e⁻/s that a dark already subtracted has taken away: it still makes photon noise"),
    ),
  }),
  skip({ exposure, axes, params }) {
    checkReads(params, axes[2] ?? 1, exposure);
    return undefined;
  },
  run(ramp, { params, refs, exposure, alloc }) {
    checkReads(params, ramp.ngroups, exposure);
    const { nframes, tframe, times, tgroup } = exposure.readout!;
    const spaced =
      times.length === ramp.ngroups ? times : Array.from({ length: ramp.ngroups }, (_, k) => k * tgroup);
    const timing = makeTiming(spaced, nframes, tframe);
    const detector = makeDetector(refs.gain, refs.readnoise, exposure, quantumOf(ramp));
    const { image, span } = fit(ramp, timing, params, detector, params, alloc);
    const keywords: Record<string, string | number> = {
      SAMPMODE: params.mode.toUpperCase(),
      NUMREADS: ramp.ngroups * nframes,
      NUMRAMPS: ramp.nints,
    };
    if (params.unit === "DN") keywords["SAMPTIME"] = span;
    return detector.caveats.length > 0
      ? partial(image, detector.caveats, keywords)
      : complete(image, keywords);
  },
});

function checkReads({ mode, nreads, overlap }: Sampling, ngroups: number, exposure: Exposure): void {
  const n = mode === "mcds" ? nreads : 1;
  const least = mode === "mcds" && overlap ? Math.max(2, n) : 2 * n;
  if (ngroups < least)
    throw new InputError(
      `ramp_fit cannot sample by ${mode}${mode === "mcds" ? ` with nreads=${n}` : ""}: on a ramp of ${ngroups} ` +
        `${ngroups === 1 ? "read" : "reads"} — it needs ${least}`,
      { hint: "iris step describe ramp_fit" },
    );
  if (exposure.readout === null)
    throw new InputError("ramp_fit cannot fit a rate: on an exposure without read times — it isn't a ramp");
}

function fit(
  ramp: Ramp,
  timing: Timing,
  sampling: Sampling,
  detector: Detector,
  { unit, coadd, dark_current: dark }: { unit: string; coadd: "sum" | "mean" | "ivar"; dark_current: number },
  alloc: Alloc,
): { image: Image; span: number } {
  const { nx, ny, y0, nints, ngroups, exposure } = ramp;
  const planes: RampPlanes = {
    nx,
    ny,
    ngroups,
    samples: source(ramp, sampling, timing, alloc),
    flags: ramp.groupdq,
  };
  const perRamp = unit === "DN";
  const image: Image = {
    ...{ nx, ny, y0, nz: 1, exposure, unit },
    sci: rawF32(alloc, nx * ny),
    err: rawF32(alloc, nx * ny),
    dq: rawU32(alloc, nx * ny),
    varPoisson: rawF32(alloc, nx * ny),
    varRnoise: rawF32(alloc, nx * ny),
  };
  const fits = Array.from({ length: nints }, () =>
    makeRowFit(planes, sampling, timing, meaning, perRamp, alloc),
  );
  const { span } = fits[0]!;
  const estimates = fits.map(({ estimate }) => estimate);
  const makeRow = (): EstimateRow => ({
    num: alloc.f64(nx),
    den: alloc.f64(nx),
    cP: alloc.f64(nx),
    cR: alloc.f64(nx),
  });
  const single = nints === 1 ? estimates[0]! : makeRow();
  const row: DetectorRow = { m: alloc.f64(nx), a: alloc.f64(nx), b: alloc.f64(nx), d: alloc.f64(nx) };
  const perSecond = span > 0 ? 1 / span : 0;
  const ramps = coadd === "sum" ? nints : 1;
  for (let y = 0; y < ny; y++) {
    const start = y * nx;
    if (y === 0 || detector.gains || detector.noises)
      fillDetector(row, detector, start, { electrons: unit === "electron/s", perSecond, ramps, dark });
    fits.forEach((one, i) => fitRow(one, i, y));
    if (nints > 1) coaddRows(single, estimates, coadd, row);
    const part = (plane: Float32Array): Float32Array => plane.subarray(start, start + nx);
    const out = {
      sci: part(image.sci),
      err: part(image.err),
      varP: part(image.varPoisson!),
      varR: part(image.varRnoise!),
    };
    finishRow(out, single, row);
    setFlags(image.dq.subarray(start, start + nx), ramp.pixeldq, fits, detector, start);
    blank(out, image.dq, start);
  }
  return { image, span };
}

/** Flags of the pixel, of any of its reads, and of its references; a read's DO_NOT_USE is about the read only. */
function setFlags(
  dq: Uint32Array,
  pixeldq: Uint32Array,
  fits: readonly RowFit[],
  detector: Detector,
  start: number,
): void {
  dq.set(pixeldq.subarray(start, start + dq.length));
  for (const { flagged, flags } of fits)
    if (flagged) for (let x = 0; x < dq.length; x++) dq[x]! |= flags[x]! & ~DQ.DO_NOT_USE;
  flagUnknown(detector, start, dq);
}

/** No value without DO_NOT_USE, and none with it. */
function blank({ sci, err, varP, varR }: OutputRow, dq: Uint32Array, start: number): void {
  for (let x = 0; x < sci.length; x++) {
    const value = sci[x]!;
    if (value === value && (dq[start + x]! & DQ.DO_NOT_USE) === 0) continue;
    dq[start + x]! |= DQ.DO_NOT_USE;
    sci[x] = err[x] = varP[x] = varR[x] = NaN;
  }
}

/** Raw samples as they are where their sums are the same integers; else decoded ones. */
function source(ramp: Ramp, sampling: Sampling, timing: Timing, alloc: Alloc): RampPlanes["samples"] {
  const raw = ramp.raw;
  const exact =
    raw?.bitpix === 16 &&
    raw.bscale === 1 &&
    raw.blank === null &&
    Number.isInteger(raw.bzero) &&
    Math.abs(raw.bzero) < 8388608 &&
    hasIntegerWeights(sampling, timing);
  return exact ? { raw: raw.bytes, zero: raw.bzero } : { decoded: samples(ramp, alloc) };
}

/** Factors from values of one ramp (rate·span) to the product; `ramps` are added up. */
function fillDetector(
  { m, a, b, d }: DetectorRow,
  detector: Detector,
  start: number,
  {
    electrons,
    perSecond,
    ramps,
    dark,
  }: { electrons: boolean; perSecond: number; ramps: number; dark: number },
): void {
  fillNoise(detector, start, m, b);
  for (let x = 0; x < m.length; x++) {
    const g = m[x]!;
    m[x] = electrons ? g * ramps : ramps;
    a[x] = electrons ? perSecond * g : perSecond / g;
    d[x] = electrons ? dark : dark / (g * g);
    if (electrons) b[x]! *= g * g;
  }
}
