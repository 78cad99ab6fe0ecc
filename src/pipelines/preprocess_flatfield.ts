/** One flat exposure to a normalised flat. */
import { definePipeline } from "../step/pipeline.js";
import { darkSub } from "../steps/dark_sub.js";
import { normalize } from "../steps/normalize.js";

export const preprocessFlatfield = definePipeline({
  name: "preprocess_flatfield",
  summary: "One flat exposure to a normalised flat: dark, division by its median.",
  suffix: "flat",
  level: 2,
  steps: [darkSub, normalize],
});
