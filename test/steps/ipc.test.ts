import { join } from "node:path";
import test from "ava";
import type { Ramp } from "../../src/data/kinds.js";
import { CalibrationError } from "../../src/errors.js";
import { writeFits } from "../../src/fits/index.js";
import { heap } from "../../src/kernels/alloc.js";
import { ipc } from "../../src/steps/ipc.js";
import { folder, layer, pixels, reduce, request } from "../engine/helpers.js";
import { shape, writeCube } from "../helpers/ramp-files.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { prepareOn, runOn } from "../helpers/run-step.js";

/** One group of one integration. */
const frame = (nx: number, ny: number, sci: readonly number[], border = {}): Ramp =>
  rampOf({ nx, ny, ngroups: 1, nints: 1 }, sci, exposureOf(readoutOf(1), border), heap);

const spread = referenceOf(3, 3, [0, 1, 0, 1, 10, 1, 0, 1, 0]);
/** 5 × 5 pixels: 1 in the border, 2 inside. */
const bordered = Array.from({ length: 25 }, (_, p) =>
  [p % 5, Math.floor(p / 5)].every((at) => at > 0 && at < 4) ? 2 : 1,
);
/** Inside, 10·2 and 1·2 for each neighbour that isn't in the border. */
const expected = [1, 1, 1, 1, 1, 1, 24, 26, 24, 1, 1, 26, 28, 26, 1, 1, 24, 26, 24, 1, 1, 1, 1, 1, 1];

test("the border that the instrument is known to have, or the user's, keeps its value and doesn't leak", (t) => {
  const known = { border: { left: 1, right: 1, bottom: 1, top: 1 } };
  t.deepEqual([...runOn<Ramp>(ipc, frame(5, 5, bordered, known), { ipc: spread }).product.sci!], expected);
  t.deepEqual(
    [...runOn<Ramp>(ipc, frame(5, 5, bordered), { ipc: spread }, { border: 1 }).product.sci!],
    expected,
  );
});

test("a band knows where the frame ends", (t) => {
  const around = {
    params: { border: 1, reach: 1 },
    refs: { ipc: spread },
    exposure: exposureOf(readoutOf(1)),
    header: {},
    alloc: heap,
  };
  const prepared = prepareOn(ipc, frame(5, 5, bordered), around) as never;
  // the last three rows, of which the first is context
  const band = { ...frame(5, 3, bordered.slice(10)), y0: 2 };
  const { product } = ipc.run(band, { ...around, members: {}, prepared });
  t.deepEqual([...(product as Ramp).sci!].slice(5), expected.slice(15));
});

test("a kernel of each pixel: K of the pixel that is made, not of its neighbours", (t) => {
  // planes of a 3 × 1 kernel for 3 pixels: each takes 10 times itself, the second also 1 and 2 of its neighbours
  const planes = [0, 1, 0, 10, 10, 10, 0, 2, 0];
  const kernel = { ...referenceOf(3, 1, planes), header: { NAXIS3: 3, NAXIS4: 1 } };
  const { product } = runOn<Ramp>(ipc, frame(3, 1, [1, 100, 5]), { ipc: kernel });
  // K_0 stands for what lies to the right (x − k + c): 10·100 + 1·5 + 2·1
  t.deepEqual([...product.sci!], [10, 1007, 50]);
});

test("a kernel beyond the reach says what reach it needs, and has it", (t) => {
  const wide = referenceOf(11, 1, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const input = () => frame(12, 1, [0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0]);
  t.throws(() => runOn<Ramp>(ipc, input(), { ipc: wide }), {
    instanceOf: CalibrationError,
    message: /11×1 pixels — it reaches 5 rows, ipc\.reach=4/,
  });
  const { product } = runOn<Ramp>(ipc, input(), { ipc: wide }, { reach: 5 });
  t.deepEqual([...product.sci!], [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("planes that are no kernel of each pixel are refused", (t) => {
  const planes = { ...referenceOf(1, 1, [1, 1, 1]), header: { NAXIS3: 3 } };
  t.throws(() => runOn<Ramp>(ipc, frame(1, 1, [1]), { ipc: planes }), { message: /has 3×0 pixels/ });
});

test("from files, in bands: the same kernel for each pixel = one kernel", async (t) => {
  const dir = folder();
  const path = writeCube(join(dir, "a_uncal.fits"));
  const one = [0, -0.01, 0, -0.01, 1.04, -0.01, 0, -0.01, 0];
  const [plane, { ny, nx }] = [shape.ny * shape.nx, shape];
  const each = Float32Array.from({ length: 9 * plane }, (_, i) => one[Math.floor(i / plane)]!);
  const [common, own] = [join(dir, "common.fits"), join(dir, "own.fits")];
  writeFits(common, [{}, { name: "SCI", data: Float32Array.from(one), shape: [3, 3] }]);
  writeFits(own, [{}, { name: "SCI", data: each, shape: [3, 3, ny, nx] }]);
  const made = async (file: string, mem: number) => {
    const { plan, events } = await reduce(
      request(folder(), [path], {
        step: { name: "ipc", module: null },
        layers: [layer({ refs: { IPC: file } })],
      }),
      { mem },
    );
    t.false(events.some(({ type }) => type === "failure"));
    return pixels(plan.products[0]!.output);
  };
  const whole = await made(common, 1e9);
  t.deepEqual(await made(own, 1e9), whole);
  t.deepEqual(await made(own, 1), whole);
});
