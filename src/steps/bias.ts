/** Subtracts the master bias from an image. */
import * as v from "valibot";
import { addInQuadrature, orFlags, subtractPlane } from "../kernels/image/planes.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { checkUnit } from "./reference-unit.js";

export const bias = defineStep({
  name: "bias",
  summary: "Subtract the bias reference.",
  equation: "d' = d − B (NaN in B counts as 0);  e' = √(e² + e_B²);  q' = q | q_B",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_BIAS",
  refs: { bias: { type: "BIAS", doc: "master bias in the unit of the image" } },
  params: v.object({
    propagate_err: v.pipe(
      v.optional(v.boolean(), true),
      v.description("add the bias's variance to the error"),
    ),
  }),
  skip: ({ refs }) => (refs.bias ? undefined : "no BIAS reference applies"),
  run(image, { refs: { bias: reference }, params }) {
    checkUnit(
      "bias",
      reference,
      image,
      "subtract the bias before counts become electrons, or make it in the image's unit",
    );
    const plane = image.nx * image.ny;
    for (let at = 0; at < image.nz * plane; at += plane) {
      subtractPlane(image.sci, at, reference.sci, 1);
      if (params.propagate_err && reference.err) addInQuadrature(image.err, at, reference.err, 1);
      if (reference.dq) orFlags(image.dq, at, reference.dq);
    }
    return complete(image);
  },
});
