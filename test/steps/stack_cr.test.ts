import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { StepError } from "../../src/errors.js";
import { skyMedian } from "../../src/steps/sky_median.js";
import { stackCr } from "../../src/steps/stack_cr.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image, planes } from "../helpers/images.js";

const others = [planes([1, 1, 1, 1]), planes([1.2, 1, 1, NaN]), planes([0.8, 1, 1, 1])];

test("v > med + nσ·max(madstd, e) is an outlier", (t) => {
  // Pixel 0: values 0.8 1 1.2 9, M 1.1, MAD 0.2 → 1.1 + 5·0.297; pixel 1: MAD 0, e 0.1 → 1.5; pixel 2: e 5 hides it.
  const frame = image([9, 1.4, 20, 9], { err: [0.1, 0.1, 5, 0.1] });
  const { image: out } = runStep(stackCr, frame, { members: { repeat: others } });
  t.deepEqual([...out.dq], [DQ.OUTLIER, 0, 0, DQ.OUTLIER]);
});

test("bad pixels of the others don't count, and two values are too few", (t) => {
  const bad = planes([1, 1, 1, 1], { dq: [1, 1, 1, 1] });
  const frame = image([9, 9, 9, 9], { err: [0.1, 0.1, 0.1, 0.1] });
  const { image: out } = runStep(stackCr, frame, { members: { repeat: [bad, planes([1, 1, 1, 1])] } });
  t.deepEqual([...out.dq], [0, 0, 0, 0]);
});

test("fewer than three exposures: skipped; of another shape: an error", (t) => {
  t.is(runStep(stackCr, image([9]), { members: { repeat: [planes([1])] } }).status, "SKIPPED");
  const header = { SUBARRAY: "CUSTOM", SUBSTRT1: 1, SUBSTRT2: 1 };
  const wide = image([9], { header });
  t.throws(() => stackCr.run(wide, contextOf([image([1, 2]), image([1, 2])])), { instanceOf: StepError });
});

const contextOf = (repeat: ReturnType<typeof image>[]) =>
  ({ params: { nsigma: 5 }, members: { repeat } }) as unknown as Parameters<typeof stackCr.run>[1];

test("the clipped median is subtracted, and said", (t) => {
  // 1 2 3 4 5: M 3, MAD 1 → all within 7.4; 1000 is clipped; flagged and NaN aren't looked at.
  const { image: out, keywords } = runStep(
    skyMedian,
    image([1, 2, 3, 4, 5, 1000, 50, NaN], { dq: [0, 0, 0, 0, 0, 0, 4, 0] }),
  );
  t.true(close(out.sci, [-2, -1, 0, 1, 2, 997, 47, NaN]));
  t.is(keywords["BKGLEVEL"], 3);
  t.is(keywords["BKGSUB"], true);
  t.throws(() => runStep(skyMedian, image([NaN])), { instanceOf: StepError });
});
