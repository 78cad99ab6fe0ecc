/** Raw CCD frame to a calibrated image in electrons. */
import { definePipeline } from "../step/pipeline.js";
import { bias } from "../steps/bias.js";
import { ccdInit } from "../steps/ccd_init.js";
import { darkSub } from "../steps/dark_sub.js";
import { flatField } from "../steps/flat_field.js";
import { gain } from "../steps/gain.js";
import { lacosmic } from "../steps/lacosmic.js";
import { overscan } from "../steps/overscan.js";
import { photonNoise } from "../steps/photon_noise.js";
import { trim } from "../steps/trim.js";

export const ccd = definePipeline({
  name: "ccd",
  summary: "Raw CCD frame to a calibrated image: overscan, trim, bias, electrons, dark, flat, cosmic rays.",
  suffix: "cal",
  level: 2,
  steps: [
    ccdInit,
    overscan,
    trim,
    bias,
    gain,
    photonNoise,
    { step: darkSub, params: { scale_exptime: true }, lacks: ["DARK"] },
    flatField,
    {
      step: lacosmic,
      when: {
        says: "cosmic rays are looked for in science exposures only",
        test: (tags) => tags.has("SCI") || tags.has("SKY"),
      },
    },
  ],
});
