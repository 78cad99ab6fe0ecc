/** Parameters of the smooth sky map, shared by the steps that make one. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { SkyPolicy } from "../kernels/image/sky-map.js";

const sigma = v.pipe(v.number(), v.gtValue(0));
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));
const odd = v.pipe(
  whole,
  v.check((n) => n % 2 === 1, "must be odd"),
);

export const skyParams = {
  box_size: v.pipe(
    v.optional(v.nullable(whole), 101),
    v.description("side of a box in pixels; null: ten times the diffraction limit"),
  ),
  filter_size: v.pipe(
    v.optional(v.nullable(odd), 3),
    v.description("side of the median filter over the boxes, odd; 1 for none, null for 3"),
  ),
  sigma_low: v.pipe(v.optional(sigma, 6), v.description("reject pixels this many deviations below")),
  sigma_high: v.pipe(v.optional(sigma, 2), v.description("reject pixels this many deviations above")),
  maxiters: v.pipe(v.optional(whole, 100), v.description("passes of rejection")),
};

type SkyParams = v.InferOutput<v.ObjectSchema<typeof skyParams, undefined>>;

export function skyPolicy(params: SkyParams, header: Keywords, exposure: Exposure): SkyPolicy {
  return {
    box: params.box_size ?? Math.max(1, Math.floor(10 * fwhmOf(header, exposure))),
    filter: params.filter_size ?? 3,
    clip: {
      sigmaLow: params.sigma_low,
      sigmaHigh: params.sigma_high,
      iterations: params.maxiters,
    },
  };
}

const ARCSEC_PER_RADIAN = 206265;
/** Diameters in µm, as WAVECEN is. */
const DIAMETERS: readonly [prefix: string, diameter: number][] = [
  ["keck", 10e6],
  ["tmt", 30e6],
];

/** 1.22·λ/D in pixels. */
function fwhmOf(header: Keywords, { telescope }: Exposure): number {
  const [wave, scale] = [header["WAVECEN"], header["SCALE"]];
  const diameter = DIAMETERS.find(([prefix]) => telescope.toLowerCase().startsWith(prefix))?.[1];
  if (typeof wave !== "number" || typeof scale !== "number" || diameter === undefined)
    throw new StepError(
      `sky boxes of unknown size: on an exposure of ${telescope || "an unnamed telescope"} — without WAVECEN, SCALE and a telescope whose diameter is known box_size can't be null`,
      { hint: "iris step describe subtract_bkg" },
    );
  return ((1.22 * wave) / diameter) * (ARCSEC_PER_RADIAN / scale);
}
