/** Divides an image by its typical value, so that it becomes a flat field. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { dividePlane } from "../kernels/image/planes.js";
import { gather, medianOf, modeOf } from "../kernels/image/select.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const normalize = defineStep({
  name: "normalize",
  summary: "Divide the image by its median, mean or mode.",
  equation: "c = median of finite d with q = 0;  d' = d/c;  e' = e/c;  VAR' = VAR/c²",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_NORMAL",
  params: v.object({
    method: v.pipe(
      v.optional(v.picklist(["median", "mean", "mode", "none"]), "median"),
      v.description("typical value; mode is the most frequent one, the smallest on ties"),
    ),
    variant: v.pipe(
      v.optional(v.picklist(["good", "iris", "liger"]), "good"),
      v.description(
        "good: finite pixels with DQ 0, errors divided too; iris: pixels with DQ 0, else factor 1, errors kept; liger: all pixels",
      ),
    ),
  }),
  run(image, { params: { method, variant }, alloc }) {
    const values = alloc.f32(image.sci.length);
    const n = gather(values, image.sci, variant === "liger" ? null : image.dq, variant !== "good");
    const factor = (variant === "iris" && n === 0) || method === "none" ? 1 : typical(values, n, method);
    if (!Number.isFinite(factor) || factor === 0)
      throw new StepError(
        `normalize: on an exposure of ${image.exposure.detector} — the ${method} of its ${String(n)} good pixels is ${String(factor)}`,
        { hint: "look at the image: iris look FILE" },
      );
    dividePlane(image.sci, factor);
    if (variant !== "iris") {
      dividePlane(image.err, Math.abs(factor));
      if (image.varPoisson) dividePlane(image.varPoisson, factor * factor);
      if (image.varRnoise) dividePlane(image.varRnoise, factor * factor);
    }
    return complete(method === "none" ? image : { ...image, unit: "" }, { NORMFACT: factor });
  },
});

function typical(values: Float32Array, n: number, method: "median" | "mean" | "mode"): number {
  if (method === "median") return medianOf(values, n);
  if (method === "mode") return modeOf(values, n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  return sum / n;
}
