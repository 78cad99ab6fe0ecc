import test from "ava";
import type { Image } from "../../src/data/kinds.js";
import { gainScale } from "../../src/steps/gain_scale.js";
import { image } from "../helpers/images.js";
import { exposureOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const rate = (unit: string): Image => ({
  ...image([10, 20], { err: [1, 2] }),
  varPoisson: Float32Array.of(0.5, 3),
  varRnoise: Float32Array.of(0.5, 1),
  unit,
});

const facts = { axes: [2, 1], exposure: exposureOf(null), members: {} };

test("factor 2: 10 ± 1 is 20 ± 2, variances times 4", (t) => {
  const { product, status } = runOn<Image>(gainScale, rate("DN/s"), {}, { factor: 2 });
  t.is(status, "complete");
  t.deepEqual([...product.sci], [20, 40]);
  t.deepEqual([...product.err], [2, 4]);
  t.deepEqual([...product.varPoisson!], [2, 12]);
  t.deepEqual([...product.varRnoise!], [2, 4]);
});

test("the reference says the factor; electrons have no gain any more", (t) => {
  const gain = referenceOf(2, 1, [2, 2], { header: { GAINFACT: 0.5 } });
  t.deepEqual([...runOn<Image>(gainScale, rate("DN/s"), { gain }).product.sci], [5, 10]);
  const electrons = runOn<Image>(gainScale, rate("electron/s"), { gain });
  t.is(electrons.status, "skipped");
  t.deepEqual([...electrons.product.sci], [10, 20]);
});

test("it is left out in the plan where nobody knows of another gain", (t) => {
  const skip = (header: Record<string, number>, factor: number | null = null) =>
    gainScale.skip!({ ...facts, header, params: { factor }, refs: { gain: null } });
  // words that begin with "no" would say that a reference is missing
  t.regex(skip({})!, /^it was read with the usual gain/);
  t.is(skip({ GAINFACT: 1 }), "GAINFACT is 1");
  t.is(skip({ GAINFACT: 2 }), undefined);
  t.is(skip({ GAINFACT: 2 }, 1), "GAINFACT is 1");
});
