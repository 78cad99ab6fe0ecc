import test from "ava";
import { DQ } from "../../src/data/dq.js";
import { flatField } from "../../src/steps/flat_field.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image, planes } from "../helpers/images.js";

const flat = planes([2, 0.5], { err: [0.2, 0.05] });
const science = () => image([10, 10], { err: [1, 1] });

test("liger: d/F, √(e² + (d·e_F/F)²)/F", (t) => {
  const { image: out } = runStep(flatField, science(), { refs: { flat } });
  t.true(close(out.sci, [5, 20]));
  // d·e_F/F = 10·0.1 = 1 in both: √2/F
  t.true(close(out.err, [Math.SQRT2 / 2, Math.SQRT2 / 0.5]));
});

test("iris: e/F", (t) => {
  const { image: out } = runStep(flatField, science(), { refs: { flat }, params: { variant: "iris" } });
  t.true(close(out.err, [0.5, 2]));
});

test("jwst: √(VAR_POISSON + VAR_RNOISE + VAR_FLAT), variances divided by F²", (t) => {
  const input = {
    ...science(),
    varPoisson: Float32Array.of(0.64, 0.64),
    varRnoise: Float32Array.of(0.36, 0.36),
  };
  const { image: out } = runStep(flatField, input, { refs: { flat }, params: { variant: "jwst" } });
  t.true(close(out.varPoisson!, [0.16, 2.56]));
  t.true(close(out.varRnoise!, [0.09, 1.44]));
  // 0.16 + 0.09 + (5·0.1)² = 0.5;  2.56 + 1.44 + (20·0.1)² = 8
  t.true(close(out.err, [Math.sqrt(0.5), Math.sqrt(8)]));
});

test("variances go by F² in every variant", (t) => {
  const input = { ...science(), varPoisson: Float32Array.of(4, 4), varRnoise: Float32Array.of(1, 1) };
  const { image: out } = runStep(flatField, input, { refs: { flat } });
  t.true(close(out.varPoisson!, [1, 16]));
  t.true(close(out.varRnoise!, [0.25, 4]));
});

test("a flat that is NaN, 0 or NO_FLAT_FIELD leaves the pixel uncorrected and flags it", (t) => {
  const bad = planes([NaN, 0, -0, 2, 4], { err: [1, 1, 1, 1, NaN], dq: [0, 0, 8, DQ.NO_FLAT_FIELD, 1] });
  const { image: out } = runStep(flatField, image([10, 10, 10, 10, 10], { err: [1, 1, 1, 1, 1] }), {
    refs: { flat: bad },
  });
  t.deepEqual([...out.sci], [10, 10, 10, 10, 2.5]);
  t.deepEqual([...out.err], [1, 1, 1, 1, 0.25]);
  const no = DQ.NO_FLAT_FIELD;
  t.deepEqual([...out.dq], [no, no, no | 8, no, 1]);
});

test("jwst leaves DO_NOT_USE pixels of the flat uncorrected and gives NaN ones the flag", (t) => {
  const bad = planes([NaN, 2], { dq: [0, DQ.DO_NOT_USE] });
  const { image: out } = runStep(flatField, image([10, 10]), {
    refs: { flat: bad },
    params: { variant: "jwst" },
  });
  t.deepEqual([...out.sci], [10, 10]);
  t.deepEqual([...out.dq], [DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE, DQ.DO_NOT_USE]);
});

test("a negative flat divides like any other, and errors stay positive", (t) => {
  const { image: out } = runStep(flatField, image([10], { err: [1] }), { refs: { flat: planes([-2]) } });
  t.deepEqual([out.sci[0], out.err[0]], [-5, 0.5]);
});

test("inverse ∘ flat_field = id for the data", (t) => {
  const once = runStep(flatField, science(), { refs: { flat } }).image;
  const back = runStep(flatField, once, { refs: { flat }, params: { inverse: true } }).image;
  t.true(close(back.sci, [10, 10]));
});

test("inverse: e' = √(e²F² + d²e_F²)", (t) => {
  const { image: out } = runStep(flatField, science(), { refs: { flat }, params: { inverse: true } });
  t.true(close(out.err, [Math.hypot(2, 10 * 0.2), Math.hypot(0.5, 10 * 0.05)]));
});

test("a flat smaller than the science is no flat: skipped, unchanged", (t) => {
  const { image: out, status } = runStep(flatField, image([1, 2, 3]), { refs: { flat } });
  t.is(status, "SKIPPED");
  t.deepEqual([...out.sci], [1, 2, 3]);
});

test("the correction doesn't depend on where 2048-pixel chunks begin", (t) => {
  const n = 5000;
  const values = Array.from({ length: n }, (_, i) => 1 + (i % 7) / 10);
  const { image: out } = runStep(flatField, image(values), { refs: { flat: planes(values) } });
  t.true(out.sci.every((value) => value === 1));
});
