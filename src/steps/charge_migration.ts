/** Flags reads in which bright pixels have begun to push charge into their neighbours. */
import * as v from "valibot";
import { groupFlags, samples } from "../data/ramp.js";
import { flagChargeMigration } from "../kernels/ramp/charge.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const chargeMigration = defineStep({
  name: "charge_migration",
  summary: "Flag the reads of pixels, and of their neighbours, from where charge spills over.",
  equation: "S_g > threshold → CHARGELOSS, DO_NOT_USE from group g on, for the pixel and its four neighbours",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  status: "S_CHGMIG",
  flags: ["CHARGELOSS", "DO_NOT_USE"],
  params: v.object({
    signal_threshold: v.pipe(v.optional(v.number(), 25000), v.description("signal that spills over [DN]")),
  }),
  halo: () => 1,
  skip: ({ axes }) => ((axes[2] ?? 1) < 3 ? "fewer than three groups" : undefined),
  run(ramp, { params, alloc }) {
    const { nx, ny, nints, ngroups } = ramp;
    const sci = samples(ramp, alloc);
    flagChargeMigration(groupFlags(ramp, alloc), sci, nx, ny, nints, ngroups, params.signal_threshold);
    return complete(ramp);
  },
});
