/** A calibrated image to flux densities, by the stars of a catalogue. */
import { definePipeline } from "../step/pipeline.js";
import { fluxcal } from "../steps/fluxcal.js";
import { zeroPoint } from "../steps/zero_point.js";

export const calibrateFlux = definePipeline({
  name: "calibrate_flux",
  summary: "A calibrated image to flux densities: zero point by catalogue stars, then MJy/sr or uJy.",
  suffix: "phot",
  level: null,
  steps: [zeroPoint, fluxcal],
});
