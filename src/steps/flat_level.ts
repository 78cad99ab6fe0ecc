/** Checks how much light a flat exposure has, and divides one of the sky by it: twilight changes while it is observed. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import type { Exposure } from "../data/exposure.js";
import { dividePlane } from "../kernels/image/planes.js";
import { clippedMedian } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { complete, partial, type Caveat } from "../step/outcome.js";
import { UNFIT } from "../step/verdict.js";
import { isLampFlat, skyFlatParam } from "./flat-kind.js";
import { joinStrips, packGood, stripsOf, takeStrip, type Strip } from "./whole-frame.js";

const level = (fallback: number) => v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), fallback);

/** Deviations of the clipped median. */
const SIGMA = 5;

export const flatLevel = defineStep({
  name: "flat_level",
  summary: "Check the level of a flat exposure; divide one of the sky by its clipped median.",
  equation: "c = median of d within 5·1.4826·MAD;  of the sky: d' = d/c, e' = e/c",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_FLATLV",
  params: v.object({
    sky: skyFlatParam,
    low: v.pipe(level(10_000), v.description("least counts of a good exposure; null: any")),
    high: v.pipe(level(20_000), v.description("most counts before the detector isn't linear; null: any")),
  }),
  prepare: {
    rows: ({ size }) => stripsOf(size),
    take: (piece) => takeStrip(piece),
    make(strips: readonly Strip[], { exposure }) {
      const frame = joinStrips(strips);
      const n = packGood(frame);
      const { median } = clippedMedian(frame.sci, n, SIGMA, new Float32Array(n));
      if (!(median > 0))
        throw new StepError(
          `flat_level: on an exposure of ${exposure.detector} — the median of its ${String(n)} good pixels is ${String(median)}`,
          { hint: "look at the image: iris look FILE" },
        );
      return median;
    },
  },
  run(image, { prepared: median, params, exposure }) {
    const sky = !isLampFlat({ exposure, params });
    const caveats = levelCaveats(countsOf(median, image.unit, exposure), params.low, params.high, sky);
    if (sky) {
      dividePlane(image.sci, median);
      dividePlane(image.err, median);
      if (image.varPoisson) dividePlane(image.varPoisson, median * median);
      if (image.varRnoise) dividePlane(image.varRnoise, median * median);
    }
    const product = sky ? { ...image, unit: "" } : image;
    return caveats.length > 0 ? partial(product, caveats) : complete(product);
  },
});

/** Counts that the detector has seen: a rate over the whole exposure, electrons by the gain where it is known. */
function countsOf(median: number, unit: string, { exptime, gain }: Exposure): number {
  const counts = /\/s$|s-1$|s\*\*-1$/.test(unit) ? median * exptime : median;
  return /^e/i.test(unit) && gain !== null && gain > 0 ? counts / gain : counts;
}

/** Too little light costs noise, which the finished flat tells; too much is no longer proportional. */
function levelCaveats(counts: number, low: number | null, high: number | null, sky: boolean): Caveat[] {
  const said = `a level of ${counts.toFixed(0)} counts`;
  if (high !== null && counts > high)
    return [{ code: UNFIT, message: `${said}; above ${String(high)} the detector isn't linear` }];
  if (low !== null && counts < low)
    return [{ code: "FAINT_FLAT", message: `${said}; ${String(low)} make a good ${sky ? "sky " : ""}flat` }];
  return [];
}
