import { join } from "node:path";
import test from "ava";
import { plan } from "../../src/engine/index.js";
import { writeFits } from "../../src/fits/index.js";
import { fixture, folder, layer, pixels, reduce, request } from "../engine/helpers.js";
import { DQ } from "../../src/data/dq.js";
import { StepError } from "../../src/errors.js";
import { heap } from "../../src/kernels/alloc.js";
import { background } from "../../src/steps/background.js";
import { imageOf, runStep } from "../acceptance/imager/steps.js";
import { close, image, planes } from "../helpers/images.js";

const sky = (values: readonly number[], err = 1, dq = 0) =>
  values.map((value) => planes([value], { err: [err], dq: [dq] }));

test("one background is subtracted as it is; flags are joined; errors add in quadrature", (t) => {
  // √(3² + 4²) = 5
  const { image: out } = runStep(background, image([10], { err: [3], dq: [1] }), {
    members: { background: sky([4], 4, 2) },
  });
  t.deepEqual([out.sci[0], out.err[0], out.dq[0]], [6, 5, 3]);
});

test("propagate_err = false leaves the error as it was", (t) => {
  const { image: out } = runStep(background, image([10], { err: [3] }), {
    params: { save_combined_background: false, propagate_err: false },
    members: { background: sky([4], 4) },
  });
  t.is(out.err[0], 3);
});

test("propagate_err adds √(Σe²)/n in quadrature", (t) => {
  // four backgrounds of error 4: √(4·16)/4 = 2;  √(1.5² + 2²) = 2.5
  const { image: out } = runStep(background, image([10], { err: [1.5] }), {
    members: { background: sky([1, 2, 3, 4], 4) },
    params: { propagate_err: true },
  });
  t.true(close(out.sci, [7.5]));
  t.true(close(out.err, [2.5]));
});

test("values farther than σ standard deviations from the median are left out, pass by pass", (t) => {
  // 1 1 1 1 11: median 1, std 4, 11 is 2.5 std away; then all equal
  const run = (sigma: number) =>
    runStep(background, image([5]), { members: { background: sky([1, 1, 1, 1, 11]) }, params: { sigma } })
      .image;
  t.is(run(2).sci[0], 4);
  t.is(run(3).sci[0], 2);
});

test("maxiters limits the passes", (t) => {
  // first pass (median 1, std 37.6): drops 101; second (std 4.4): drops 11
  const values = [1, 1, 1, 1, 1, 11, 101];
  const run = (maxiters: number | null) =>
    runStep(background, image([0]), {
      members: { background: sky(values) },
      params: { sigma: 2, maxiters },
    }).image.sci[0]!;
  t.is(run(0), Math.fround(-117 / 7));
  t.is(run(1), Math.fround(-16 / 6));
  t.is(run(null), -1);
});

test("NaN doesn't count; with nothing left the background is 0 and the pixel DO_NOT_USE", (t) => {
  const some = runStep(background, image([5]), { members: { background: sky([NaN, 2, 4]) } }).image;
  t.deepEqual([some.sci[0], some.dq[0]], [2, 0]);
  for (const values of [[NaN], [NaN, NaN]]) {
    const none = runStep(background, image([5], { err: [1] }), {
      members: { background: sky(values, NaN) },
      params: { propagate_err: true },
    }).image;
    t.deepEqual([none.sci[0], none.err[0], none.dq[0]], [5, 1, DQ.DO_NOT_USE]);
  }
});

test("flags of all backgrounds are joined, also of clipped ones", (t) => {
  const members = sky([1, 1, 1, 1, 11]);
  members[4]!.dq[0] = 16;
  const { image: out } = runStep(background, image([5]), {
    members: { background: members },
    params: { sigma: 2 },
  });
  t.is(out.dq[0], 16);
});

test("no background: skipped; one of another shape: StepError", (t) => {
  t.is(runStep(background, image([5])).status, "SKIPPED");
  const input = image([5]);
  const context = {
    params: { sigma: 3, maxiters: null, save_combined_background: false, propagate_err: false },
    refs: {},
    members: { background: [imageOf(planes([1, 2]))] },
    exposure: input.exposure,
    header: {},
    alloc: heap,
  };
  t.throws(() => background.run(input, context), { instanceOf: StepError });
});

const sci = fixture("iris_sci_rate.fits");

test("save_combined_background: what was subtracted stands beside the image, also where coordinates are assigned after it", async (t) => {
  const saved = async (params: Record<string, unknown>, mem: number) => {
    const { plan } = await reduce(
      request(folder(), [sci], {
        pipeline: "image2",
        background: [fixture("iris_sky_rate.fits"), sci],
        layers: [layer({ params: { background: params } })],
      }),
      { mem },
    );
    return pixels(plan.products[0]!.output);
  };
  const [plain, whole] = [await saved({}, 1e9), await saved({ save_combined_background: true }, 1e9)];
  t.deepEqual(
    [...whole.keys()].filter((name) => !plain.has(name)),
    ["BKG", "BKG_ERR", "BKG_DQ"],
  );
  t.is(whole.get("SCI"), plain.get("SCI"));
  t.deepEqual(await saved({ save_combined_background: true }, 1), whole);
});

test("a background of another size is refused in the plan, with both sizes whole", async (t) => {
  const small = join(folder(), "small_rate.fits");
  writeFits(small, [
    { cards: [{ keyword: "INSTRUME", value: "IRIS" }] },
    { name: "SCI", data: new Float32Array(64 * 32).fill(1), shape: [32, 64] },
  ]);
  const made = await plan(
    request(folder(), [sci], { step: { name: "background", module: null }, background: [small] }),
  );
  t.regex(
    made.problems[0]!.message,
    /small_rate\.fits as background of .* — it has 64 × 32 pixels, the science \d+ × \d+$/,
  );
});
