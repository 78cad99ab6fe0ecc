import test from "ava";
import fc from "fast-check";
import { heap } from "../../../src/kernels/alloc.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { flagCoefficients, flagCoefficientsPlain } from "../../../src/kernels/ramp/correct.js";
import {
  detectorRow,
  detectorRowPlain,
  flagRow,
  flagRowPlain,
} from "../../../src/kernels/ramp/detector-row.js";
import { makeDriftFilter, rowDrifts, rowDriftsPlain } from "../../../src/kernels/ramp/row-drifts.js";

const memory = kernelMemory();
test.beforeEach(() => memory.reset());

type Numbers = Float32Array | Float64Array | Uint32Array;

const same = (a: Numbers, b: Numbers): boolean => a.every((value, i) => Object.is(value, b[i]));

function inside<T extends Float32Array | Uint32Array | Uint8Array>(values: T): T {
  const bytes = memory.raw(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return new (values.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => T)(
    bytes.buffer,
    bytes.byteOffset,
    values.length,
  );
}

const some = fc.oneof(
  { weight: 6, arbitrary: fc.float({ min: -50, max: 90, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(NaN, 0, -0, 3) },
);
const floats = (n: number) => fc.array(some, { minLength: n, maxLength: n }).map((a) => Float32Array.from(a));
const words = (n: number) =>
  fc.array(fc.constantFrom(0, 0, 0, 1, 2, 256, 1048576), { minLength: n, maxLength: n });

test("what the detector makes of a row ≡ its plain twin, with and without references", (t) => {
  const run = fc.property(
    fc.integer({ min: 1, max: 21 }).chain((n) => fc.tuple(fc.constant(n), floats(n), floats(n), floats(n))),
    fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
    ([n, gains, noises, darks], [withGains, withNoises, withDarks, electrons]) => {
      memory.reset();
      const start = n >> 2;
      const row = (of: (length: number) => Float64Array) => {
        const one = (): Float64Array => of(n - start);
        return { m: one(), a: one(), b: one(), d: one() };
      };
      const source = (to: (plane: Float32Array) => Float32Array) => ({
        gains: withGains ? to(gains) : null,
        noises: withNoises ? to(noises) : null,
        ...{ gain: 3.04, noise: 5, digitising: 1 / 12 },
      });
      const unit = (to: (plane: Float32Array) => Float32Array) => ({
        darks: withDarks ? to(darks) : null,
        ...{ electrons, perSecond: 0.3, ramps: 2, dark: 0.01 },
      });
      const [fast, plain] = [row((length) => memory.f64(length)), row((length) => new Float64Array(length))];
      detectorRow(fast, source(inside), unit(inside), start);
      const own = (plane: Float32Array): Float32Array => plane;
      detectorRowPlain(plain, source(own), unit(own), start);
      return (["m", "a", "b", "d"] as const).every((key) => same(fast[key], plain[key]));
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the flags of a row ≡ their plain twin: no value without DO_NOT_USE, and none with it", (t) => {
  const run = fc.property(
    fc
      .integer({ min: 1, max: 21 })
      .chain((n) =>
        fc.tuple(floats(n), floats(n), floats(n), words(n), fc.uint8Array({ minLength: n, maxLength: n })),
      ),
    fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    ([values, gains, noises, pixels, reads], [withGains, withNoises, withFlags]) => {
      memory.reset();
      const start = values.length >> 2;
      const n = values.length - start;
      const bits = { gain: 524289, noise: 256 };
      const planes = (): Float32Array => values.slice(0, n);
      const source = (to: (plane: Float32Array) => Float32Array) => ({
        gains: withGains ? to(gains) : null,
        noises: withNoises ? to(noises) : null,
        ...{ gain: 1, noise: 5, digitising: 0 },
      });
      const flags = withFlags ? reads.slice(0, n) : null;
      const pixeldq = Uint32Array.from(pixels);
      const plain = { sci: planes(), err: planes(), varP: planes(), varR: planes() };
      const fast = {
        sci: inside(planes()),
        err: inside(planes()),
        varP: inside(planes()),
        varR: inside(planes()),
      };
      const [dq, dqPlain] = [memory.u32(n), new Uint32Array(n)];
      flagRow(fast, dq, inside(pixeldq), flags && inside(flags), source(inside), bits, start);
      flagRowPlain(
        plain,
        dqPlain,
        pixeldq,
        flags,
        source((plane) => plane),
        bits,
        start,
      );
      return (
        same(dq, dqPlain) &&
        (["sci", "err", "varP", "varR"] as const).every((key) => same(fast[key], plain[key])) &&
        fast.sci.every((value, i) => Number.isNaN(value) === ((dq[i]! & 1) !== 0))
      );
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the search for coefficients without use ≡ its plain twin", (t) => {
  const run = fc.property(
    fc
      .tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 2, max: 4 }))
      .chain(([n, planes]) => fc.tuple(words(n), floats(n * planes))),
    ([flags, c]) => {
      memory.reset();
      const [fast, plain] = [inside(Uint32Array.from(flags)), Uint32Array.from(flags)];
      const any = flagCoefficients(fast, inside(c), 1048576);
      return any === flagCoefficientsPlain(plain, c, 1048576) && same(fast, plain);
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the drifts of rows ≡ their plain twin, whatever is missing, at the frame's edges and within", (t) => {
  const run = fc.property(
    fc.integer({ min: 1, max: 23 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom(1, 4, 5, 11),
    fc.integer({ min: 0, max: 9 }),
    fc.infiniteStream(some),
    fc.infiniteStream(fc.constantFrom(0, 0, 0, 0, 1)),
    (ny, border, smoothing, y0, values, flags) => {
      memory.reset();
      const length = 2 * border * ny;
      const sides = Float32Array.from({ length }, () => values.next().value);
      const bad = Uint8Array.from({ length }, () => flags.next().value);
      const options = { border, smoothing, sideGain: 0.75, channels: 1, oddEven: true, clip: 3 };
      const extent = { y0, ny, frame: y0 + ny + 4 };
      const [fast, plain] = [memory.f32(ny), new Float32Array(ny)];
      rowDrifts(makeDriftFilter(options, extent, memory), inside(sides), inside(bad), fast);
      rowDriftsPlain(makeDriftFilter(options, extent, heap), sides, bad, plain);
      return same(fast, plain);
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});
