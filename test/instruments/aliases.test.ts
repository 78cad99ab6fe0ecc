import test from "ava";
import { instruments } from "../../src/instruments/index.js";
import { pipelineNames, stepNames } from "../../src/step/registry.js";

test("no peer's name for a step hides a step of ours", (t) => {
  const ours = [...stepNames, ...pipelineNames];
  for (const { name, aliases } of instruments)
    for (const [theirs, meant] of Object.entries(aliases)) {
      t.false(ours.includes(theirs), `${name}: ${theirs} → ${meant}`);
      t.true(ours.includes(meant), `${name}: ${theirs} → ${meant}`);
    }
});
