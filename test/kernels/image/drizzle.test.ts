import test from "ava";
import fc from "fast-check";
import {
  drizzle,
  drizzleKernels,
  type Drizzled,
  type DrizzleInput,
} from "../../../src/kernels/image/drizzle.js";
import {
  enterColumn,
  makeQuad,
  overlapAt,
  setQuad,
  spanOverlap,
} from "../../../src/kernels/image/overlap.js";
import { uniform } from "../../helpers/images.js";

/** Area of the square [ox, ox + 1] × [oy, oy + 1] in the quadrilateral. */
function quadOverlap(x: Float64Array, y: Float64Array, ox: number, oy: number): number {
  const quad = makeQuad();
  setQuad(quad, x, y);
  enterColumn(quad, ox);
  return overlapAt(quad, oy);
}

const empty = (nx: number, ny: number, y0 = 0): Drizzled & { context: Int32Array } => ({
  nx,
  ny,
  y0,
  sci: new Float32Array(nx * ny),
  variance: new Float32Array(nx * ny),
  weight: new Float32Array(nx * ny),
  context: new Int32Array(2 * nx * ny),
  dq: new Uint32Array(nx * ny),
});

function inputOf(nx: number, ny: number, place: (x: number, y: number) => [number, number]): DrizzleInput {
  const next = uniform(7);
  const n = nx * ny;
  const places = Array.from({ length: n }, (_, i) => place(i % nx, Math.floor(i / nx)));
  return {
    nx,
    ny,
    sci: Float32Array.from({ length: n }, () => 10 + next()),
    variance: new Float32Array(n).fill(4),
    weight: new Float32Array(n).fill(1),
    dq: new Uint32Array(n),
    x: Float64Array.from(places, ([x]) => x),
    y: Float64Array.from(places, ([, y]) => y),
  };
}

const policy = { kernel: "square", pixfrac: 1, iscale: 1, scaleRatio: 1, index: 0 } as const;
const same = (x: number, y: number): [number, number] => [x, y];

test("overlap: a shifted square, a diamond, none", (t) => {
  const shifted = [Float64Array.of(0.25, 1.25, 1.25, 0.25), Float64Array.of(-0.5, -0.5, 0.5, 0.5)] as const;
  t.is(quadOverlap(...shifted, 0, 0), 0.75 * 0.5);
  t.is(quadOverlap(...shifted, 5, 0), 0);
  // corners at distance 1 about the square's centre: covers it all; at ½: half of it
  const diamond = (r: number) =>
    [Float64Array.of(0.5 + r, 0.5, 0.5 - r, 0.5), Float64Array.of(0.5, 0.5 + r, 0.5, 0.5 - r)] as const;
  t.is(quadOverlap(...diamond(1), 0, 0), 1);
  t.is(quadOverlap(...diamond(0.5), 0, 0), 0.5);
  t.is(spanOverlap(-0.25, 0.75, 0), 0.75);
  t.is(spanOverlap(1, 2, 0), 0);
});

test("overlaps with all unit pixels add up to the quadrilateral's area", (t) => {
  const at = fc.double({ min: 0, max: 3, noNaN: true });
  const angle = fc.double({ min: 0, max: 7, noNaN: true });
  fc.assert(
    fc.property(at, at, angle, (cx, cy, a) => {
      const corner = (k: number): number => a + (k * Math.PI) / 2;
      const x = Float64Array.from({ length: 4 }, (_, k) => cx + Math.cos(corner(k)));
      const y = Float64Array.from({ length: 4 }, (_, k) => cy + Math.sin(corner(k)));
      let sum = 0;
      for (let n = -2; n < 6; n++) for (let m = -2; m < 6; m++) sum += quadOverlap(x, y, m, n);
      t.true(Math.abs(sum - 2) < 1e-9);
    }),
  );
});

test("onto its own grid an exposure comes out as it went in", (t) => {
  for (const kernel of ["square", "point", "turbo"] as const) {
    const [out, input] = [empty(9, 8), inputOf(9, 8, same)];
    drizzle(out, input, { ...policy, kernel });
    t.deepEqual(out.sci, input.sci, kernel);
    t.deepEqual(out.variance, input.variance, kernel);
    t.true(
      out.weight.every((w) => Math.abs(w - 1) < 1e-6),
      kernel,
    );
  }
});

test("ΣS·W = Σd·w: counts are kept under rotation and shear, by drops of any size", (t) => {
  const turned = (x: number, y: number): [number, number] => [8 + 0.9 * x - 0.4 * y, 2 + 0.4 * x + 0.95 * y];
  for (const pixfrac of [1, 0.6]) {
    const [out, input] = [empty(30, 30), inputOf(12, 12, turned)];
    drizzle(out, input, { ...policy, pixfrac });
    const got = out.sci.reduce((sum, s, i) => sum + s * out.weight[i]!, 0);
    const given = input.sci.reduce((sum, s) => sum + s, 0);
    t.true(Math.abs(got / given - 1) < 1e-5, String(got / given));
  }
});

test("a constant stays constant with every kernel", (t) => {
  for (const kernel of drizzleKernels) {
    const [out, input] = [empty(14, 14), inputOf(20, 20, (x, y) => [x - 3.3, y - 2.8])];
    input.sci.fill(5);
    drizzle(out, input, { ...policy, kernel });
    t.true(
      out.sci.every((s) => Math.abs(s - 5) < 1e-4),
      kernel,
    );
  }
});

test("two exposures of equal weight: mean, half the variance, two context bits, flags of both", (t) => {
  const out = empty(4, 4);
  const [first, second] = [inputOf(4, 4, same), inputOf(4, 4, same)];
  second.sci.fill(20);
  second.dq[5] = 16;
  drizzle(out, first, policy);
  drizzle(out, second, { ...policy, index: 33 });
  t.true(Math.abs(out.sci[5]! - (first.sci[5]! + 20) / 2) < 1e-5);
  t.is(out.variance[5], 2);
  t.deepEqual([out.context[5], out.context[16 + 5]], [1, 2]);
  t.deepEqual([out.dq[5], out.dq[6]], [16, 0]);
});

test("a pixel of weight 0, or without a place, gives nothing", (t) => {
  for (const kernel of drizzleKernels) {
    const [out, input] = [empty(3, 3), inputOf(3, 3, same)];
    input.weight.fill(0);
    input.weight[4] = 1;
    input.x.fill(NaN);
    drizzle(out, input, { ...policy, kernel });
    t.true(
      out.weight.every((w) => w === 0),
      kernel,
    );
  }
});
