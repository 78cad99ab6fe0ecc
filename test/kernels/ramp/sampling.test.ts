import test from "ava";
import { design, makeEstimator, makeTiming, type Sampling } from "../../../src/kernels/ramp/sampling.js";

function estimatorOf(sampling: Partial<Sampling>, times: number[], used?: number[], breaks: number[] = []) {
  const groups = used ?? times.map((_, k) => k);
  const into = makeEstimator(times.length);
  const starts = Uint8Array.from(groups, (k) => (breaks.includes(k) ? 4 : 0));
  const all = { mode: "utr", nreads: 2, overlap: false, ...sampling } as const;
  design(into, all, makeTiming(times, 1, 1), Int32Array.from(groups), starts, groups.length);
  return { ...into, weights: [...into.weights.subarray(0, groups.length)] };
}

test("utr of 4 even reads: weights −3 −1 1 3, den = 0·−3 − 1 + 2 + 9 = 10", (t) => {
  const { weights, den } = estimatorOf({}, [1, 2, 3, 4]);
  t.deepEqual(weights, [-3, -1, 1, 3]);
  t.is(den, 10);
});

test("utr, even: Var_read = 12 σ²/(τ²(N³−N)), Var_photon = (F/Gτ)·6(N²+1)/(5N(N²−1))", (t) => {
  for (const [n, tau] of [
    [5, 1],
    [40, 2.5],
  ] as const) {
    const { den, read, photon } = estimatorOf(
      {},
      Array.from({ length: n }, (_, k) => tau * (k + 1)),
    );
    t.true(Math.abs(read / den ** 2 / (12 / (tau ** 2 * (n ** 3 - n))) - 1) < 1e-12);
    t.true(Math.abs(photon / den ** 2 / ((6 * (n * n + 1)) / (5 * n * (n * n - 1) * tau)) - 1) < 1e-12);
  }
});

test("mcds, even, in DN: Var = 2σ²/n + (Fτ/G)(N − 4n/3 + 1/(3n))", (t) => {
  const [N, n] = [12, 3];
  const { weights, read, photon } = estimatorOf({ mode: "mcds", nreads: n }, [...Array(N).keys()]);
  t.deepEqual(weights, [-1, -1, -1, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  t.is(read / n ** 2, 2 / n);
  t.true(Math.abs(photon / n ** 2 - (N - (4 * n) / 3 + 1 / (3 * n))) < 1e-12);
});

test("uneven reads: w_k = 2(t_k − t̄), Σ w_k t_k = 2 Σ (t_k − t̄)²", (t) => {
  const { weights, den } = estimatorOf({}, [1, 2, 6]);
  t.deepEqual(weights, [-4, -2, 6]);
  t.is(den, 28);
});

test("a hit gives each piece its own offset: weights sum to 0 in each, and one read alone counts nothing", (t) => {
  const { weights, den } = estimatorOf({}, [1, 2, 3, 4, 5], undefined, [2]);
  t.deepEqual(weights, [-1, 1, -2, 0, 2]);
  t.is(den, 1 + 4);
  t.deepEqual(estimatorOf({}, [1, 2, 3], undefined, [1]).weights, [0, -1, 1]);
});

test("cds and mcds measure within the longest piece", (t) => {
  t.deepEqual(estimatorOf({ mode: "cds" }, [1, 2, 3, 4, 5], undefined, [2]).weights, [0, 0, -1, 0, 1]);
  // two good reads at each end don't exist any more: one is what is left
  t.deepEqual(estimatorOf({ mode: "mcds" }, [1, 2, 3, 4, 5], [0, 1, 4]).weights, [-1, 0, 1]);
});

test("groups that average reads: read noise falls by nframes, photons count through every single read", (t) => {
  const into = makeEstimator(2);
  const timing = makeTiming([1.5, 3.5], 2, 1);
  const sampling = { mode: "cds", nreads: 1, overlap: false } as const;
  design(into, sampling, timing, Int32Array.of(0, 1), new Uint8Array(2), 2);
  t.is(into.den, 2);
  t.is(into.read, 1);
  // reads at 1, 2 | 3, 4 weigh −½ −½ ½ ½: partial sums from the end ½, 1, ½ → ¼ + 1 + ¼
  t.is(into.photon, 1.5);
});

test("one read measures nothing: den = 0", (t) => {
  t.is(estimatorOf({}, [1, 2, 3], [1]).den, 0);
  t.is(estimatorOf({ mode: "cds" }, [1, 2, 3], [1]).den, 0);
});
