/** Flags the reads in which a pixel still releases charge that it trapped while it was full. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import { groupFlags, planeSize, samples } from "../data/ramp.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

export const persistence = defineStep({
  name: "persistence",
  summary: "Flag the reads that follow saturation for as long as persistence lasts.",
  equation: "t ≤ t(first saturated read) + persistence_time → PERSISTENCE, over all ramps of the exposure",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  status: "S_PERSIS",
  flags: ["PERSISTENCE", "DO_NOT_USE"],
  params: v.object({
    persistence_time: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 0),
      v.description("how long trapped charge is released [s]; 0 flags nothing"),
    ),
    dn_threshold: v.pipe(
      v.optional(v.pipe(v.number(), v.minValue(0)), 0),
      v.description("signal that fills traps [DN]; 0: only saturation does"),
    ),
    do_not_use: v.pipe(
      v.optional(v.boolean(), false),
      v.description("leave flagged reads out of the fit, too"),
    ),
  }),
  skip: ({ exposure, params }) => {
    if (params.persistence_time === 0) return "persistence_time is 0";
    return exposure.readout ? undefined : "the exposure has no read times";
  },
  run(ramp, { params, exposure, alloc }) {
    const { nints, ngroups } = ramp;
    const { times, tgroup } = exposure.readout!;
    const n = planeSize(ramp);
    const sci = params.dn_threshold > 0 ? samples(ramp, alloc) : null;
    const groupdq = groupFlags(ramp, alloc);
    const flag = DQ.PERSISTENCE | (params.do_not_use ? DQ.DO_NOT_USE : 0);
    // ramps follow each other without a pause, each one group longer than its last read
    const ramps = (times[ngroups - 1] ?? ngroups * tgroup) + tgroup;
    const until = alloc.f64(n).fill(-Infinity);
    for (let i = 0, at = 0; i < nints; i++)
      for (let g = 0; g < ngroups; g++) {
        const time = i * ramps + (times[g] ?? g * tgroup);
        for (let p = 0; p < n; p++, at++) {
          const full =
            (groupdq[at]! & DQ.SATURATED) !== 0 || (sci !== null && sci[at]! > params.dn_threshold);
          // an open window isn't made longer
          if (full && time > until[p]!) until[p] = time + params.persistence_time;
          if (time <= until[p]!) groupdq[at]! |= flag;
        }
      }
    return complete(ramp);
  },
});
