/** Two-point-difference jump detection against the peer's flags. */
import { jump } from "../../../src/steps/jump.js";
import { compare } from "./case.js";
import { rampOfCase, reference, runStep, type Check } from "./spine.js";

export const checkJump: Check = (c) => {
  const ramp = rampOfCase(c);
  const o = c.params["options"] as Record<string, number | boolean>;
  const refs = { gain: reference(c, "GAIN"), readnoise: reference(c, "READNOISE") };
  runStep(jump, ramp, refs, {
    rejection_threshold: o["rej"],
    three_difference_threshold: o["four"],
    two_difference_threshold: o["three"],
    single_pass: o["single"],
    minimum_sigclip_groups: o["minsig"],
    only_use_ints: o["useints"],
    flag_4_neighbors: o["neigh"],
    min_jump_to_flag_neighbors: o["minn"],
    max_jump_to_flag_neighbors: o["maxn"],
    after_jump_flag_dn1: o["dn1"],
    after_jump_flag_n1: o["n1"],
    after_jump_flag_dn2: o["dn2"],
    after_jump_flag_n2: o["n2"],
    compat_median_gain: true,
  });
  const fragile = c.expected["FRAGILE"]?.data;
  const n = ramp.nx * ramp.ny;
  return [
    ...(o["snow"] ? ["snowballs aren't searched for here"] : []),
    ...compare("GROUPDQ", ramp.groupdq!, c.expected["GROUPDQ"]!, "exact", (i) => fragile?.[i % n] === 1),
    ...compare("PIXELDQ", ramp.pixeldq, c.expected["PIXELDQ"]!, "exact"),
  ];
};
