/** Subtracts the bias that every read of a detector starts from. */
import { changeZeroframes, correct } from "../data/ramp.js";
import { orFlags } from "../kernels/image/planes.js";
import { subtractFinite } from "../kernels/ramp/correct.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";

export const superbias = defineStep({
  name: "superbias",
  summary: "Subtract the bias frame from every group.",
  equation: "S'_g = S_g − B (NaN counts as 0);  q' = q | q_B",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  status: "S_SUPERB",
  refs: { superbias: { type: "SUPERBIAS", doc: "bias of each pixel in DN", optional: true } },
  skip: ({ refs }) => (refs.superbias ? undefined : "no SUPERBIAS reference applies"),
  run(ramp, { refs: { superbias: bias } }) {
    if (!bias) return skipped(ramp, "no SUPERBIAS reference applies");
    correct(ramp, (samples, { from }) => {
      subtractFinite(samples, bias.sci.subarray(from, from + samples.length));
    });
    changeZeroframes(ramp, (frame) => subtractFinite(frame, bias.sci));
    if (bias.dq) orFlags(ramp.pixeldq, 0, bias.dq);
    return complete(ramp);
  },
});
