/** The fits that use the noise of every read: optimally weighted least squares, and the likelihood. */
import { fillCds, type Detector } from "../../data/detector.js";
import type { Readout } from "../../data/exposure.js";
import type { Image, Ramp } from "../../data/kinds.js";
import { readTimes } from "../../data/reads.js";
import { groupFlags, neededPixels, planeSize, samples } from "../../data/ramp.js";
import type { Alloc } from "../../kernels/alloc.js";
import { coaddPlanes } from "../../kernels/ramp/coadd.js";
import { fitLikelihood } from "../../kernels/ramp/likelihood.js";
import { makeDifferences } from "../../kernels/ramp/likelihood-differences.js";
import { thresholdsOf } from "../../kernels/ramp/likelihood-search.js";
import { fitOptimal } from "../../kernels/ramp/optimal.js";
import type { OptimalPlanes } from "../../kernels/ramp/optimal-input.js";
import { scaleRates } from "../../kernels/ramp/rates.js";
import { rawF32, rawF64 } from "../../kernels/raw.js";
import { makeImage, type FitOptions } from "./options.js";
import { collectSegments } from "./segments.js";

export interface WeightedOptions extends FitOptions {
  mode: "ols" | "likelihood";
  suppress_one_group: boolean;
  rejection: number;
  /** Segments of each ramp that are given one by one. */
  segments: number;
}

/** Fits `ramp`; the likelihood flags the hits that it finds in the ramp's groups. */
export function fitWeighted(ramp: Ramp, detector: Detector, options: WeightedOptions, alloc: Alloc): Image {
  const { nints, ngroups, exposure } = ramp;
  const readout = exposure.readout!;
  const n = planeSize(ramp);
  const [gain, readNoise] = [rawF64(alloc, n), rawF64(alloc, n)];
  fillCds(detector, gain, readNoise, ramp.pixeldq);
  let dark: Float64Array | null = null;
  if (options.darks || options.dark_current > 0) {
    dark = alloc.f64(n);
    for (let p = 0; p < n; p++) dark[p] = (options.darks?.[p] ?? options.dark_current) / gain[p]!;
  }
  const common = {
    nints,
    ngroups,
    sci: samples(ramp, alloc),
    pixeldq: ramp.pixeldq,
    gain,
    readNoise,
    dark,
    pixels: neededPixels(ramp),
  };
  const image = makeImage(ramp, options, alloc);
  const span = spanOf(readout, ngroups);
  const { coadd, integrations } = options;
  // the likelihood's own combination is by inverse variance
  const apart = coadd === "auto" || (coadd === "ivar" && options.mode === "likelihood") ? null : coadd;
  const own = planesOf(image);
  const other = planesOf(makeImage(ramp, { ...options, integrations: !integrations }, alloc));
  const [whole, each] = integrations ? [other, own] : [own, apart && nints > 1 ? other : null];
  if (options.mode === "ols") {
    const { nframes, tframe, tgroup } = readout;
    const at = unevenTimes(readout, ngroups);
    // reads thrown away before the first group matter for the pedestal only
    const dropframes = Math.max(0, Math.round((readout.times[0] ?? 0) / tframe - (nframes + 1) / 2));
    const timing = { nframes, tframe, tgroup, dropframes, at };
    const suppressOne = options.suppress_one_group;
    // a zero frame is one read, and ramps of one read have no rate then
    const zeroframe = suppressOne && ngroups > 1 ? null : (ramp.zeroframe ?? null);
    const scale = { factorOf: (p: number) => factorOf(options.unit, gain[p]!, span), tgroup };
    const segments =
      options.segments > 0 ? collectSegments(ramp, options.segments, gain, scale, alloc) : null;
    fitOptimal(
      { ...common, ...timing, groupdq: ramp.groupdq, zeroframe, suppressOne },
      whole,
      each,
      segments?.sink ?? null,
      alloc,
    );
    if (segments) image.extras = segments.extras;
  } else {
    const differences = makeDifferences(readTimes(readout, ngroups));
    const thresholds = thresholdsOf(options.rejection);
    const chisq = (planes: OptimalPlanes | null) =>
      planes && { ...planes, chisq: rawF32(alloc, planes.slope.length) };
    fitLikelihood(
      { ...common, groupdq: groupFlags(ramp, alloc), differences, thresholds },
      chisq(whole)!,
      chisq(each),
      alloc,
    );
  }
  if (apart && each && !integrations) coaddPlanes(whole, each, apart);
  toUnit(image, gain, options.unit, span, alloc);
  return image;
}

/** Times since the first group in units of tgroup; null when they are those of whole groups without a gap. */
function unevenTimes({ times, tgroup }: Readout, ngroups: number): number[] | null {
  if (times.length !== ngroups) return null;
  const at = times.map((time) => (time - times[0]!) / tgroup);
  return at.every((x, g) => Math.abs(x - g) <= 1e-6 * Math.max(1, g)) ? null : at;
}

const planesOf = ({ sci, err, dq, varPoisson, varRnoise }: Image): OptimalPlanes => ({
  ...{ slope: sci, err, dq, varP: varPoisson!, varR: varRnoise! },
});

/** From the first to the last group [s]; of a single group from the reset, as its rate is. */
export function spanOf({ times, nframes, tframe, tgroup }: Readout, ngroups: number): number {
  if (ngroups === 1) return ((nframes + 1) * tframe) / 2;
  return times.length === ngroups ? times[ngroups - 1]! - times[0]! : (ngroups - 1) * tgroup;
}

const factorOf = (unit: FitOptions["unit"], gain: number, span: number): number =>
  unit === "electron/s" ? gain : unit === "DN" ? span : 1;

/** From DN/s to the product's unit; a pixel without a value gets DO_NOT_USE, one without a gain has none. */
function toUnit(
  image: Image,
  gain: Float64Array,
  unit: FitOptions["unit"],
  span: number,
  alloc: Alloc,
): void {
  const n = gain.length;
  const factors = unit === "electron/s" ? gain : rawF64(alloc, n).fill(factorOf(unit, 1, span));
  const { sci, err, dq, varPoisson, varRnoise } = image;
  for (let z = 0; z < sci.length; z += n) {
    const part = <T extends Float32Array | Uint32Array>(plane: T): T => plane.subarray(z, z + n) as T;
    const planes = { sci: part(sci), err: part(err), varP: part(varPoisson!), varR: part(varRnoise!) };
    scaleRates({ ...planes, dq: part(dq) }, factors, gain);
  }
}
