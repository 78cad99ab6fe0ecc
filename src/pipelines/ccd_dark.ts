/** Raw darks of a CCD to a master dark. */
import { chain } from "../step/pipeline.js";
import { ccdFrames } from "./ccd_frames.js";
import { createDark } from "./create_dark.js";

export const ccdDark = chain(
  "ccd_dark",
  "Raw CCD darks to a master dark in electrons: ccd_frames and create_dark in one pass.",
  ccdFrames,
  createDark,
);
