import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { flagFlat } from "../../src/steps/flag_flat.js";
import { runStep } from "../acceptance/imager/steps.js";
import { image } from "../helpers/images.js";

test("each limit gives its flag, and old flags stay", (t) => {
  const flat = image([NaN, 0, -1, 0.1, 0.2, 0.49, 0.5, 1, 1], {
    err: [0, 0, 0, 0, 0, 0, 0, 0.09, 0.2],
    dq: [0, 0, 0, 0, 0, 0, 2048, 0, 1],
  });
  const { image: out } = runStep(flagFlat, flat);
  const { NO_FLAT_FIELD: none, DEAD, LOW_QE, UNRELIABLE_FLAT } = DQ;
  t.deepEqual([...out.dq], [none, none, none, DEAD, LOW_QE, LOW_QE, 2048, 0, UNRELIABLE_FLAT | 1]);
});
