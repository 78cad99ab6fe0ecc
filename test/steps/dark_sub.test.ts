import test from "ava";
import { CalibrationError } from "../../src/errors.js";
import { heap } from "../../src/kernels/alloc.js";
import { darkSub } from "../../src/steps/dark_sub.js";
import { imageOf, referenceOf, runStep } from "../acceptance/imager/steps.js";
import { close, image, planes } from "../helpers/images.js";

test("d' = d − D, e' = √(e² + e_D²), q' = q | q_D", (t) => {
  const dark = planes([1, 2], { err: [4, 12], dq: [0, 2048] });
  const { image: out } = runStep(darkSub, image([10, 20], { err: [3, 5], dq: [1, 4] }), { refs: { dark } });
  t.deepEqual([...out.sci], [9, 18]);
  // √(9+16) = 5, √(25+144) = 13
  t.deepEqual([...out.err], [5, 13]);
  t.deepEqual([...out.dq], [1, 2052]);
});

test("a dark that is NaN, or whose error is, leaves the pixel as it was", (t) => {
  const dark = planes([NaN, 2], { err: [1, NaN] });
  const { image: out } = runStep(darkSub, image([10, 20], { err: [0, 5] }), { refs: { dark } });
  t.deepEqual([...out.sci], [10, 18]);
  t.deepEqual([...out.err], [1, 5]);
});

test("propagate_err = false leaves the error as it was", (t) => {
  const { image: out } = runStep(darkSub, image([10], { err: [3] }), {
    refs: { dark: planes([1], { err: [4] }) },
    params: { propagate_err: false },
  });
  t.deepEqual([...out.err], [3]);
});

test("scale_exptime multiplies the dark and its error by the ratio of exposure times", (t) => {
  const science = planes([10], { err: [3], header: { EXPTIME: 20 } });
  const dark = planes([1], { err: [2], header: { EXPTIME: 10 } });
  const { image: out } = runStep(darkSub, imageOf(science), {
    refs: { dark },
    params: { scale_exptime: true },
  });
  // 10 − 2·1; √(3² + (2·2)²)
  t.deepEqual([out.sci[0], out.err[0]], [8, 5]);
});

test("counts whose exposure time differs from the dark's carry a caveat; rates don't", (t) => {
  const science = planes([10], { header: { EXPTIME: 20 } });
  const dark = referenceOf(planes([1], { header: { EXPTIME: 10 } }), "dark.fits");
  const run = (unit: string) => {
    const input = imageOf(science, unit);
    return darkSub.run(input, {
      params: { propagate_err: true, scale_exptime: false },
      refs: { dark },
      members: {},
      exposure: input.exposure,
      header: {},
      alloc: heap,
    });
  };
  const outcome = run("DN");
  t.is(outcome.status, "partial");
  t.deepEqual(outcome.status === "partial" && outcome.caveats.map(({ code }) => code), ["dark_exptime"]);
  t.is(run("electron/s").status, "complete");
});

test("every plane of a stack gets the same dark", (t) => {
  const stack = { ...planes([10, 20, 30, 40], { nx: 2 }), ny: 1, nz: 2 };
  const { image: out } = runStep(darkSub, imageOf(stack), { refs: { dark: planes([1, 2]) } });
  t.true(close(out.sci, [9, 18, 29, 38]));
});

test("a dark with groups is refused, and without a dark the step is skipped", (t) => {
  const input = image([10]);
  const dark = { ...referenceOf(planes([1]), "ramp_dark.fits"), nz: 5 };
  const context = { refs: { dark }, members: {}, exposure: input.exposure, header: {}, alloc: heap };
  const params = { propagate_err: true, scale_exptime: false };
  t.throws(() => darkSub.run(input, { ...context, params }), { instanceOf: CalibrationError });
  t.is(runStep(darkSub, input).status, "SKIPPED");
});

test("a dark in counts doesn't go from a rate; e-/s is electron/s", (t) => {
  const run = (unit: string) =>
    runStep(darkSub, imageOf(planes([10])), { refs: { dark: planes([1], { header: { BUNIT: unit } }) } });
  t.throws(() => run("DN"), {
    instanceOf: CalibrationError,
    message: /it is in DN, the image in electron\/s/,
  });
  t.throws(() => run("DN/s"), { instanceOf: CalibrationError });
  t.is(run("e-/s").image.sci[0], 9);
  t.is(run("electron s-1").image.sci[0], 9);
});
