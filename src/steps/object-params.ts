/** Parameters of the steps that look for objects, shared by those that mask them. */
import * as v from "valibot";
import type { ObjectPolicy } from "../kernels/image/object-mask.js";

const positive = v.pipe(v.number(), v.gtValue(0));
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

export const objectParams = {
  object_sigma: v.pipe(
    v.optional(positive, 2),
    v.description("threshold of an object, in units of the scatter of the background"),
  ),
  object_pixels: v.pipe(v.optional(whole, 5), v.description("pixels above it that make an object")),
  object_grow: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0)), 2),
    v.description("the mask of an object grows by this many FWHM, for its wings"),
  ),
  object_box: v.pipe(
    v.optional(v.pipe(v.number(), v.integer(), v.minValue(8)), 64),
    v.description("side of the boxes of the background in pixels"),
  ),
};

type ObjectParams = v.InferOutput<v.ObjectSchema<typeof objectParams, undefined>>;

export const objectPolicy = (params: ObjectParams): ObjectPolicy => ({
  nsigma: params.object_sigma,
  minarea: params.object_pixels,
  grow: params.object_grow,
  box: params.object_box,
});
