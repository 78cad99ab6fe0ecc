import test from "ava";
import { estimatorOf, knownEstimators, type Pattern } from "../../../src/kernels/ramp/known-estimators.js";
import { design, makeEstimator, makeTiming, type Sampling } from "../../../src/kernels/ramp/sampling.js";
import { uniform } from "../../helpers/images.js";

const random = uniform(7);
const times = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Some groups of a ramp, some of which begin a new piece. */
function somePattern(): Pattern {
  const usual = random() < 0.7;
  const all = times.map((_, k) => k).filter((k) => (usual ? k < 7 : random() < 0.8));
  const breaks = Uint8Array.from(all, (_, j) => (j > 0 && random() < 0.2 ? 4 : 0));
  const starts = all.map((_, j) => j).filter((j) => breaks[j] !== 0);
  const [second = 0, third = 0] = starts;
  return { count: all.length, used: Int32Array.from(all), breaks, pieces: starts.length + 1, second, third };
}

test("kept or not, an estimator is that of its pattern, sampling and times", (t) => {
  const samplings: Sampling[] = [
    { mode: "utr", nreads: 1, overlap: false },
    { mode: "mcds", nreads: 2, overlap: false },
  ];
  const timings = [times, times.map((time) => time ** 1.1)].map((uneven) => makeTiming(uneven, 1, 1));
  for (let i = 0; i < 2000; i++) {
    const [sampling, timing] = [samplings[(i >> 9) & 1]!, timings[(i >> 8) & 1]!];
    const pattern = somePattern();
    const { count, used, breaks } = pattern;
    const want = makeEstimator(times.length);
    design(want, sampling, timing, used, breaks, count);
    const got = estimatorOf(knownEstimators(sampling, timing), pattern);
    t.deepEqual([...got.weights.subarray(0, count)], [...want.weights.subarray(0, count)]);
    t.deepEqual([got.den, got.read, got.photon], [want.den, want.read, want.photon]);
  }
});
