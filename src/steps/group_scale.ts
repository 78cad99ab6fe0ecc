/** Puts right groups that were averaged on board with the wrong divisor. */
import { correct } from "../data/ramp.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";

export const groupScale = defineStep({
  name: "group_scale",
  summary: "Rescale groups whose on-board average was divided by another number than that of its reads.",
  equation: "S' = S · FRMDIVSR / NFRAMES",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  status: "S_GRPSCL",
  skip: ({ exposure, header }) => {
    const scale = scaleOf(exposure, header);
    return typeof scale === "string" ? scale : undefined;
  },
  run(ramp, { exposure, header }) {
    const scale = scaleOf(exposure, header);
    if (typeof scale === "string") return skipped(ramp, scale);
    correct(ramp, (samples) => {
      for (let i = 0; i < samples.length; i++) samples[i]! *= scale;
    });
    return complete(ramp);
  },
});

/** The factor, or why there is nothing to do: a shift divides by powers of two exactly. */
function scaleOf({ readout }: Exposure, header: Keywords): number | string {
  const nframes = readout?.nframes ?? 1;
  const divisor = header["FRMDIVSR"];
  if (typeof divisor !== "number" || !(divisor > 0)) {
    if (nframes === 1) return "no reads were averaged";
    if (Number.isInteger(Math.log2(nframes))) return `${nframes} reads are averaged by a shift, exactly`;
    return divisor === undefined
      ? "no FRMDIVSR: the divisor isn't known"
      : `FRMDIVSR=${divisor} is no divisor: it isn't known`;
  }
  return divisor === nframes ? "the divisor is the number of reads" : divisor / nframes;
}
