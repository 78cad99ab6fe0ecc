import test from "ava";
import { correct, groupFlags, samples } from "../../src/data/ramp.js";
import type { Image, Ramp } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { kernelMemory } from "../../src/kernels/memory.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { saturation } from "../../src/steps/saturation.js";
import { exposureOf, rampOf, rawRampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const shape = { nx: 1, ny: 3, ngroups: 2, nints: 2 };
const exposure = exposureOf(readoutOf(2), {});
const counts = Array.from({ length: 12 }, (_, i) => i);

test("corrections wait until samples are asked for, and are made in turn", (t) => {
  for (const ramp of [rampOf(shape, counts, exposure, heap), rawRampOf(shape, counts, exposure, heap)]) {
    const seen: string[] = [];
    correct(ramp, (part, { integration, group, from, at }) => {
      part.forEach((value, i) => (part[i] = value + 1));
      seen.push(`${integration} ${group} ${from} ${at}`);
    });
    correct(ramp, (part) => {
      part.forEach((value, i) => (part[i] = value * 2));
    });
    t.deepEqual([ramp.raw, ramp.sci, seen.length], [null, null, 0]);
    t.deepEqual(
      [...samples(ramp, heap)],
      counts.map((value) => (value + 1) * 2),
    );
    // the groups of all ramps in turn
    t.deepEqual(seen, ["0 0 0 0", "1 0 0 6", "0 1 0 3", "1 1 0 9"]);
    t.true(samples(ramp, heap) === ramp.sci);
  }
});

test("only rows that are needed are corrected", (t) => {
  const ramp = rampOf(shape, counts, exposure, heap);
  ramp.needed = { from: 1, to: 2 };
  correct(ramp, (part, { from }) => part.fill(100 + from));
  t.deepEqual([...samples(ramp, heap)], [0, 101, 2, 3, 101, 5, 6, 101, 8, 9, 101, 11]);
});

test("flags that corrections look at don't change before they are made", (t) => {
  const ramp = rampOf(shape, counts, exposure, heap);
  correct(ramp, (part) => part.fill(ramp.groupdq === null ? 1 : 2));
  groupFlags(ramp, heap).fill(1);
  t.true(samples(ramp, heap).every((value) => value === 1));
});

test("the step of digitisation outlives the raw samples", (t) => {
  const ramp = rawRampOf(shape, counts, exposure, heap);
  correct(ramp, () => undefined);
  t.is(ramp.quantum, 1);
});

/** Pixels of eight reads as a file has them in float32: a rise of 10 DN, but for what `gaps` says of one read. */
const width = 40;

function floatRamp(gaps: readonly (readonly [pixel: number, read: number, value: number])[]): Ramp {
  const [n, ngroups] = [width, 8];
  const bytes = kernelMemory().u8(4 * n * ngroups);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < n * ngroups; i++) view.setFloat32(4 * i, 100 + 10 * Math.floor(i / n) + (i % 3));
  for (const [pixel, read, value] of gaps) view.setFloat32(4 * (read * n + pixel), value);
  const raw = { bytes, bitpix: -32, bscale: 1, bzero: 0, blank: null } as const;
  const pixeldq = kernelMemory().u32(n);
  const noise = { gain: 2, readNoise: 3 };
  const frame = { nx: n, ny: 1, y0: 0, ngroups, nints: 1, exposure: exposureOf(readoutOf(ngroups), noise) };
  return { ...frame, raw, sci: null, groupdq: null, pixeldq };
}

const gaps = [
  [1, 3, NaN],
  [2, 0, Infinity],
  [3, 5, -Infinity],
] as const;

test("a sample that isn't finite is no sample: NaN, and DO_NOT_USE in that read alone", (t) => {
  kernelMemory().reset();
  const whole = floatRamp([]);
  samples(whole, kernelMemory());
  t.is(whole.groupdq, null);
  const ramp = floatRamp(gaps);
  const sci = samples(ramp, kernelMemory());
  const at = gaps.map(([pixel, read]) => read * width + pixel);
  for (let i = 0; i < sci.length; i++) {
    t.is(ramp.groupdq![i], at.includes(i) ? 1 : 0, String(i));
    t.is(Number.isNaN(sci[i]!), at.includes(i), String(i));
  }
});

test("BLANK is no sample, either", (t) => {
  const ramp = rawRampOf(shape, counts, exposure, heap);
  ramp.raw = { ...ramp.raw!, blank: 4 - 32768 };
  t.true(Number.isNaN(samples(ramp, heap)[4]));
  t.deepEqual(
    [...ramp.groupdq!.keys()].filter((i) => ramp.groupdq![i] !== 0),
    [4],
  );
});

test("an infinite sample saturates nothing after it", (t) => {
  kernelMemory().reset();
  const reference = referenceOf(width, 1, Array<number>(width).fill(1e5));
  const { product } = runOn<Ramp>(saturation, floatRamp(gaps), { saturation: reference }, {}, kernelMemory());
  t.true(product.groupdq!.every((flag) => flag === 0 || flag === 1));
});

for (const mode of ["utr", "mcds", "cds", "ols", "likelihood"])
  test(`${mode}: what isn't finite is left out, as a read flagged DO_NOT_USE is`, (t) => {
    kernelMemory().reset();
    const fit = (ramp: Ramp) => runOn<Image>(rampFit, ramp, {}, { mode }, kernelMemory()).product;
    const flagged = floatRamp([]);
    for (const [pixel, read] of gaps) groupFlags(flagged, kernelMemory())[read * width + pixel] = 1;
    const [got, expected] = [fit(floatRamp(gaps)), fit(flagged)];
    for (const plane of ["sci", "err", "dq", "varPoisson", "varRnoise"] as const)
      t.deepEqual([...got[plane]!], [...expected[plane]!], plane);
    t.true(got.sci.every(Number.isFinite));
    t.true(got.dq.every((flag) => flag === 0));
  });
