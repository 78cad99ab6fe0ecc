/** A step of a user's: multiplies the image. */
import * as v from "valibot";

export default {
  name: "double",
  summary: "Multiply the image.",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_DOUBLE",
  version: 1,
  params: v.object({ factor: v.optional(v.number(), 2) }),
  run(image, { params }) {
    for (let i = 0; i < image.sci.length; i++) {
      image.sci[i] *= params.factor;
      image.err[i] *= params.factor;
    }
    return { status: "complete", product: image, keywords: {} };
  },
};
