/** Raw flats of a CCD to a master flat. */
import { chain } from "../step/pipeline.js";
import { response } from "../steps/response.js";
import { ccdFrames } from "./ccd_frames.js";
import { createFlatfield } from "./create_flatfield.js";

/** In electrons a dark is scaled by the time, and may be missing; of a spectrograph's flat the lamp's spectrum goes. */
const entries = createFlatfield.entries.flatMap((entry) => {
  if (entry.step.name === "dark_sub") return [{ ...entry, params: { scale_exptime: true }, lacks: ["DARK"] }];
  // What light costs in noise the finished flat tells; a CCD is linear nearly up to its converter's end.
  if (entry.step.name === "flat_level") return [{ ...entry, params: { low: null, high: 50_000 } }];
  // A slit leaves margins without light.
  if (entry.step.name === "check_flat") return [{ ...entry, params: { max_bad: 0.3 } }];
  return entry.step.name === "normalize" ? [{ step: response }, entry] : [entry];
});

export const ccdFlat = chain(
  "ccd_flat",
  "Raw CCD flats to a master flat: ccd_frames and create_flatfield in one pass, without the lamp's spectrum.",
  ccdFrames,
  { ...createFlatfield, entries },
);
