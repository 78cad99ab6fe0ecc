/** The sources of an image as a table: place, shape, light. */
import { DQ } from "../../data/dq.js";
import type { ColumnContent } from "../../fits/index.js";
import { apertureSums } from "../../kernels/image/apertures.js";
import { lightRadii } from "../../kernels/image/light-radius.js";
import type { Source } from "../../kernels/image/source.js";
import { pixelToSky, readWcs } from "../../wcs/index.js";
import type { Frame, Quality } from "./measure.js";
import { electronsPerUnit, magnitudeOfOne } from "./units.js";

/** Bits of `flags` beside MERGED (1) and TRUNCATED (2) of the detection. */
const HAS_SATURATED = 4;
const HAS_BAD = 8;
const APERTURE_CUT = 16;

/** Light within so many semi-axes is all of a source's. */
const ALL_LIGHT = 6;

/** 2.5/ln 10. */
const MAGNITUDE = 1.0857362047581296;

/**
 * One row per source, the brightest first. Pixels count from 0. Sums are over circles of `radii` pixels; the magnitude
 * is that of the last. Errors: √(Σσ² + F/gain) where σ is the background's alone, √Σσ² where the image has errors.
 */
export function catalogOf(frame: Frame, quality: Quality, radii: readonly number[]): ColumnContent[] {
  const { flat, sources } = quality;
  const n = sources.length;
  const gain = typeof flat.err === "number" ? electronsPerUnit(frame) : Infinity;
  const flags = Int32Array.from(sources, (source) => flagsOf(source, frame.dq));
  const circles = sources.map(({ x, y, a }) => ({ x, y, most: ALL_LIGHT * a }));
  const halfLight = lightRadii(flat, circles, 0.5);
  const apertures = radii.map((radius) => {
    const sum = new Float32Array(n);
    const error = new Float32Array(n);
    apertureSums(flat, sources, radius).forEach((found, k) => {
      sum[k] = found.sum;
      error[k] = Math.sqrt(found.err * found.err + Math.max(0, found.sum) / gain);
      if (found.truncated) flags[k]! |= APERTURE_CUT;
      if (found.badArea > 0) flags[k]! |= HAS_BAD;
    });
    return { radius, sum, error };
  });
  const unit = frame.unit === "" ? {} : { unit: frame.unit };
  const float = (name: string, of: (source: Source) => number, more: { unit?: string } = {}) => {
    const data = new Float32Array(n);
    for (let k = 0; k < n; k++) data[k] = of(sources[k]!);
    return { name, data, ...more };
  };
  return [
    { name: "id", data: Int32Array.from(sources, (_, k) => k + 1) },
    { name: "x", data: Float64Array.from(sources, ({ x }) => x), unit: "pixel" },
    { name: "y", data: Float64Array.from(sources, ({ y }) => y), unit: "pixel" },
    ...skyColumns(frame, sources),
    float("a", ({ a }) => a, { unit: "pixel" }),
    float("b", ({ b }) => b, { unit: "pixel" }),
    float("theta", ({ theta }) => (theta * 180) / Math.PI, { unit: "deg" }),
    { name: "npix", data: Int32Array.from(sources, ({ npix }) => npix) },
    float("flux", ({ flux }) => flux, unit),
    float("peak", ({ peak }) => peak, unit),
    { name: "flags", data: flags },
    ...apertures.flatMap(({ radius, sum, error }) => [
      { name: `flux_r${nameOf(radius)}`, data: sum, ...unit },
      { name: `err_r${nameOf(radius)}`, data: error, ...unit },
    ]),
    { name: "half_light", data: halfLight, unit: "pixel" },
    ...magnitudeColumns(frame, apertures.at(-1)),
  ];
}

/** Names of columns have letters, digits and underscores only (FITS 4.0 §7.3.1). */
const nameOf = (radius: number): string => String(radius).replace(".", "_");

function flagsOf({ flags, pixels }: Source, dq: Uint32Array | null): number {
  if (dq === null) return flags;
  let all = 0;
  for (let k = 0; k < pixels.length; k++) all |= dq[pixels[k]!]!;
  return flags | (all & DQ.SATURATED ? HAS_SATURATED : 0) | (all & DQ.DO_NOT_USE ? HAS_BAD : 0);
}

/** Only where the header says where the image lies on the sky. */
function skyColumns({ header }: Frame, sources: readonly Source[]): ColumnContent[] {
  const wcs = readWcs(header);
  if ("none" in wcs) return [];
  const ra = new Float64Array(sources.length);
  const dec = new Float64Array(sources.length);
  sources.forEach(({ x, y }, k) => {
    [ra[k], dec[k]] = pixelToSky(wcs, x, y);
  });
  return [
    { name: "ra", data: ra, unit: "deg" },
    { name: "dec", data: dec, unit: "deg" },
  ];
}

/** Only where the image has a zero point; NaN for what isn't brighter than nothing. */
function magnitudeColumns(
  frame: Frame,
  aperture: { sum: Float32Array; error: Float32Array } | undefined,
): ColumnContent[] {
  const one = magnitudeOfOne(frame);
  if (one === null || aperture === undefined) return [];
  const { sum, error } = aperture;
  return [
    { name: "mag", data: sum.map((f) => (f > 0 ? one - 2.5 * Math.log10(f) : NaN)), unit: "mag" },
    {
      name: "e_mag",
      data: sum.map((f, k) => (f > 0 ? (MAGNITUDE * error[k]!) / f : NaN)),
      unit: "mag",
    },
  ];
}
