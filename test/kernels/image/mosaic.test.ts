import test from "ava";
import { mosaic, type MosaicPolicy, type Tile } from "../../../src/kernels/image/mosaic.js";
import { close } from "../../helpers/images.js";

const tile = (x: number, values: readonly number[], dq: readonly number[] = []): Tile => ({
  nx: values.length,
  ny: 1,
  sci: Float32Array.from(values),
  err: new Float32Array(values.length).fill(1),
  dq: Uint32Array.from(values, (_, i) => dq[i] ?? 0),
  x,
  y: 0,
});

const policy: MosaicPolicy = {
  method: "mean",
  error: "scatter",
  clip: { sigmaLow: 3, sigmaHigh: 3, iterations: 1, center: "median", deviation: "madstd" },
  bad: 1,
  empty: 1,
};

function make(nx: number, tiles: readonly Tile[], more: Partial<MosaicPolicy> = {}) {
  const out = {
    nx,
    ny: 1,
    sci: new Float32Array(nx),
    err: new Float32Array(nx),
    dq: new Uint32Array(nx),
    count: new Uint32Array(nx),
  };
  mosaic(out, tiles, { ...policy, ...more });
  return out;
}

test("where frames overlap their mean, elsewhere the one, beyond nothing", (t) => {
  const out = make(5, [tile(0, [1, 2, 3]), tile(2, [5, 6])]);
  t.true(close(out.sci, [1, 2, 4, 6, NaN]));
  t.deepEqual([...out.count], [1, 1, 2, 1, 0]);
  // std of 3 and 5 is 1, over √2
  t.true(close(out.err, [0, 0, Math.SQRT1_2, 0, NaN]));
  t.deepEqual([...out.dq], [0, 0, 0, 0, 1]);
});

test("propagated error: √Σe²/n", (t) => {
  const out = make(1, [tile(0, [1]), tile(0, [2]), tile(0, [3])], { error: "propagate" });
  t.true(close(out.err, [1 / Math.sqrt(3)]));
});

test("three or more are clipped, two never; a bad flag leaves a pixel out, another goes along", (t) => {
  const many = [1, 1.1, 0.9, 50].map((value) => tile(0, [value]));
  t.true(close(make(1, many).sci, [1]));
  t.true(close(make(1, [tile(0, [1]), tile(0, [51])]).sci, [26]));
  const flagged = make(1, [tile(0, [1], [1]), tile(0, [3], [4])]);
  t.deepEqual([flagged.sci[0], flagged.dq[0], flagged.count[0]], [3, 4, 1]);
  const none = make(1, [tile(0, [1], [1 | 8])]);
  t.deepEqual([none.dq[0], none.count[0]], [9, 0]);
});

test("median", (t) => {
  t.is(make(1, [tile(0, [1]), tile(0, [2]), tile(0, [9])], { method: "median", clip: null }).sci[0], 2);
});
