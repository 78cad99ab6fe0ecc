import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Exposure } from "../../src/data/exposure.js";
import type { Image, Ramp } from "../../src/data/kinds.js";
import { CalibrationError, InputError } from "../../src/errors.js";
import { samples } from "../../src/data/ramp.js";
import { heap } from "../../src/kernels/alloc.js";
import { chargeMigration } from "../../src/steps/charge_migration.js";
import { cleanFlickerNoise } from "../../src/steps/clean_flicker_noise.js";
import { groupScale } from "../../src/steps/group_scale.js";
import { ipc } from "../../src/steps/ipc.js";
import { jump } from "../../src/steps/jump.js";
import { persistence } from "../../src/steps/persistence.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { refpix } from "../../src/steps/refpix.js";
import { superbias } from "../../src/steps/superbias.js";
import { normal } from "../helpers/images.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const noise: Partial<Exposure> = { gain: 1, readNoise: 1 };

/** One integration. */
function ramp(nx: number, ny: number, sci: number[], flags: Parameters<typeof rampOf>[4] = {}): Ramp {
  const ngroups = sci.length / (nx * ny);
  return rampOf({ nx, ny, ngroups, nints: 1 }, sci, exposureOf(readoutOf(ngroups), noise), heap, flags);
}

test("superbias: 10 20 − 3 NaN = 7 20, in every group, flags joined", (t) => {
  const bias = referenceOf(2, 1, [3, NaN], { dq: [0, 8] });
  const { product } = runOn<Ramp>(superbias, ramp(2, 1, [10, 20, 30, 40]), { superbias: bias });
  t.deepEqual([...product.sci!], [7, 20, 27, 40]);
  t.deepEqual([...product.pixeldq], [0, 8]);
});

test("ipc: a true convolution: K = (1 2 4)/… spreads a unit to x−1, x, x+1 as 1 2 4", (t) => {
  const { product } = runOn<Ramp>(ipc, ramp(5, 1, [0, 0, 1, 0, 0]), { ipc: referenceOf(3, 1, [1, 2, 4]) });
  t.deepEqual([...product.sci!], [0, 1, 2, 4, 0]);
});

test("ipc: reference pixels keep their value and don't leak", (t) => {
  const input = ramp(3, 1, [9, 1, 1], { pixeldq: [DQ.REFERENCE_PIXEL, 0, 0] });
  const { product } = runOn<Ramp>(ipc, input, { ipc: referenceOf(3, 1, [0.1, 1, 0.1]) });
  t.deepEqual([...product.sci!], [9, 1.1, 1.1].map(Math.fround));
});

test("ipc refuses a kernel without a middle", (t) => {
  const run = () => runOn<Ramp>(ipc, ramp(3, 1, [1, 1, 1]), { ipc: referenceOf(2, 1, [1, 1]) });
  t.throws(run, { instanceOf: CalibrationError });
});

test("refpix: what is the same for a channel's columns of one parity, and for a row, goes away", (t) => {
  const [nx, ny] = [16, 20];
  const sci = Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    const border = Math.min(x, y, nx - 1 - x, ny - 1 - y) < 4;
    return 1000 + 50 * Math.floor(x / 8) + 7 * (x % 2) + (border ? 0 : 300);
  });
  const { product } = runOn<Ramp>(refpix, ramp(nx, ny, sci), {}, { channels: 2, border: 4 });
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      const border = Math.min(x, y, nx - 1 - x, ny - 1 - y) < 4;
      t.is(product.sci![y * nx + x], border ? 0 : 300);
    }
});

test("refpix refuses channels of unequal width", (t) => {
  const run = () =>
    runOn<Ramp>(refpix, ramp(10, 10, Array<number>(100).fill(1)), {}, { channels: 3, border: 4 });
  t.throws(run, { instanceOf: InputError, message: /3 channels/ });
});

test("charge migration: from the first group above the threshold to the end, and the neighbours", (t) => {
  const input = ramp(3, 1, [1, 1, 1, 90, 10, 1, 95, 20, 1]);
  const { product } = runOn<Ramp>(chargeMigration, input, {}, { signal_threshold: 50 });
  t.deepEqual([...product.groupdq!], [0, 0, 0, 129, 129, 0, 129, 129, 0]);
});

test("jump: 0 10 20 1030 1040 … is hit in group 3 alone", (t) => {
  const sci = Array.from({ length: 8 }, (_, g) => 10 * g + (g >= 3 ? 1000 : 0));
  const { product } = runOn<Ramp>(jump, ramp(1, 1, sci), {}, { flag_4_neighbors: false });
  t.deepEqual([...product.groupdq!], [0, 0, 0, DQ.JUMP_DET, 0, 0, 0, 0]);
});

test("jump: a transient is judged in DN of its own pixel, or with compat_median_gain at the frame's gain", (t) => {
  // three pixels of gain 1, 2, 4, each hit by 100 DN in group 3
  const sci = Array.from({ length: 8 * 3 }, (_, i) => 10 * Math.floor(i / 3) + (i >= 9 ? 100 : 0));
  const gain = referenceOf(3, 1, [1, 2, 4]);
  const flagged = (compat: boolean): number[] => {
    const params = {
      ...{ flag_4_neighbors: false, after_jump_flag_dn1: 90, after_jump_flag_n1: 1 },
      compat_median_gain: compat,
    };
    const { product } = runOn<Ramp>(jump, ramp(3, 1, sci), { gain }, params);
    return [0, 1, 2].map((p) => product.groupdq![4 * 3 + p]!);
  };
  t.deepEqual(flagged(false), [DQ.JUMP_DET, DQ.JUMP_DET, DQ.JUMP_DET]);
  // 90 DN · 2 e⁻/DN = 180 e⁻, and the first has 100 e⁻
  t.deepEqual(flagged(true), [0, DQ.JUMP_DET, DQ.JUMP_DET]);
});

test("jump: a hit of 15σ reaches its four neighbours, not the corners", (t) => {
  // σ² = 10 + 2: a hit of 52 e⁻ is 15σ
  const sci = Array.from(
    { length: 9 * 6 },
    (_, i) => 10 * Math.floor(i / 9) + (i % 9 === 4 && i >= 27 ? 52 : 0),
  );
  const { product } = runOn<Ramp>(jump, ramp(3, 3, sci));
  t.deepEqual([...product.groupdq!.subarray(27, 36)], [0, 4, 0, 4, 4, 4, 0, 4, 0]);
});

test("ols and likelihood: a straight ramp of 5 DN/s has slope 5, with and without a flagged hit", (t) => {
  const straight = [1, 6, 11, 16, 21, 26];
  const hit = straight.map((value, g) => value + (g >= 3 ? 400 : 0));
  for (const mode of ["ols", "likelihood"]) {
    const params = { mode, unit: "DN/s" };
    const clean = runOn<Image>(rampFit, ramp(1, 1, straight), {}, params).product;
    t.true(Math.abs(clean.sci[0]! - 5) < 1e-6, mode);
    const flagged = ramp(1, 1, hit, { groupdq: [0, 0, 0, 4, 0, 0] });
    const broken = runOn<Image>(rampFit, flagged, {}, params).product;
    t.true(Math.abs(broken.sci[0]! - 5) < 1e-6, mode);
    t.is(broken.dq[0], DQ.JUMP_DET);
  }
});

test("the likelihood finds a hit by itself, and says so", (t) => {
  const input = ramp(1, 1, [1, 6, 11, 16, 421, 426, 431, 436]);
  const { product } = runOn<Image>(rampFit, input, {}, { mode: "likelihood", unit: "DN/s" });
  t.true(Math.abs(product.sci[0]! - 5) < 1e-6);
  t.is(product.dq[0], DQ.JUMP_DET);
});

test("a ramp too short for the likelihood is fitted by least squares", (t) => {
  const outcome = runOn<Image>(rampFit, ramp(1, 1, [1, 6, 11]), {}, { mode: "likelihood", unit: "DN/s" });
  t.is(outcome.keywords["SAMPMODE"], "OLS");
  t.is(outcome.product.sci[0], 5);
});

test("1/f noise: stripes as high as the pixel noise shrink to a fifth, the first group and a source stay", (t) => {
  const [nx, ny] = [256, 16];
  const deviate = normal(5);
  const stripes = Array.from({ length: ny }, deviate);
  const first = Array.from({ length: nx * ny }, () => 1000 + deviate());
  const rise = first.map((_, i) => 20 + deviate() + (i % nx === 9 ? 500 : 0));
  const second = first.map((value, i) => value + rise[i]! + stripes[Math.floor(i / nx)]!);
  const { product } = runOn<Ramp>(cleanFlickerNoise, ramp(nx, ny, [...first, ...second]));
  t.deepEqual([...product.sci!.subarray(0, nx * ny)], first.map(Math.fround));
  const left = stripes.map((_, y) => {
    let sum = 0;
    for (let i = y * nx; i < (y + 1) * nx; i++) sum += product.sci![nx * ny + i]! - first[i]! - rise[i]!;
    return sum / nx;
  });
  const spread = (values: number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / ny;
    return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / ny);
  };
  t.true(spread(left) < 0.2 * spread(stripes), `${spread(left)} of ${spread(stripes)}`);
});

test("group_scale: divided by 4 instead of 3, times 4/3; nothing to do for powers of two", (t) => {
  const exposure = exposureOf(readoutOf(1, { nframes: 3 }), noise);
  const input = rampOf({ nx: 1, ny: 1, ngroups: 1, nints: 1 }, [30], exposure, heap);
  const context = {
    ...{ params: {}, refs: {}, members: {}, exposure, alloc: heap },
    header: { FRMDIVSR: 4 },
  };
  t.deepEqual([...samples(groupScale.run(input, context).product, heap)], [40]);
  const facts = { exposure: exposureOf(readoutOf(1, { nframes: 4 })), header: {}, axes: [1, 1, 1, 1] };
  t.regex(groupScale.skip!({ ...facts, params: {}, refs: {}, members: {} })!, /exactly/);
  // a divisor of 0 or below is none
  const five = exposureOf(readoutOf(1, { nframes: 5 }));
  for (const FRMDIVSR of [0, -4]) {
    const header = { FRMDIVSR };
    t.regex(groupScale.skip!({ ...facts, header, params: {}, refs: {}, members: {} })!, /exactly/);
    const skipped = groupScale.run(input, { ...context, exposure: five, header });
    t.is(skipped.status, "skipped", String(FRMDIVSR));
  }
});

test("persistence: 2.5 s from the first saturated read on, into the next ramp, reads 1 s apart", (t) => {
  const exposure = exposureOf(readoutOf(3), noise);
  const flags = { groupdq: [0, 2, 2, 0, 0, 0] };
  const input = rampOf({ nx: 1, ny: 1, ngroups: 3, nints: 2 }, [1, 9, 9, 1, 1, 1], exposure, heap, flags);
  // reads at 1 2 3 and 5 6 7 s: the window is open from 2 to 4.5 s
  runOn<Ramp>(persistence, input, {}, { persistence_time: 2.5 });
  t.deepEqual([...input.groupdq!], [0, 34, 34, 0, 0, 0]);
  // to 5.5 s: the first read of the second ramp, too, and no fit may use them
  runOn<Ramp>(persistence, input, {}, { persistence_time: 3.5, do_not_use: true });
  t.deepEqual([...input.groupdq!], [0, 35, 35, 33, 0, 0]);
});
