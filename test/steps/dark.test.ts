import test from "ava";
import type { Ramp } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { dark } from "../../src/steps/dark.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

function subtract(
  samples: number[],
  planes: number[],
  {
    nframes = 1,
    groupgap = 0,
    params = {},
    header = {},
  }: {
    nframes?: number;
    groupgap?: number;
    params?: Record<string, unknown>;
    header?: Record<string, number>;
  } = {},
) {
  const exposure = exposureOf(readoutOf(samples.length, { nframes, groupgap }));
  const ramp = rampOf({ nx: 1, ny: 1, ngroups: samples.length, nints: 1 }, samples, exposure, heap);
  return runOn<Ramp>(dark, ramp, { dark: referenceOf(1, 1, planes, { header, dq: [8] }) }, params);
}

test("group by group, NaN as 0, flags joined", (t) => {
  const { product } = subtract([10, 20, 30], [1, NaN, 3]);
  t.deepEqual([...product.sci!], [9, 20, 27]);
  t.deepEqual([...product.pixeldq], [8]);
});

test("averages the dark's frames of each group: gap 1 → frames 0 1 | 3 4, means 0.5 and 3.5", (t) => {
  const { product } = subtract([10, 20], [0, 1, 2, 3, 4], { nframes: 2, groupgap: 1 });
  t.deepEqual([...product.sci!], [9.5, 16.5]);
});

test("goes on beyond its end by the last difference: 1 3 → 5 7", (t) => {
  t.deepEqual([...subtract([10, 10, 10, 10], [1, 3]).product.sci!], [9, 7, 5, 3]);
});

test("a dark of four axes has a ramp for each of the exposure's, and the last for all after it", (t) => {
  const ramp = rampOf(
    { nx: 1, ny: 1, ngroups: 2, nints: 3 },
    [10, 20, 30, 40, 50, 60],
    exposureOf(readoutOf(2)),
    heap,
  );
  const reference = referenceOf(1, 1, [1, 2, 3, 4], { header: { NAXIS3: 2, NAXIS4: 2 } });
  t.deepEqual([...runOn<Ramp>(dark, ramp, { dark: reference }).product.sci!], [9, 18, 27, 36, 47, 56]);
});

test("is left out with a reason when it can't serve", (t) => {
  const reason = (outcome: ReturnType<typeof subtract>): string =>
    outcome.status === "skipped" ? outcome.reason : "";
  t.regex(reason(subtract([1, 2], [1, 2], { header: { NFRAMES: 4 } })), /averages 4 reads/);
  t.regex(
    reason(subtract([1, 2, 3], [1, 2], { params: { extrapolate: false } })),
    /spans 2 reads, the exposure 3/,
  );
  t.regex(reason(subtract([1, 2], [1])), /is an image/);
});
