/** Several dark exposures to a master dark. */
import { definePipeline } from "../step/pipeline.js";
import { checkDark } from "../steps/check_dark.js";
import { combineFrames } from "../steps/combine_frames.js";

export const createDark = definePipeline({
  name: "create_dark",
  summary: "Dark exposures to a master dark: clipped median.",
  suffix: "dark",
  level: 2,
  reftype: "dark",
  least: 3,
  of: ["DARK"],
  keywords: { REFTYPE: "dark", IMTYPE: "DARK", DATAMODL: "DarkModel" },
  steps: [{ step: combineFrames, params: { method: "median", error_calc: "propagate" } }, checkDark],
});
