import test from "ava";
import { stackFrames, stackFramesPlain, type StackPolicy } from "../../../src/kernels/image/stack.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { normal, uniform } from "../../helpers/images.js";

const memory = kernelMemory();
test.beforeEach(() => memory.reset());

interface Frame {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

const empty = (n: number): Frame => ({ sci: memory.f32(n), err: memory.f32(n), dq: memory.u32(n) });

/** Values with outliers, ties, zeros of either sign, some not finite and some flagged; here and there all of them. */
function frames(seed: number, count: number, n: number): Frame[] {
  const [gauss, next] = [normal(seed + 1), uniform(seed + 7)];
  return Array.from({ length: count }, () => {
    const frame = empty(n);
    for (let i = 0; i < n; i++) {
      const kind = next();
      frame.sci[i] = 200 + 10 * gauss();
      if (kind < 0.1) frame.sci[i] = [NaN, Infinity, -Infinity, -0, 0, 200, 3e38][Math.floor(70 * kind)]!;
      if (kind > 0.9 || i % 61 === 3) frame.dq[i] = 2 ** Math.floor(32 * next());
      if (i % 5 === 1) frame.sci[i] = [0, -0][Math.floor(2 * next())]!;
      if (kind > 0.8) frame.sci[i]! += 1e4 * (next() - 0.5);
    }
    return frame;
  });
}

const clip = {
  sigmaLow: 1.5,
  sigmaHigh: 2,
  iterations: Infinity,
  center: "median",
  deviation: "std",
} as const;

const policies: readonly Partial<StackPolicy>[] = [
  {},
  { clip: null },
  { method: "mean", clip: { ...clip, center: "mean", iterations: 1 } },
  { method: "sum", clip: { ...clip, deviation: "madstd" } },
  { method: "median", clip: { ...clip, deviation: "madstd", sigmaLow: 0.3, sigmaHigh: 0.4 } },
  { extrema: [2, 1], limits: [-500, 400] },
  { extrema: [3, 3], clip: { ...clip, iterations: 2 } },
  { method: "mean", scale: [0.1, 3, 1, 1.7, -2, 1e-3, 1, 1, 1, 1, 1, 1, 1] },
];

test("a stack in SIMD ≡ plain, bit for bit, for any number of frames and pixels", (t) => {
  for (const count of [1, 2, 3, 7, 10, 13])
    for (const [k, change] of policies.entries()) {
      const n = 16 * 40 + (k % 5);
      const policy: StackPolicy = {
        ...{ method: "median", weights: null, scale: null, extrema: [0, 0], limits: [-Infinity, Infinity] },
        ...{ clip, empty: 2 ** 31 },
        ...change,
      };
      const given = frames(count + 100 * k, count, n);
      const expected = empty(n);
      stackFramesPlain(expected, given, policy);
      // into the first frame, as the step does
      stackFrames(given[0]!, given, policy);
      for (const plane of ["sci", "err", "dq"] as const)
        t.deepEqual(
          given[0]![plane],
          expected[plane],
          `${String(count)} frames, policy ${String(k)}: ${plane}`,
        );
      t.is(
        expected.sci.some((v) => v > 0),
        count >= 7 || (k !== 5 && k !== 6),
        "something is left",
      );
    }
});
