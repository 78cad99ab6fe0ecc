/** Starts the quality flags of a ramp from the bad-pixel mask. */
import { DQ } from "../data/dq.js";
import { groupFlags, planeSize } from "../data/ramp.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const dqInit = defineStep({
  name: "dq_init",
  summary: "Flag the pixels of the bad-pixel mask.",
  equation: "q' = q | q_mask;  q'_group = q_group | (q_mask & DO_NOT_USE) in every group",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  status: "S_DQINIT",
  flags: ["DO_NOT_USE", "DEAD", "HOT", "…: whatever the mask says"],
  refs: { mask: { type: "MASK", doc: "bad-pixel mask" } },
  skip: ({ refs }) => (refs.mask ? undefined : "no MASK reference applies"),
  run(ramp, { refs: { mask }, alloc }) {
    const plane = planeSize(ramp);
    const flags = maskFlags(mask);
    let unusable = 0;
    for (let i = 0; i < plane; i++) {
      ramp.pixeldq[i]! |= flags[i]!;
      if ((flags[i]! & DQ.DO_NOT_USE) !== 0) unusable++;
    }
    if (unusable > 0) {
      const groups = groupFlags(ramp, alloc);
      for (let i = 0; i < plane; i++)
        if ((flags[i]! & DQ.DO_NOT_USE) !== 0)
          for (let at = i; at < groups.length; at += plane) groups[at]! |= DQ.DO_NOT_USE;
    }
    return complete(ramp);
  },
});

/** A mask's flags stand in DQ, or in its only image when it has no other. */
const maskFlags = ({ dq, sci }: { dq: Uint32Array | null; sci: Float32Array }): ArrayLike<number> =>
  dq ?? sci;
