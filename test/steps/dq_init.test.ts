import test from "ava";
import type { Ramp } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { dqInit } from "../../src/steps/dq_init.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const shape = { nx: 2, ny: 1, ngroups: 2, nints: 1 };

test("mask bits join pixeldq, and DO_NOT_USE alone reaches every group", (t) => {
  const ramp = rampOf(shape, [1, 2, 3, 4], exposureOf(readoutOf(2)), heap, {
    pixeldq: [4, 0],
    groupdq: [0, 0, 2, 0],
  });
  const mask = referenceOf(2, 1, [0, 0], { dq: [1025, 2048] }); // DEAD|DO_NOT_USE, HOT
  const { product } = runOn<Ramp>(dqInit, ramp, { mask });
  t.deepEqual([...product.pixeldq], [1029, 2048]);
  t.deepEqual([...product.groupdq!], [1, 0, 3, 0]);
});

test("without unusable pixels the reads stay unflagged, and raw", (t) => {
  const ramp = rampOf(shape, [1, 2, 3, 4], exposureOf(readoutOf(2)), heap);
  runOn<Ramp>(dqInit, ramp, { mask: referenceOf(2, 1, [0, 0], { dq: [0, 2048] }) });
  t.is(ramp.groupdq, null);
});
