import test from "ava";
import { hash, normalAt, normalQuantile, unitAt } from "../../../../src/instruments/common/simulator/hash.js";

test("quantiles of the normal: 0.5 → 0, 0.975 → 1.959964, 0.01 → −2.326348, symmetric", (t) => {
  // Abramowitz & Stegun, table 26.5
  t.is(normalQuantile(0.5), 0);
  t.true(Math.abs(normalQuantile(0.975) - 1.959963985) < 1e-8);
  t.true(Math.abs(normalQuantile(0.01) + 2.326347874) < 1e-8);
  t.true(Math.abs(normalQuantile(0.3) + normalQuantile(0.7)) < 1e-12);
});

test("places give normal numbers that neighbours don't share: mean 0, variance 1, correlation 0", (t) => {
  const n = 300;
  let [sum, squares, right, up] = [0, 0, 0, 0];
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      const here = normalAt(7, x, y);
      sum += here;
      squares += here * here;
      right += here * normalAt(7, x + 1, y);
      up += here * normalAt(7, x, y + 1);
    }
  // 5σ of a mean of 90 000: 0.017; of the variance √2 more
  for (const value of [sum, right, up]) t.true(Math.abs(value / n ** 2) < 5 / n, String(value / n ** 2));
  t.true(Math.abs(squares / n ** 2 - 1) < (5 * Math.SQRT2) / n);
});

test("order of words and key matter", (t) => {
  t.not(hash(1, 2), hash(2, 1));
  t.not(unitAt(1, 5, 6), unitAt(1, 6, 5));
  t.not(unitAt(1, 5, 6), unitAt(2, 5, 6));
  t.is(unitAt(1, 5, 6), unitAt(1, 5, 6));
});
