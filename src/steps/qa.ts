/** Says how good an image is: seeing, sky, depth, bad pixels, and what is in it. The image itself stays as it is. */
import * as v from "valibot";
import { defineStep } from "../step/define.js";
import { complete, partial, type Beside } from "../step/outcome.js";
import { catalogOf } from "./qa/catalog.js";
import { measureQuality } from "./qa/measure.js";

const positive = (fallback: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), fallback);
const whole = (fallback: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), fallback);

export const qaParams = v.object({
  box: v.pipe(whole(64), v.description("side of the boxes that the background is estimated in, pixels")),
  nsigma: v.pipe(positive(4), v.description("threshold of detection, in units of the background's scatter")),
  minarea: v.pipe(whole(5), v.description("fewest pixels of a source")),
  star_snr: v.pipe(positive(50), v.description("signal to noise of the stars that tell the seeing")),
  stars: v.pipe(whole(100), v.description("most stars to fit, brightest first")),
  radii: v.pipe(
    v.optional(v.nullable(v.array(v.pipe(v.number(), v.gtValue(0)))), null),
    v.description("apertures of the catalogue, pixels; null: the full width at half maximum"),
  ),
  diffraction_fwhm: v.pipe(
    v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), null),
    v.description("width that diffraction alone would leave, pixels: gives a Strehl ratio"),
  ),
});

export const qa = defineStep({
  name: "qa",
  summary: "Measure the quality of an image: sources, seeing, sky, depth, bad pixels.",
  equation:
    "sources: smoothed image > nsigma·rms;  FWHM: median of Gaussian fits;  limit: 5·rms·√(π·FWHM²) in an aperture of diameter 2·FWHM",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_QA",
  version: 2,
  params: qaParams,
  measures: true,
  beside: ["cat.fits", "qa.json"],
  run(image, { params, header, exposure, alloc }) {
    const frame = { ...image, header, exposure };
    const quality = measureQuality(frame, params, alloc);
    const { keywords, caveats, report } = quality;
    const beside: Beside[] = [
      { ending: "cat.fits", table: catalogOf(frame, quality, radiiOf(params, quality)), name: "SOURCES" },
      { ending: "qa.json", json: { type: "qa", ...report } },
    ];
    return caveats.length > 0 ? partial(image, caveats, keywords, beside) : complete(image, keywords, beside);
  },
});

/** Where no star tells the seeing, apertures are four pixels wide. */
const radiiOf = (
  { radii }: v.InferOutput<typeof qaParams>,
  { report }: ReturnType<typeof measureQuality>,
): readonly number[] => radii ?? [Math.round((report.seeing?.fwhm.px ?? 2) * 10) / 10];
