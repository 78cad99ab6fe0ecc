import test from "ava";
import { generator } from "../../../../src/instruments/common/simulator/random.js";

const moments = (n: number, draw: () => number): { mean: number; variance: number } => {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const x = draw();
    sum += x;
    squares += x * x;
  }
  const mean = sum / n;
  return { mean, variance: squares / n - mean * mean };
};

test("equal seeds give equal streams, others don't, and order matters", (t) => {
  const first = (...seed: number[]) => {
    const random = generator(...seed);
    return Array.from({ length: 4 }, () => random.next());
  };
  t.deepEqual(first(1, 2), first(1, 2));
  t.notDeepEqual(first(1, 2), first(2, 1));
  t.notDeepEqual(first(0), first(0, 0));
});

test("normal numbers: mean 0, variance 1, and 4.55 % beyond 2σ", (t) => {
  const random = generator(11);
  const n = 400_000;
  let beyond = 0;
  const { mean, variance } = moments(n, () => {
    const x = random.normal();
    if (Math.abs(x) > 2) beyond++;
    return x;
  });
  // 5σ of each estimate: 1/√n, √(2/n), √(p(1−p)/n)
  t.true(Math.abs(mean) < 5 / Math.sqrt(n), String(mean));
  t.true(Math.abs(variance - 1) < 5 * Math.sqrt(2 / n), String(variance));
  t.true(Math.abs(beyond / n - 0.0455) < 5 * Math.sqrt((0.0455 * 0.9545) / n), String(beyond / n));
});

test("the ziggurat's tail beyond 3.44σ has its share: 5.76e-4", (t) => {
  const random = generator(12);
  const n = 1_000_000;
  let beyond = 0;
  for (let i = 0; i < n; i++) if (Math.abs(random.normal()) > 3.442619855899) beyond++;
  t.true(Math.abs(beyond - 576) < 5 * Math.sqrt(576), String(beyond));
});

for (const mean of [0.008, 1, 9.9, 10, 80, 12345.6])
  test(`Poisson counts of mean ${mean}: mean = variance = ${mean}`, (t) => {
    const random = generator(13, mean * 1000);
    const n = 100_000;
    const found = moments(n, () => random.poisson(mean));
    t.true(Math.abs(found.mean - mean) < 5 * Math.sqrt(mean / n), String(found.mean));
    // Var of the sample variance of a Poisson count: (μ + 2μ²)/n.
    t.true(
      Math.abs(found.variance - mean) < 5 * Math.sqrt((mean + 2 * mean * mean) / n),
      String(found.variance),
    );
  });

test("χ² of Poisson counts against e^−μ μ^k/k! at μ = 12, transformed rejection", (t) => {
  const random = generator(14);
  const n = 200_000;
  const mean = 12;
  const counts = new Float64Array(40);
  for (let i = 0; i < n; i++) counts[Math.min(39, random.poisson(mean))]!++;
  let chi2 = 0;
  let cells = 0;
  let p = Math.exp(-mean);
  for (let k = 0; k < 39; k++) {
    if (k > 0) p *= mean / k;
    if (p * n < 10) continue;
    chi2 += (counts[k]! - p * n) ** 2 / (p * n);
    cells++;
  }
  // 5σ above the mean of χ² with `cells` degrees of freedom.
  t.true(chi2 < cells + 5 * Math.sqrt(2 * cells), `χ² = ${chi2.toFixed(1)} of ${cells}`);
});

test("no light, no photons: a mean of 0 or less counts 0", (t) => {
  const random = generator(15);
  t.is(random.poisson(0), 0);
  t.is(random.poisson(-1), 0);
});
