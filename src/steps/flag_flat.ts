/** Flags the pixels of a new flat field that shouldn't be trusted. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

const level = (fallback: number) => v.optional(v.pipe(v.number(), v.minValue(0)), fallback);

export const flagFlat = defineStep({
  name: "flag_flat",
  summary: "Flag dead, insensitive and uncertain pixels of a flat field.",
  equation:
    "F NaN or ≤ 0: NO_FLAT_FIELD;  0 < F < dead: DEAD;  dead ≤ F < low: LOW_QE;  e_F/F > unreliable: UNRELIABLE_FLAT",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_FLATDQ",
  flags: ["NO_FLAT_FIELD", "DEAD", "LOW_QE", "UNRELIABLE_FLAT"],
  params: v.object({
    dead: v.pipe(level(0.2), v.description("a smaller flat means a dead pixel")),
    low: v.pipe(level(0.5), v.description("a smaller flat means low quantum efficiency")),
    unreliable: v.pipe(level(0.1), v.description("largest relative error of a reliable flat")),
  }),
  run(image, { params: { dead, low, unreliable } }) {
    const { sci, err, dq } = image;
    for (let i = 0; i < sci.length; i++) {
      const f = sci[i]!;
      if (!(f > 0)) {
        dq[i]! |= DQ.NO_FLAT_FIELD;
        continue;
      }
      if (f < dead) dq[i]! |= DQ.DEAD;
      else if (f < low) dq[i]! |= DQ.LOW_QE;
      if (err[i]! / f > unreliable) dq[i]! |= DQ.UNRELIABLE_FLAT;
    }
    return complete(image);
  },
});
