/** What every calibration frame of a CCD goes through before it is combined with others. */
import { definePipeline } from "../step/pipeline.js";
import { bias } from "../steps/bias.js";
import { ccdInit } from "../steps/ccd_init.js";
import { gain } from "../steps/gain.js";
import { overscan } from "../steps/overscan.js";
import { photonNoise } from "../steps/photon_noise.js";
import { trim } from "../steps/trim.js";

export const ccdFrames = definePipeline({
  name: "ccd_frames",
  summary: "Raw CCD frame to electrons: overscan, trim, bias, gain, noise.",
  suffix: "image",
  level: 1,
  steps: [ccdInit, overscan, trim, bias, gain, photonNoise],
});
