/** Says whether a super sky is fit for the cache. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { maskObjects } from "../kernels/image/object-mask.js";
import { typicalOf } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import { judged } from "../step/verdict.js";
import { badPixels, levelText, percent } from "./fitness.js";
import { objectParams, objectPolicy } from "./object-params.js";

const fraction = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

export const checkSky = defineStep({
  name: "check_sky",
  summary: "Say whether a combined sky is fit for the cache: pixels without sky, and objects left in it.",
  equation: "bad: no value or DO_NOT_USE;  objects: as in mask_objects, of the combined sky",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_CHKSKY",
  params: v.object({
    ...objectParams,
    object_sigma: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 5),
      v.description("threshold of an object that was left, in units of the scatter"),
    ),
    max_bad: v.pipe(fraction(0.05), v.description("largest part of pixels without sky")),
    max_objects: v.pipe(
      fraction(0.005),
      v.description("largest part of the frame under objects that were left"),
    ),
  }),
  run(image, { params, alloc }) {
    const { sci, nx, ny } = image;
    const { max_bad, max_objects } = params;
    const bad = badPixels(image, DQ.DO_NOT_USE, alloc);
    const { median, madstd } = typicalOf(sci, bad.mask, alloc.f32(sci.length));
    const mask = alloc.u8(sci.length);
    const left = maskObjects(mask, sci, bad.mask, nx, ny, { ...objectPolicy(params), grow: 0 });
    let n = 0;
    for (let i = 0; i < mask.length; i++) n += mask[i]!;
    const share = n / mask.length;
    const against = [
      ...(left === null ? ["no part of the frame has enough good pixels"] : []),
      ...(bad.share > max_bad
        ? [
            `${percent(bad.share)} of the pixels have no sky; ${percent(max_bad)} are allowed: move more between exposures`,
          ]
        : []),
      ...(share > max_objects
        ? [`objects are left on ${percent(share)} of the frame; ${percent(max_objects)} is allowed`]
        : []),
    ];
    const found = `${percent(bad.share)} without sky, objects left on ${percent(share)}, ${levelText(median, madstd, image.unit)}`;
    return judged(image, { against, found });
  },
});
