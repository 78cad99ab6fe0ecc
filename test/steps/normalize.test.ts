import test from "ava";
import { StepError } from "../../src/errors.js";
import { normalize } from "../../src/steps/normalize.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image } from "../helpers/images.js";

// Good: 2 2 4 8; bad: 100 (flag), NaN.
const input = () => ({
  ...image([2, 8, 100, 4, NaN, 2], { err: [2, 8, 1, 4, 1, 2], dq: [0, 0, 1, 0, 0, 0] }),
  varPoisson: Float32Array.of(9, 9, 9, 9, 9, 9),
});

const factor = (params: object): unknown =>
  runStep(normalize, input(), { params: { ...params } }).keywords["NORMFACT"];

test("median, mean and mode of the finite pixels with DQ 0", (t) => {
  t.is(factor({}), 3);
  t.is(factor({ method: "mean" }), 4);
  t.is(factor({ method: "mode" }), 2);
  t.is(factor({ method: "none" }), 1);
});

test("d/c, e/c, VAR/c²", (t) => {
  const { image: out } = runStep(normalize, input());
  t.true(close(out.sci, [2 / 3, 8 / 3, 100 / 3, 4 / 3, NaN, 2 / 3]));
  t.true(close(out.err, [2 / 3, 8 / 3, 1 / 3, 4 / 3, 1 / 3, 2 / 3]));
  t.true(close(out.varPoisson!, [1, 1, 1, 1, 1, 1]));
});

test("iris keeps the errors and takes 1 where no pixel is good; liger takes all pixels", (t) => {
  const iris = runStep(normalize, image([2, 4], { err: [1, 1], dq: [1, 1] }), {
    params: { variant: "iris" },
  });
  t.is(iris.keywords["NORMFACT"], 1);
  const kept = runStep(normalize, image([2, 4], { err: [1, 1] }), { params: { variant: "iris" } });
  t.deepEqual([...kept.image.err], [1, 1]);
  const liger = runStep(normalize, image([2, 4, 9], { dq: [0, 0, 1] }), { params: { variant: "liger" } });
  t.is(liger.keywords["NORMFACT"], 4);
});

test("no good pixel, or a factor of 0, is an error", (t) => {
  t.throws(() => runStep(normalize, image([NaN, 3], { dq: [0, 1] })), { instanceOf: StepError });
  t.throws(() => runStep(normalize, image([0, 0])), { instanceOf: StepError });
});
