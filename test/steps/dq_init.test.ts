import test from "ava";
import type { Image, Ramp } from "../../src/data/kinds.js";
import { plan } from "../../src/engine/index.js";
import { heap } from "../../src/kernels/alloc.js";
import { dqInit } from "../../src/steps/dq_init.js";
import { imageOf } from "../acceptance/imager/steps.js";
import { fixture, folder, layer, request } from "../engine/helpers.js";
import { planes } from "../helpers/images.js";
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

test("an image gets the mask's flags in every plane, and no others", (t) => {
  const image = imageOf({ ...planes([1, 2, 3, 4], { dq: [4, 0, 0, 0], nx: 2 }), ny: 1, nz: 2 });
  const mask = referenceOf(2, 1, [0, 0], { dq: [1025, 2048] });
  const { product } = runOn<Image>(dqInit, image, { mask });
  t.deepEqual([...product.dq], [1029, 2048, 1025, 2048]);
  t.deepEqual([...product.sci], [1, 2, 3, 4]);
});

test("alone on a rate, and asked for in image2; a ramp is no input of image2 for that", async (t) => {
  const [rate, ramp] = [fixture("iris_sci_rate.fits"), fixture("iris_utr.fits")];
  const alone = await plan(request(folder(), [rate], { step: { name: "dq_init", module: null } }));
  t.deepEqual(
    alone.products.map(({ kind, steps }) => [kind, steps[0]!.name, steps[0]!.skip]),
    [["rate", "dq_init", null]],
  );
  const asked = await plan(
    request(folder(), [rate], { pipeline: "image2", layers: [layer({ skip: { dq_init: false } })] }),
  );
  t.is(asked.products[0]!.steps[0]!.skip, null);
  const plain = await plan(request(folder(), [rate], { pipeline: "image2" }));
  t.regex(plain.products[0]!.steps[0]!.skip!, /set in the reads/);
  const wrong = await plan(request(folder(), [ramp], { pipeline: "image2" }));
  t.regex(wrong.problems[0]!.message, /image2 begins with dark_sub, which takes a image/);
});
