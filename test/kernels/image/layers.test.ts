import test from "ava";
import { blot, medianOfLayers, type Layer } from "../../../src/kernels/image/layers.js";

const layer = (x0: number, sci: number[], weight = sci.map(() => 1), least = 0): Layer => ({
  x0,
  x1: x0 + sci.length,
  sci: Float32Array.from(sci),
  weight: Float32Array.from(weight),
  least,
});

test("the median of what counts: of three the middle, of two the lower, of none NaN", (t) => {
  const out = new Float32Array(6);
  medianOfLayers(out, 6, 1, [
    layer(0, [1, 9, 3, 4]),
    layer(1, [5, 7, 2], [1, 0.5, 1], 0.7), // its second pixel weighs too little
    layer(2, [8, 6]),
  ]);
  // x = 2: 3 and 8; x = 3: 4, 2 and 6
  t.deepEqual([...out], [1, 5, 3, 4, NaN, NaN]);
});

test("rows of layers of several widths are their own", (t) => {
  const out = new Float32Array(6);
  medianOfLayers(
    out,
    3,
    2,
    [layer(1, [1, 2, 3, 4])].map((each) => ({ ...each, x1: 3 })),
  );
  t.deepEqual([...out], [NaN, 1, 2, NaN, 3, 4]);
});

test("cubic convolution gives back a parabola, away from the edges", (t) => {
  const nx = 9;
  const f = (x: number, y: number): number => 2 + x - 0.5 * x * x + 0.25 * y * y + x * y;
  const sci = Float32Array.from({ length: nx * nx }, (_, i) => f(i % nx, Math.floor(i / nx)));
  const out = new Float32Array(3);
  const [x, y] = [Float64Array.of(3.3, 4, 5.75), Float64Array.of(14.5, 13, 12.2)];
  blot(out, { nx, ny: nx, y0: 10, sci }, x, y, 2);
  for (let i = 0; i < 3; i++) t.true(Math.abs(out[i]! - 2 * f(x[i]!, y[i]! - 10)) < 1e-4);
});

test("beside what isn't a number: linear, then the nearest, then nothing", (t) => {
  const [nx, ny] = [4, 4];
  const sci = Float32Array.from({ length: 16 }, (_, i) => i);
  sci[0] = NaN;
  const out = new Float32Array(4);
  // (1.5, 1.5) would be cubic over all 16; (0.75, 0.75) touches the NaN, its nearest is (1, 1); (0, 0) is the NaN
  blot(out, { nx, ny, y0: 0, sci }, Float64Array.of(1.5, 0.75, 0, 9), Float64Array.of(1.5, 0.75, 0, 9), 1);
  t.deepEqual([...out], [7.5, 5, NaN, NaN]);
});
