import test from "ava";
import { fitCurve } from "../../../src/kernels/image/curve-fit.js";
import { normal } from "../../helpers/images.js";

const policy = { function: "polynomial", order: 3, sigma: 4, iterations: 5 } as const;
const parabola = (x: number): number => 5 - 0.2 * x + 0.01 * x * x;
const places = Array.from({ length: 40 }, (_, x) => x);
const near = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) < tolerance;

test("a polynomial goes through its own values, with no variance", (t) => {
  const { value, variance } = fitCurve(Float64Array.from(places, parabola), policy)!;
  t.true(places.every((x) => near(value[x]!, parabola(x), 1e-10)));
  t.true(variance.every((v) => v < 1e-20));
});

test("a spline of any number of pieces has every cubic in it", (t) => {
  const cubic = (x: number): number => parabola(x) - 0.001 * x ** 3;
  for (const order of [1, 4, 9]) {
    const { value } = fitCurve(Float64Array.from(places, cubic), { ...policy, function: "spline", order })!;
    t.true(
      places.every((x) => near(value[x]!, cubic(x), 1e-8)),
      String(order),
    );
  }
});

test("a value far off is left out, as is one that isn't a number", (t) => {
  const noise = normal(3);
  const values = Float64Array.from(places, (x) => parabola(x) + 0.1 * noise());
  values[10] = 400;
  values[20] = NaN;
  const { value } = fitCurve(values, policy)!;
  t.true(places.every((x) => near(value[x]!, parabola(x), 0.12)));
});

test("one coefficient: the mean, and the variance of the mean", (t) => {
  const { value, variance } = fitCurve(Float64Array.of(1, 2, 3, 6), { ...policy, order: 1 })!;
  // (1+2+3+6)/4 = 3; Σ(v−3)² = 4+1+0+9 = 14, over 3, over 4
  t.true(near(value[2]!, 3, 1e-12) && near(variance[2]!, 14 / 12, 1e-12));
});

test("pulls of the curve: its variance is that of its error", (t) => {
  const noise = normal(11);
  let sum = 0;
  for (let k = 0; k < 400; k++) {
    const { value, variance } = fitCurve(
      Float64Array.from(places, () => noise()),
      { ...policy, iterations: 0 },
    )!;
    sum += (value[7]! * value[7]!) / variance[7]!;
  }
  // χ² of 400 pulls: 1 ± √(2/400) = 0.07, a little wider for the estimated scatter
  t.true(near(sum / 400, 1, 0.25), String(sum / 400));
});

test("fewer values than coefficients give no curve", (t) => {
  t.is(fitCurve(Float64Array.of(1, NaN, 2), policy), null);
});
