/** Adds the noise of the photons to the errors of an image in electrons. */
import { unitName } from "../data/units.js";
import { StepError } from "../errors.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const photonNoise = defineStep({
  name: "photon_noise",
  summary: "Add the noise of the photons to the errors of an image in electrons.",
  equation: "e' = √(e² + max(d, 0))",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_PHOTON",
  skip: ({ header }) =>
    /\/\s*s/.test(String(header["BUNIT"] ?? ""))
      ? "the image is a rate, whose errors have the photons in them"
      : undefined,
  run(image) {
    if (unitName(image.unit) !== "electron")
      throw new StepError(
        `photon_noise: on an exposure of ${image.exposure.detector} — it is in ${image.unit || "an unknown unit"}, not in electrons`,
        { hint: "let the step gain come first, or leave both out: --skip gain,photon_noise" },
      );
    const { sci, err } = image;
    for (let i = 0; i < sci.length; i++) {
      const d = sci[i]!;
      if (d > 0) err[i] = Math.sqrt(err[i]! * err[i]! + d);
    }
    return complete(image);
  },
});
