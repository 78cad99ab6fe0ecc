import test from "ava";
import { detect, type DetectPolicy } from "../../../src/kernels/image/detect.js";
import { expandNatural } from "../../../src/kernels/image/natural-spline.js";
import { MERGED, TRUNCATED } from "../../../src/kernels/image/source.js";
import { solve } from "../../../src/kernels/image/solve.js";
import { subtractStarBackground } from "../../../src/kernels/image/star-background.js";
import { fitStar } from "../../../src/kernels/image/star-fit.js";
import { normal } from "../../helpers/images.js";

const NX = 60;
const NY = 40;

type Star = readonly [x: number, y: number, peak: number, sx?: number, sy?: number];

const field = (...stars: Star[]): Float32Array =>
  Float32Array.from({ length: NX * NY }, (_, i) => {
    const [x, y] = [i % NX, Math.floor(i / NX)];
    return stars.reduce(
      (sum, [cx, cy, peak, sx = 1.5, sy = sx]) =>
        sum + peak * Math.exp(-((x - cx) ** 2) / (2 * sx * sx) - (y - cy) ** 2 / (2 * sy * sy)),
      0,
    );
  });

const policy: DetectPolicy = { threshold: 1, minarea: 5, levels: 32, contrast: 0.005, clean: 0 };
const find = (sci: Float32Array, more: Partial<DetectPolicy> = {}, bad: Uint8Array | null = null) =>
  detect({ nx: NX, ny: NY, sci, bad }, { ...policy, ...more });

test("a star is found where it is, with the width of the smoothed one", (t) => {
  const [star, ...others] = find(field([20.3, 15.7, 1000]));
  t.is(others.length, 0);
  t.true(Math.hypot(star!.x - 20.3, star!.y - 15.7) < 0.01);
  // σ² + ½ of the kernel, less what the threshold cuts off
  t.true(Math.abs(star!.a - Math.sqrt(2.25 + 0.5)) < 0.05);
  t.is(star!.flags, 0);
});

test("a star before the halo of a brighter one is where its own light is, not where the halo's is", (t) => {
  const found = find(field([15, 20, 300, 9], [46.4, 22.7, 150]));
  const star = found.find(({ x }) => x > 40);
  t.true(star !== undefined && (star.flags & MERGED) !== 0);
  t.true(Math.hypot(star!.x - 46.4, star!.y - 22.7) < 0.1, `${star!.x}, ${star!.y}`);
});

test("an elongated source: axes and angle", (t) => {
  const [star] = find(field([30, 20, 1000, 4, 2]));
  t.true(star!.a > 1.8 * star!.b);
  t.true(Math.abs(star!.theta) < 0.01);
});

test("two stars in one patch come apart, each with its flux", (t) => {
  const sci = field([20, 20, 1000], [27, 20, 500]);
  const sources = find(sci);
  t.is(sources.length, 2);
  t.true(sources.every(({ flags }) => (flags & MERGED) !== 0));
  const [one, two] = [...sources].sort((p, q) => p.x - q.x);
  t.true(Math.hypot(one!.x - 20, one!.y - 20) < 0.1 && Math.hypot(two!.x - 27, two!.y - 20) < 0.15);
  t.true(Math.abs(one!.flux / two!.flux - 2) < 0.1);
  t.is(find(sci, { contrast: 0.5 }).length, 1);
});

test("segments number the pixels of each source", (t) => {
  const segments = new Uint32Array(NX * NY);
  const sources = detect(
    { nx: NX, ny: NY, sci: field([10, 10, 100], [40, 30, 100]), bad: null },
    policy,
    segments,
  );
  sources.forEach(({ npix }, k) => t.is(segments.filter((s) => s === k + 1).length, npix));
  t.is(segments[10 * NX + 10], 1);
});

test("fewer pixels than minarea are nothing, bad pixels neither; the edge truncates", (t) => {
  const hot = new Float32Array(NX * NY);
  hot[10 * NX + 10] = 1e4;
  t.is(find(hot).length, 1);
  t.is(find(hot, { minarea: 10 }).length, 0);
  const bad = new Uint8Array(NX * NY);
  bad[10 * NX + 10] = 1;
  t.is(find(hot, {}, bad).length, 0);
  t.is(find(field([0, 20, 100]))[0]!.flags & TRUNCATED, TRUNCATED);
});

test("a speck in the wings of a bright star is taken for a part of it", (t) => {
  const sci = field([30, 20, 1e5, 2], [30, 29.5, 3, 1]);
  const bright = find(sci, { clean: 1 });
  t.is(bright.length, 1);
});

test("the background under stars: a slope to the edges within the noise of the boxes", (t) => {
  const [n, deviate] = [128, normal(5)];
  const slope = (i: number): number => 50 + 0.05 * (i % n);
  const sci = Float32Array.from({ length: n * n }, (_, i) => slope(i) + 2 * deviate());
  for (let i = 0; i < n * n; i += 211) sci[i] = 1e4;
  const out = new Float32Array(n * n);
  const found = subtractStarBackground(out, sci, null, n, n, 32, 3);
  for (let i = 0; i < n * n; i++) out[i] = sci[i]! - out[i]!;
  t.true(Math.abs(found!.rms - 2) < 0.1);
  const worst = out.reduce((most, value, i) => Math.max(most, Math.abs(value - slope(i))), 0);
  // A mode of 1024 values is known to about 3·σ/√1024; the splines go on by half a box at the edges.
  t.true(worst < 1.3, String(worst));
  const mean = out.reduce((sum, value, i) => sum + value - slope(i), 0) / (n * n);
  t.true(Math.abs(mean) < 0.2, String(mean));
  t.is(subtractStarBackground(out, new Float32Array(n * n).fill(NaN), null, n, n, 32, 3), null);
});

test("a natural spline through a plane is the plane, beyond its centres too", (t) => {
  const mesh = Float64Array.from({ length: 12 }, (_, b) => 3 + 2 * (b % 4) - 5 * Math.floor(b / 4));
  const out = new Float32Array(32 * 24);
  expandNatural(out, null, mesh, 4, 3, 8, 32, 24);
  const plane = (i: number): number =>
    3 + 2 * (((i % 32) + 0.5) / 8 - 0.5) - 5 * ((Math.floor(i / 32) + 0.5) / 8 - 0.5);
  t.true(out.every((value, i) => Math.abs(value - plane(i)) < 1e-5));
  expandNatural(out, null, Float64Array.of(7), 1, 1, 32, 32, 24);
  t.true(out.every((value) => value === 7));
});

test("a Gaussian is fitted exactly, from a poor start", (t) => {
  const sci = field([20.3, 15.7, 1000, 2, 1.5]).map((value) => value + 10);
  const fit = fitStar({ nx: NX, ny: NY, sci, bad: null }, 20, 16, 7, 3)!;
  t.true(Math.hypot(fit.x - 20.3, fit.y - 15.7) < 1e-4);
  t.true(Math.abs(fit.major - 2 * 2.354820045) < 1e-3 && Math.abs(fit.minor - 1.5 * 2.354820045) < 1e-3);
  t.true(Math.abs(fit.peak - 1000) < 0.01 && Math.abs(fit.level - 10) < 0.01);
  t.is(fitStar({ nx: NX, ny: NY, sci: sci.fill(1), bad: null }, 20, 16, 7, 2), null);
});

test("2x + y = 5, x − y = 1", (t) => {
  const b = Float64Array.of(5, 1);
  t.true(solve(Float64Array.of(2, 1, 1, -1), b, 2));
  t.deepEqual([...b], [2, 1]);
  t.false(solve(Float64Array.of(1, 2, 2, 4), b, 2));
});
