/** Says whether a master dark is fit for the cache. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { blockRange } from "../kernels/image/block-range.js";
import { typicalOf } from "../kernels/image/scatter.js";
import { defineStep } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import { judged } from "../step/verdict.js";
import { badPixels, levelText, percent } from "./fitness.js";

const fraction = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

/** Deviations above the median of a hot pixel. */
const HOT = 10;
const BLOCK = 64;

export const checkDark = defineStep({
  name: "check_dark",
  summary: "Say whether a dark is fit for the cache: bad and hot pixels, and light that fell on it.",
  equation:
    "bad: no value or DO_NOT_USE;  hot: d > med + 10·1.4826·MAD;  leak: range of 64² medians / (1.4826·MAD)",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_CHKDRK",
  params: v.object({
    max_bad: v.pipe(fraction(0.05), v.description("largest part of bad pixels of a fit dark")),
    max_hot: v.pipe(fraction(0.05), v.description("largest part of hot pixels of a fit dark")),
    max_leak: v.pipe(
      v.optional(v.pipe(v.number(), v.gtValue(0)), 5),
      v.description("a larger range over the frame, in units of the scatter, is a caveat: glow or light"),
    ),
  }),
  run(image, { params: { max_bad, max_hot, max_leak }, alloc }) {
    const { sci, nx, ny } = image;
    const bad = badPixels(image, DQ.DO_NOT_USE, alloc);
    const { median, madstd } = typicalOf(sci, bad.mask, alloc.f32(sci.length));
    let hot = 0;
    for (let i = 0; i < sci.length; i++) if (!bad.mask[i] && sci[i]! > median + HOT * madstd) hot++;
    const share = hot / sci.length;
    const leak = blockRange(sci, bad.mask, nx, ny, BLOCK) / madstd;
    const against = [
      ...(bad.share > max_bad
        ? [`${percent(bad.share)} of the pixels are bad; ${percent(max_bad)} are allowed`]
        : []),
      ...(share > max_hot
        ? [`${percent(share)} of the pixels are hot; ${percent(max_hot)} are allowed`]
        : []),
    ];
    const caveats: Caveat[] =
      leak > max_leak
        ? [
            {
              code: "DARK_STRUCTURE",
              message: `the level varies over the frame by ${leak.toFixed(1)} times its scatter: glow, or light`,
            },
          ]
        : [];
    const found = `${percent(bad.share)} bad, ${percent(share)} hot, ${levelText(median, madstd, image.unit)}`;
    return judged(image, { against, caveats, found, keywords: { NHOT: hot } });
  },
});
