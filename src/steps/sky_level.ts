/** Subtracts the clipped median of the sky between the objects: what is left are objects, and structure of the sky. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { StepError } from "../errors.js";
import { clippedMedian } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { joinStrips, packGood, stripsOf, takeStrip, type Strip } from "./whole-frame.js";

export const skyLevel = defineStep({
  name: "sky_level",
  summary: "Subtract the clipped median of the pixels that show neither an object nor a fault.",
  equation: "d' = d − B;  B = median of d with q = 0 and |d − B| ≤ sigma·1.4826·MAD, to convergence",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_SKYLVL",
  params: v.object({
    sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 5),
      v.description("leave out pixels this many deviations from the median"),
    ),
  }),
  prepare: {
    rows: ({ size }) => stripsOf(size),
    take: (piece) => takeStrip(piece, ~DQ.GOOD),
    make(strips: readonly Strip[], { exposure, params }) {
      const frame = joinStrips(strips);
      const n = packGood(frame);
      if (n === 0)
        throw new StepError(
          `sky_level: on an exposure of ${exposure.detector} — no pixel of it shows the sky`,
          {
            hint: "objects cover it: take exposures of empty sky beside it, and subtract them with background",
          },
        );
      return clippedMedian(frame.sci, n, params.sigma, new Float32Array(n)).median;
    },
  },
  run(image, { prepared: level }) {
    const { sci } = image;
    for (let i = 0; i < sci.length; i++) sci[i]! -= level;
    const history = [`B = ${Number(level.toPrecision(7))} ${image.unit}`.trim()];
    return complete(image, { BKGLEVEL: level, BKGSUB: true }, [], history);
  },
});
