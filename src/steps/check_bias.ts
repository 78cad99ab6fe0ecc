/** Says whether a master bias is fit for use. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { typicalOf } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { judged } from "../step/verdict.js";
import { badPixels, percent } from "./fitness.js";

const limit = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

export const checkBias = defineStep({
  name: "check_bias",
  summary: "Say whether a bias is fit for use: bad pixels, the level that is left, how rough it is.",
  equation: "level: |median B|;  roughness: 1.4826·MAD of B over the median of e_B",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_CHKBIA",
  params: v.object({
    max_bad: v.pipe(limit(0.05), v.description("largest part of bad pixels of a fit bias")),
    max_level: v.pipe(
      v.optional(v.nullable(v.pipe(v.number(), v.minValue(0))), null),
      v.description("largest level left by the overscan, DN; None: any, as without overscan"),
    ),
    max_roughness: v.pipe(
      limit(5),
      v.description("largest scatter from pixel to pixel, in units of the typical error"),
    ),
  }),
  run(image, { params: { max_bad, max_level, max_roughness }, alloc }) {
    const bad = badPixels(image, DQ.DO_NOT_USE, alloc);
    const scratch = alloc.f32(image.sci.length);
    const { median, madstd } = typicalOf(image.sci, bad.mask, scratch);
    const error = typicalOf(image.err, bad.mask, scratch).median;
    const roughness = error > 0 ? madstd / error : 0;
    const against = [
      ...(bad.share > max_bad
        ? [`${percent(bad.share)} of the pixels are bad; ${percent(max_bad)} are allowed`]
        : []),
      ...(max_level !== null && Math.abs(median) > max_level
        ? [`a level of ${median.toFixed(2)} DN is left; ${String(max_level)} is allowed`]
        : []),
      ...(roughness > max_roughness
        ? [`it scatters by ${roughness.toFixed(1)} of its errors; ${String(max_roughness)} is allowed`]
        : []),
    ];
    const found = `${percent(bad.share)} bad, level ${median.toFixed(2)} DN, scatter ${roughness.toFixed(2)} of its errors`;
    return judged(image, { against, found });
  },
});
