import test from "ava";
import type { Ramp } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { saturation } from "../../src/steps/saturation.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

function flag(
  samples: number[],
  {
    nx,
    ngroups,
    nframes = 1,
    threshold,
    dq,
    n = 0,
  }: {
    nx: number;
    ngroups: number;
    nframes?: number;
    threshold: number[];
    dq?: number[];
    n?: number;
  },
): Ramp {
  const ramp = rampOf(
    { nx, ny: 1, ngroups, nints: 1 },
    samples,
    exposureOf(readoutOf(ngroups, { nframes })),
    heap,
  );
  const refs = { saturation: referenceOf(nx, 1, threshold, { dq: dq ?? null }) };
  return runOn<Ramp>(saturation, ramp, refs, { n_pix_grow_sat: n }).product;
}

test("once saturated, always saturated: 90 100 95 with T = 100 → 0 2 2", (t) => {
  t.deepEqual([...flag([90, 100, 95], { nx: 1, ngroups: 3, threshold: [100] }).groupdq!], [0, 2, 2]);
});

test("a sample of 0 or less is the converter's floor, in this group only: AD_FLOOR|DO_NOT_USE = 65", (t) => {
  t.deepEqual([...flag([0, 50, -3], { nx: 1, ngroups: 3, threshold: [100] }).groupdq!], [65, 0, 65]);
});

test("charge spills n pixels to each side and stops at the frame's edge", (t) => {
  const ramp = flag([1, 200, 1, 1, 1], { nx: 5, ngroups: 1, threshold: [100, 100, 100, 100, 100], n: 2 });
  t.deepEqual([...ramp.groupdq!], [2, 2, 2, 2, 0]);
});

test("NaN thresholds and NO_SAT_CHECK never saturate below 65536; NaN is flagged", (t) => {
  const ramp = flag([65535, 65535, 65536], {
    nx: 3,
    ngroups: 1,
    threshold: [NaN, 10, NaN],
    dq: [0, 2097152, 0],
  });
  t.deepEqual([...ramp.groupdq!], [0, 0, 2]);
  t.deepEqual([...ramp.pixeldq], [2097152, 2097152, 2097152]);
});

test("an averaged group whose last read would saturate can't be used: T·mean/last = 100·2.5/4 = 62.5", (t) => {
  // reads 1–4 and 5–8; the second group is saturated, the first one's average hides a saturated read at 63 only
  const below = flag([62, 100], { nx: 1, ngroups: 2, nframes: 4, threshold: [100] });
  const above = flag([63, 100], { nx: 1, ngroups: 2, nframes: 4, threshold: [100] });
  t.deepEqual([...below.groupdq!], [0, 2]);
  t.deepEqual([...above.groupdq!], [1, 2]);
});

test("a group is judged by the next that the ramp has: of 63, none and 100 the first hides a saturated read", (t) => {
  const ramp = flag([63, NaN, 100], { nx: 1, ngroups: 3, nframes: 4, threshold: [100] });
  t.deepEqual([...ramp.groupdq!], [1, 0, 2]);
});

test("NaN is no sample: neither saturated nor at the converter's floor", (t) => {
  t.deepEqual([...flag([50, NaN, 60], { nx: 1, ngroups: 3, threshold: [100] }).groupdq!], [0, 0, 0]);
});
