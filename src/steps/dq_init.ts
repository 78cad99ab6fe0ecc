/** Starts the quality flags of a ramp, or of an image that was made without, from the bad-pixel mask. */
import { DQ } from "../data/dq.js";
import type { Ramp, Reference } from "../data/kinds.js";
import { groupFlags, planeSize } from "../data/ramp.js";
import type { Alloc } from "../kernels/alloc.js";
import { orFlags } from "../kernels/image/planes.js";
import { rawU32 } from "../kernels/raw.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const dqInit = defineStep({
  name: "dq_init",
  summary: "Flag the pixels of the bad-pixel mask.",
  equation: "q' = q | q_mask;  of a ramp q'_group = q_group | (q_mask & DO_NOT_USE) in every group",
  input: "exposure",
  output: "exposure",
  locality: "pixel",
  status: "S_DQINIT",
  flags: ["DO_NOT_USE", "DEAD", "HOT", "…: whatever the mask says"],
  refs: { mask: { type: "MASK", doc: "bad-pixel mask" } },
  skip: ({ refs }) => (refs.mask ? undefined : "no MASK reference applies"),
  run(exposure, { refs: { mask }, alloc }) {
    const plane = exposure.nx * exposure.ny;
    const flags = maskFlags(mask, plane, alloc);
    if ("ngroups" in exposure) flagReads(exposure, flags, alloc);
    else for (let at = 0; at < exposure.dq.length; at += plane) orFlags(exposure.dq, at, flags);
    return complete(exposure);
  },
});

function flagReads(ramp: Ramp, flags: Uint32Array, alloc: Alloc): void {
  const plane = planeSize(ramp);
  orFlags(ramp.pixeldq, 0, flags);
  const unusable = flags.findIndex((flag) => (flag & DQ.DO_NOT_USE) !== 0);
  if (unusable < 0) return;
  const groups = groupFlags(ramp, alloc);
  for (let i = unusable; i < plane; i++)
    if ((flags[i]! & DQ.DO_NOT_USE) !== 0)
      for (let at = i; at < groups.length; at += plane) groups[at]! |= DQ.DO_NOT_USE;
}

/** A mask's flags stand in DQ, or in its only image when it has no other. */
function maskFlags({ dq, sci }: Reference, plane: number, alloc: Alloc): Uint32Array {
  if (dq) return dq.subarray(0, plane);
  const flags = rawU32(alloc, plane);
  for (let i = 0; i < plane; i++) flags[i] = sci[i]!;
  return flags;
}
