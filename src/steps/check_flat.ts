/** Says whether a master flat is fit for the cache. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { typicalOf } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { judged } from "../step/verdict.js";
import { badPixels, percent } from "./fitness.js";

const fraction = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

export const checkFlat = defineStep({
  name: "check_flat",
  summary:
    "Say whether a flat is fit for the cache: bad pixels, its error, and how much the response varies.",
  equation: "bad: no value, NO_FLAT_FIELD or DEAD;  error: median e_F/F;  scatter: 1.4826·MAD of F",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_CHKFLT",
  params: v.object({
    max_bad: v.pipe(fraction(0.05), v.description("largest part of bad pixels of a fit flat")),
    max_error: v.pipe(fraction(0.01), v.description("largest typical relative error of a pixel")),
    max_scatter: v.pipe(fraction(0.3), v.description("largest scatter of the response")),
  }),
  run(image, { params: { max_bad, max_error, max_scatter }, alloc }) {
    const { sci, err } = image;
    const bad = badPixels(image, DQ.DO_NOT_USE | DQ.NO_FLAT_FIELD | DQ.DEAD, alloc);
    const relative = alloc.f32(sci.length);
    for (let i = 0; i < sci.length; i++) relative[i] = err[i]! / sci[i]!;
    const scratch = alloc.f32(sci.length);
    const error = typicalOf(relative, bad.mask, scratch).median;
    const { madstd } = typicalOf(sci, bad.mask, scratch);
    const against = [
      ...(bad.share > max_bad
        ? [`${percent(bad.share)} of the pixels are bad; ${percent(max_bad)} are allowed`]
        : []),
      ...(error <= max_error
        ? []
        : [`an error of ${percent(error)} per pixel; ${percent(max_error)} is allowed: take more light`]),
      ...(madstd > max_scatter
        ? [`the response scatters by ${percent(madstd)}; ${percent(max_scatter)} is allowed`]
        : []),
    ];
    const found = `${percent(bad.share)} bad, error ${percent(error)} per pixel, response scatters by ${percent(madstd)}`;
    return judged(image, { against, found, keywords: { FLATERR: error } });
  },
});
