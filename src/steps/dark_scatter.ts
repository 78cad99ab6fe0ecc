/** Repeated darks to their median, with the scatter of each pixel as its error: what bad pixels are found in. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { medianAndStd } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const darkScatter = defineStep({
  name: "dark_scatter",
  summary: "Turn repeated darks into their median and the standard deviation of each pixel.",
  equation: "d' = median over exposures;  e' = √(Σ(d − mean)²/n) over exposures",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_DKSCAT",
  params: v.object({
    least: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 3),
      v.description("fewest exposures that tell a scatter"),
    ),
  }),
  run(images, { params: { least }, alloc }) {
    const first = images[0]!;
    if (images.length < least)
      throw new StepError(
        `dark_scatter: on ${String(images.length)} exposures — the scatter of a pixel needs ${String(least)}`,
        { hint: "give more darks of one exposure time: iris fits ls FOLDER" },
      );
    for (const { nx, sci } of images)
      if (nx !== first.nx || sci.length !== first.sci.length)
        throw new StepError(
          `dark_scatter: on ${String(images.length)} exposures — one is ${String(nx)} pixels wide, the first ${String(first.nx)}`,
          { hint: "give darks of one subarray: iris fits info FILES" },
        );
    const sci = alloc.f32(first.sci.length);
    const err = alloc.f32(first.sci.length);
    medianAndStd(
      sci,
      err,
      images.map((image) => image.sci),
    );
    return complete({ ...first, sci, err, varPoisson: null, varRnoise: null }, { NCOMBINE: images.length });
  },
});
