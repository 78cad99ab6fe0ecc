/** Makes the smooth map of the sky of an image: a product of its own. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { skyMap } from "../kernels/image/sky-map.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { skyParams, skyPolicy } from "./sky-params.js";

export const calcBkgImager = defineStep({
  name: "calc_bkg_imager",
  summary: "Turn an image into the smooth map of its sky, with the scatter as error.",
  equation: "clipped biweight location in boxes, median of 3 × 3 boxes, cubic splines between",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_SKYMAP",
  endsVariances: true,
  params: v.object(skyParams),
  run(image, { params, header, exposure }) {
    const policy = skyPolicy(params, header, exposure);
    if (image.nz !== 1 || !skyMap(image, image, image.nx, image.ny, policy))
      throw new StepError(
        `calc_bkg_imager: on an exposure of ${exposure.detector} — no box of ${String(policy.box)} × ${String(policy.box)} pixels has 90 % good ones`,
        { hint: "take smaller boxes: iris step describe calc_bkg_imager" },
      );
    return complete({ ...image, varPoisson: null, varRnoise: null });
  },
});
