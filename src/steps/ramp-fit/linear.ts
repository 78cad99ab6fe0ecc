/** The linear samplings of a ramp, row by row: slope, Fowler and double sampling. */
import { unknown, type Detector } from "../../data/detector.js";
import { DQ } from "../../data/dq.js";
import type { Image, Ramp } from "../../data/kinds.js";
import { integers, isInt16, isInt32, neededRows, planeSize, samples } from "../../data/ramp.js";
import type { Alloc } from "../../kernels/alloc.js";
import { coaddRows } from "../../kernels/ramp/coadd.js";
import { detectorRow, flagRow, type RowUnit } from "../../kernels/ramp/detector-row.js";
import { finishRow, type DetectorRow, type EstimateRow } from "../../kernels/ramp/finish.js";
import {
  fitRow,
  hasIntegerWeights,
  makeRowFit,
  type RampPlanes,
  type RowFit,
} from "../../kernels/ramp/fit-row.js";
import { rawF64 } from "../../kernels/raw.js";
import { designAll, type Sampling, type Timing } from "../../kernels/ramp/sampling.js";
import { sumReads } from "../../kernels/ramp/sum-reads.js";
import { makeImage, type FitOptions } from "./options.js";

const meaning = { unusable: DQ.DO_NOT_USE | DQ.SATURATED, breaks: DQ.JUMP_DET };

/** Rows at a time: more would leave the second-level cache. */
const TOGETHER = [4, 2, 1];

/** The image, and the time that one count per ramp stands for [s]. */
export function fitLinear(
  ramp: Ramp,
  timing: Timing,
  sampling: Sampling,
  detector: Detector,
  options: FitOptions,
  alloc: Alloc,
): { image: Image; span: number } {
  const { unit, integrations } = options;
  const coadd = options.coadd === "auto" ? "mean" : options.coadd;
  const { nints, ngroups } = ramp;
  // Rows of a band lie one behind the other: some are worked on as if they were one.
  const rows = TOGETHER.find((n) => ramp.ny % n === 0)!;
  const [nx, ny] = [ramp.nx * rows, ramp.ny / rows];
  const planes: RampPlanes = {
    nx,
    ny,
    ngroups,
    samples: source(ramp, sampling, timing, alloc),
    flags: ramp.groupdq,
  };
  const perRamp = unit === "DN";
  const image = makeImage(ramp, options, alloc);
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
  const combined = nints === 1 || integrations ? null : makeRow();
  const row: DetectorRow = { m: alloc.f64(nx), a: alloc.f64(nx), b: alloc.f64(nx), d: alloc.f64(nx) };
  const rowUnit: RowUnit = {
    electrons: unit === "electron/s",
    perSecond: span > 0 ? 1 / span : 0,
    ramps: coadd === "sum" && combined ? nints : 1,
    darks: options.darks,
    dark: options.dark_current,
  };
  const { from, to } = neededRows(ramp);
  const first = Math.floor(from / rows);
  for (let y = first; y < Math.ceil(to / rows); y++) {
    const start = y * nx;
    if (y === first || detector.gains || detector.noises || options.darks)
      detectorRow(row, detector, rowUnit, start);
    fits.forEach((one, i) => fitRow(one, i, y));
    if (combined) coaddRows(combined, estimates, coadd, row);
    for (let z = 0; z < image.nz; z++) {
      const at = z * nx * ny + start;
      const part = (plane: Float32Array): Float32Array => plane.subarray(at, at + nx);
      const out = {
        sci: part(image.sci),
        err: part(image.err),
        varP: part(image.varPoisson!),
        varR: part(image.varRnoise!),
      };
      finishRow(out, combined ?? estimates[z]!, row, ramp.nx);
      const dq = image.dq.subarray(at, at + nx);
      const flags = readFlags(combined ? fits : [fits[z]!]);
      flagRow(out, dq, ramp.pixeldq, flags, detector, unknown, start);
    }
  }
  return { image, span };
}

/** OR of the flags of a row's reads, of all ramps that count; null where none is set. */
function readFlags(fits: readonly RowFit[]): Uint8Array | null {
  const [first, ...others] = fits.filter(({ flagged }) => flagged).map(({ flags }) => flags);
  for (const flags of others) for (let x = 0; x < flags.length; x++) first![x]! |= flags[x]!;
  return first ?? null;
}

/** Raw samples as they are where their sums are exact integers, summed as they are read if they can be; else decoded. */
function source(ramp: Ramp, sampling: Sampling, timing: Timing, alloc: Alloc): RampPlanes["samples"] {
  if (ramp.sampled) return { sampled: ramp.sampled };
  const { raw, nints, ngroups } = ramp;
  if (raw && isInt32(raw)) return { integers: integers(ramp, raw, alloc), zero: raw.bzero };
  if (!raw || !isInt16(raw) || !hasIntegerWeights(sampling, timing)) return { decoded: samples(ramp, alloc) };
  const { readPlane } = raw;
  if (!readPlane || ramp.groupdq) return { raw: raw.bytes, zero: raw.bzero };
  const pixels = planeSize(ramp);
  const sampled = rawF64(alloc, nints * pixels);
  const { weights } = designAll(ngroups, sampling, timing);
  for (let i = 0; i < nints; i++)
    sumReads(sampled.subarray(i * pixels, (i + 1) * pixels), weights, alloc, (k, into) => {
      readPlane(i * ngroups + k, into);
    });
  return { sampled };
}
