import test from "ava";
import { instruments } from "../../src/instruments/index.js";
import { pipelineNames, stepNames } from "../../src/step/registry.js";

/** A CCD's darks and flats have overscan and bias: its makers stand behind the general names. */
const own = ["CCD: create_dark → ccd_dark", "CCD: create_flatfield → ccd_flat"];

test("no peer's name hides a step or a pipeline of ours", (t) => {
  const ours = [...stepNames, ...pipelineNames];
  for (const { name, aliases } of instruments)
    for (const [theirs, meant] of Object.entries(aliases)) {
      const what = `${name}: ${theirs} → ${meant}`;
      if (!own.includes(what)) t.false(ours.includes(theirs), what);
      t.true(ours.includes(meant), what);
    }
});
