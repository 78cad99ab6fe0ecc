/** Subtracts the master dark from an image. */
import * as v from "valibot";
import { CalibrationError } from "../errors.js";
import { addInQuadrature, orFlags, subtractPlane } from "../kernels/image/planes.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";
import { checkUnit } from "./reference-unit.js";

export const darkSub = defineStep({
  name: "dark_sub",
  summary: "Subtract the dark reference.",
  equation: "d' = d − k·D (NaN in D counts as 0);  e' = √(e² + (k·e_D)²);  q' = q | q_D",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_DARK",
  refs: { dark: { type: "DARK", doc: "master dark in the unit of the image" } },
  params: v.object({
    propagate_err: v.pipe(
      v.optional(v.boolean(), true),
      v.description("add the dark's variance to the error; false is what iris_pipeline does"),
    ),
    scale_exptime: v.pipe(
      v.optional(v.boolean(), false),
      v.description("multiply the dark by the ratio of exposure times, for images in counts"),
    ),
  }),
  skip: ({ refs }) => (refs.dark ? undefined : "no DARK reference applies"),
  run(image, { refs: { dark }, params, exposure }) {
    if (dark.nz !== 1)
      throw new CalibrationError(
        `dark_sub needs a dark image: on ${dark.name} — it has ${String(dark.nz)} groups`,
        { hint: "a dark ramp is subtracted by the step `dark`: iris step describe dark" },
      );
    checkUnit("dark", dark, image, "make one in the image's unit: iris reduce DARKS --pipeline create_dark");
    const wanted = exposure.exptime;
    const given = dark.header["EXPTIME"];
    const ratio = typeof given === "number" && given > 0 && wanted > 0 ? wanted / given : 1;
    const k = params.scale_exptime ? ratio : 1;
    const plane = image.nx * image.ny;
    for (let at = 0; at < image.nz * plane; at += plane) {
      subtractPlane(image.sci, at, dark.sci, k);
      if (params.propagate_err && dark.err) addInQuadrature(image.err, at, dark.err, k);
      if (dark.dq) orFlags(image.dq, at, dark.dq);
    }
    const counts = !image.unit.includes("/s");
    if (counts && !params.scale_exptime && Math.abs(ratio - 1) > 0.01)
      return partial(image, [
        {
          code: "dark_exptime",
          message: `the image was exposed ${String(wanted)} s and its dark ${String(given)} s; scale_exptime=true scales the dark`,
        },
      ]);
    return complete(image);
  },
});
