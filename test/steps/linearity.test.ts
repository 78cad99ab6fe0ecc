import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Ramp } from "../../src/data/kinds.js";
import { CalibrationError, InputError } from "../../src/errors.js";
import { heap } from "../../src/kernels/alloc.js";
import { linearity } from "../../src/steps/linearity.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const ramp = (nx: number, ngroups: number, sci: number[], groupdq?: number[], nframes = 1): Ramp =>
  rampOf({ nx, ny: 1, ngroups, nints: 1 }, sci, exposureOf(readoutOf(ngroups, { nframes })), heap, {
    groupdq: groupdq ?? null,
  });

test("c0 + c1·S + c2·S² = 1 + 2·10 + 0.5·100 = 71; a saturated group keeps its 10", (t) => {
  const c = referenceOf(1, 1, [1, 2, 0.5]);
  const { product } = runOn<Ramp>(linearity, ramp(1, 2, [10, 10], [0, 2]), { linearity: c });
  t.deepEqual([...product.sci!], [71, 10]);
});

test("without usable coefficients a pixel stays as it is: NaN and c1 = 0 are flagged, the map's flag obeyed", (t) => {
  const c = referenceOf(3, 1, [0, 0, 5, NaN, 0, 2], { dq: [0, 0, DQ.NO_LIN_CORR] });
  const { product } = runOn<Ramp>(linearity, ramp(3, 1, [10, 20, 30]), { linearity: c });
  t.deepEqual([...product.sci!], [10, 20, 30]);
  t.deepEqual([...product.pixeldq], [DQ.NO_LIN_CORR, DQ.NO_LIN_CORR, DQ.NO_LIN_CORR]);
});

test("iris_readout: (1 + c0 + c1·S)·S = (1 + 0.5 + 0.25·4)·4 = 10, the same as c' = 0, 1.5, 0.25", (t) => {
  const own = runOn<Ramp>(
    linearity,
    ramp(1, 1, [4]),
    { linearity: referenceOf(1, 1, [0.5, 0.25]) },
    { convention: "iris_readout" },
  );
  const same = runOn<Ramp>(linearity, ramp(1, 1, [4]), { linearity: referenceOf(1, 1, [0, 1.5, 0.25]) });
  t.deepEqual([...own.product.sci!], [10]);
  t.deepEqual([...same.product.sci!], [10]);
});

test("the reference says its own convention with NLCONV", (t) => {
  const c = referenceOf(1, 1, [0.5, 0.25], { header: { NLCONV: "IRIS_READOUT" } });
  t.deepEqual([...runOn<Ramp>(linearity, ramp(1, 1, [4]), { linearity: c }).product.sci!], [10]);
});

test("a convention that nobody knows is an error, unless the user says which it is", (t) => {
  const c = referenceOf(1, 1, [0, 2], { header: { NLCONV: "FOO" } });
  t.throws(() => runOn<Ramp>(linearity, ramp(1, 1, [4]), { linearity: c }), {
    instanceOf: CalibrationError,
    message: /its NLCONV is "FOO" — polynomial or iris_readout are known/,
  });
  const params = { convention: "polynomial" };
  t.deepEqual([...runOn<Ramp>(linearity, ramp(1, 1, [4]), { linearity: c }, params).product.sci!], [8]);
});

test("iris_readout: NaN and 1 + c0 = 0 are flagged and leave the sample, the map's flag is obeyed; all 0 is no fault", (t) => {
  const c = referenceOf(4, 1, [0, -1, 0.5, 0, NaN, 0, 1, 0], { dq: [0, 0, DQ.NO_LIN_CORR, 0] });
  const given = ramp(4, 1, [10, 20, 30, 40]);
  const { product } = runOn<Ramp>(linearity, given, { linearity: c }, { convention: "iris_readout" });
  t.deepEqual([...product.sci!], [10, 20, 30, 40]);
  t.deepEqual([...product.pixeldq], [DQ.NO_LIN_CORR, DQ.NO_LIN_CORR, DQ.NO_LIN_CORR, 0]);
});

test("compat_int32 cuts towards zero before and after: 4.9 → 4 → 4.25·… = 4.4 → 4", (t) => {
  const c = referenceOf(1, 1, [0.1, 0]);
  const params = { convention: "iris_readout", compat_int32: true };
  t.deepEqual([...runOn<Ramp>(linearity, ramp(1, 1, [4.9]), { linearity: c }, params).product.sci!], [4]);
});

test("compat_index needs coefficients as far as iris_readout would read", (t) => {
  const params = { convention: "iris_readout", compat_index: true };
  const run = () =>
    runOn<Ramp>(linearity, ramp(2, 1, [4, 4]), { linearity: referenceOf(2, 1, [0, 0, 0, 0]) }, params);
  t.throws(run, { instanceOf: CalibrationError, message: /lies beyond its end/ });
});

test("compat_index is for square frames: on others iris_readout's own samples are undefined", (t) => {
  const params = { convention: "iris_readout", compat_index: true };
  const c = referenceOf(
    2048,
    2,
    Array.from({ length: 2 * 4096 }, () => 0),
  );
  const run = () => runOn<Ramp>(linearity, ramp(2, 1, [4, 4]), { linearity: c }, params);
  t.throws(run, { instanceOf: InputError, message: /on 2×1 pixels — .*square/ });
});

test("averaged groups: the mean of two corrected reads S ± 3.25 is S + 0.01·(S² + 3.25²)", (t) => {
  // L(S) = S + 0.01·S², inverse taken as S: the line through L(10) = 11 and L(20) = 24 rises 6.5 per read
  const c = referenceOf(1, 1, [0, 1, 0.01]);
  const inverse = referenceOf(1, 1, [0, 1]);
  const { product } = runOn<Ramp>(linearity, ramp(1, 2, [10, 20], undefined, 2), { linearity: c, inverse });
  t.deepEqual([...product.sci!], [11.105625, 24.105625].map(Math.fround));
});

test("averaged groups of which one is absent: the line through the others rises (24 − 11)/4 per read", (t) => {
  // the two reads of a group lie 1.625 below and above it: S + 0.01·(S² + 1.625²)
  const refs = { linearity: referenceOf(1, 1, [0, 1, 0.01]), inverse: referenceOf(1, 1, [0, 1]) };
  const { product } = runOn<Ramp>(linearity, ramp(1, 3, [10, NaN, 20], undefined, 2), refs);
  t.deepEqual([...product.sci!], [11.02640625, NaN, 24.02640625].map(Math.fround));
});
