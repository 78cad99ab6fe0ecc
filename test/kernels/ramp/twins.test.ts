import test from "ava";
import fc from "fast-check";
import { kernelMemory } from "../../../src/kernels/memory.js";
import {
  markSaturated,
  markSaturatedPlain,
  polynomial,
  polynomialPlain,
  subtractFinite,
  subtractFinitePlain,
} from "../../../src/kernels/ramp/correct.js";
import { finishRow, finishRowPlain, settleFaintPlain } from "../../../src/kernels/ramp/finish.js";
import { rawI32 } from "../../../src/kernels/raw.js";
import { pixelsWith, pixelsWithPlain } from "../../../src/kernels/ramp/grow.js";
import {
  cdsNoise,
  cdsNoisePlain,
  scaleRates,
  scaleRatesPlain,
  type Rates,
} from "../../../src/kernels/ramp/rates.js";
import { subtractLevels, subtractLevelsPlain } from "../../../src/kernels/ramp/refpix.js";
import {
  dot16,
  dot16Plain,
  dotF32,
  dotF32Plain,
  dotI32,
  dotI32Plain,
  orPlanes,
  orPlanesPlain,
  widenSums,
  widenSumsPlain,
} from "../../../src/kernels/ramp/sums.js";

const memory = kernelMemory();
test.beforeEach(() => memory.reset());

type Numbers = Float32Array | Float64Array | Uint8Array | Int32Array;

const same = (a: Numbers, b: Numbers): boolean => a.every((value, i) => Object.is(value, b[i]));

function floats(values: readonly number[]): Float32Array {
  const array = memory.f32(values.length);
  array.set(values);
  return array;
}

const f32 = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -70000, max: 70000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, 0, -0, 65535) },
);

/** A stack of `count` planes of `n` samples. */
const stack = fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 2, max: 9 })).chain(([n, count]) =>
  fc.record({
    n: fc.constant(n),
    count: fc.constant(count),
    values: fc.array(f32, { minLength: n * count, maxLength: n * count }),
    bytes: fc.uint8Array({ minLength: 2 * n * (count & ~1), maxLength: 2 * n * (count & ~1) }),
    flags: fc.uint8Array({ minLength: n * count, maxLength: n * count }),
    weights: fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: count, maxLength: count }),
    start: fc.integer({ min: 0, max: n - 1 }),
  }),
);

test("the sum of raw samples ≡ its plain twin, exact and accumulating", (t) => {
  const run = fc.property(stack, fc.boolean(), ({ n, count, bytes, weights, start }, accumulate) => {
    memory.reset();
    const even = count & ~1;
    const raw = memory.raw(bytes.length);
    raw.set(bytes);
    const offsets = memory.u32(even);
    offsets.set(offsets.map((_, k) => 2 * n * k));
    const space = memory.u8(2 * even);
    const w = new Int16Array(space.buffer, space.byteOffset, even);
    w.set(weights.slice(0, even));
    const [fast, plain] = [rawI32(memory, n - start).fill(11), new Int32Array(n - start).fill(11)];
    dot16(fast, raw, start, offsets, w, accumulate);
    dot16Plain(plain, bytes, start, offsets, w, accumulate);
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("integer sums made wide ≡ their plain twin, set or added", (t) => {
  const run = fc.property(fc.array(fc.integer(), { maxLength: 70 }), fc.boolean(), (values, accumulate) => {
    memory.reset();
    const sums = rawI32(memory, values.length);
    sums.set(values);
    const [fast, plain] = [memory.f64(values.length).fill(0.5), new Float64Array(values.length).fill(0.5)];
    widenSums(fast, sums, accumulate);
    widenSumsPlain(plain, sums, accumulate);
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 200 }));
});

test("3·(−32768) + (−2)·32767 + (−1)·(−1) = −163837, beyond 16 bits", (t) => {
  const raw = memory.raw(8);
  raw.set([0x80, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0]);
  const offsets = memory.u32(4);
  offsets.set([0, 2, 4, 6]);
  const space = memory.u8(8);
  const weights = new Int16Array(space.buffer, space.byteOffset, 4);
  weights.set([3, -2, -1, 0]);
  const out = rawI32(memory, 1);
  dot16(out, raw, 0, offsets, weights, false);
  t.is(out[0], -163837);
});

test("the sum of decoded samples ≡ its plain twin, NaN and infinity included", (t) => {
  const run = fc.property(stack, ({ n, count, values, weights, start }) => {
    memory.reset();
    const samples = floats(values);
    const offsets = memory.u32(count);
    offsets.set(offsets.map((_, k) => 4 * n * k));
    const w = memory.f64(count);
    w.set(weights.map((weight) => weight / 7));
    const [fast, plain] = [memory.f64(n - start), new Float64Array(n - start)];
    const known = dotF32(fast, samples, start, offsets, w);
    return known === dotF32Plain(plain, samples, start, offsets, w) && same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the sum of int32 samples ≡ its plain twin", (t) => {
  const run = fc.property(stack, fc.constantFrom(0, 2147483648), ({ n, count, weights, start }, zero) => {
    memory.reset();
    const samples = rawI32(memory, n * count);
    samples.forEach((_, i) => (samples[i] = (i * 2654435761) | 0));
    const offsets = memory.u32(count);
    offsets.set(offsets.map((_, k) => 4 * n * k));
    const w = memory.f64(count);
    w.set(weights.map((weight) => weight / 7));
    const [fast, plain] = [memory.f64(n - start), new Float64Array(n - start)];
    dotI32(fast, samples, zero, start, offsets, w);
    dotI32Plain(plain, samples, zero, start, offsets, w);
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the OR of flag planes ≡ its plain twin", (t) => {
  const run = fc.property(stack, fc.constantFrom(255, 1, 6, 64), ({ n, count, flags, start }, mask) => {
    memory.reset();
    const inside = memory.raw(flags.length);
    inside.set(flags);
    const [fast, plain] = [memory.u8(n - start), new Uint8Array(n - start)];
    const any = orPlanes(fast, inside, start, count, n, mask);
    return any === orPlanesPlain(plain, flags, start, count, n, mask) && same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

for (const [where, values] of [
  ["where no pixel is faint", fc.double({ min: 4000, max: 9e6, noNaN: true })],
  [
    "with faint, bright, negative and missing pixels",
    fc.oneof(fc.double({ min: -40, max: 40 }), fc.double()),
  ],
] as const)
  test(`the end of a fit ≡ its plain twin ${where}`, (t) => {
    const positive = fc.double({ min: 0.5, max: 9, noNaN: true });
    const run = fc.property(
      fc.array(fc.tuple(values, positive, positive, positive), { maxLength: 90 }),
      (pixels) => {
        memory.reset();
        const n = pixels.length;
        const width = 40;
        const column = (k: number): Float64Array => {
          const array = memory.f64(n);
          pixels.forEach((pixel, i) => (array[i] = pixel[k]!));
          return array;
        };
        const estimate = { num: column(0), den: column(1), cP: column(2), cR: column(3) };
        const detector = { m: column(1), a: column(2), b: column(3), d: column(2) };
        const fast = { sci: memory.f32(n), err: memory.f32(n), varP: memory.f32(n), varR: memory.f32(n) };
        const plain = {
          sci: new Float32Array(n),
          err: new Float32Array(n),
          varP: new Float32Array(n),
          varR: new Float32Array(n),
        };
        finishRow(fast, estimate, detector, width);
        if (finishRowPlain(plain, estimate, detector)) settleFaintPlain(plain, estimate, detector, width);
        return (["sci", "err", "varP", "varR"] as const).every((key) => same(fast[key], plain[key]));
      },
    );
    t.notThrows(() => fc.assert(run, { numRuns: 300 }));
  });

test("the saturation test ≡ its plain twin", (t) => {
  const run = fc.property(stack, ({ n, values, flags }) => {
    memory.reset();
    const samples = floats(values.slice(0, n));
    const threshold = floats(values.slice(n, 2 * n));
    const [fast, plain] = [memory.u8(n), flags.slice(0, n)];
    fast.set(plain);
    const [run1, run2] = [memory.u8(n), new Uint8Array(n)];
    flags.slice(n, 2 * n).forEach((flag, i) => (run1[i] = run2[i] = (flag & 1) * 255));
    const any = markSaturated(fast, run1, samples, threshold);
    return (
      any === markSaturatedPlain(plain, run2, samples, threshold) && same(fast, plain) && same(run1, run2)
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("pixels with flags ≡ the plain twin", (t) => {
  const run = fc.property(stack, fc.integer({ min: 1, max: 255 }), ({ n, flags }, bits) => {
    memory.reset();
    const given = memory.u8(n);
    given.set(flags.slice(0, n).map((flag) => (flag % 3 === 0 ? flag : 0)));
    const [fast, plain] = [memory.u32(n), new Uint32Array(n)];
    const count = pixelsWith(fast, given, bits);
    return (
      count === pixelsWithPlain(plain, given, bits) && plain.every((at, i) => i >= count || at === fast[i])
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the polynomial ≡ its plain twin, each step rounded to float32", (t) => {
  const run = fc.property(stack, fc.integer({ min: 1, max: 3 }), ({ n, count, values, flags }, keep) => {
    memory.reset();
    // the last pixels of a plane
    const from = n >> keep;
    const planes = Math.max(2, count >> 1);
    const c = floats(values.slice(0, planes * n).map((value, i) => value * 1e-3 ** Math.floor(i / n)));
    const [fast, plain] = [floats(values.slice(from, n)), Float32Array.from(values.slice(from, n))];
    const inside = memory.u8(n - from);
    inside.set(flags.slice(from, n));
    const part = { from, plane: n, keep };
    polynomial(fast, c, { ...part, flags: keep === 3 ? null : inside });
    polynomialPlain(plain, c, { ...part, flags: keep === 3 ? null : flags.slice(from, n) });
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("subtraction ≡ its plain twin; NaN subtracts nothing", (t) => {
  const run = fc.property(stack, ({ n, values }) => {
    memory.reset();
    const d = floats(values.slice(n, 2 * n));
    const [fast, plain] = [floats(values.slice(0, n)), Float32Array.from(values.slice(0, n))];
    subtractFinite(fast, d);
    subtractFinitePlain(plain, d);
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 200 }));
  const samples = floats([5, 7]);
  subtractFinite(samples, floats([NaN, 3]));
  t.deepEqual([...samples], [5, 4]);
});

test("levels of columns and rows: SIMD ≡ plain, each subtraction rounded", (t) => {
  const value = fc.float({ min: -70000, max: 70000, noNaN: true });
  const frames = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 5 }), fc.boolean());
  const run = fc.property(frames, fc.infiniteStream(value), ([nx, ny, rowsFirst], stream) => {
    memory.reset();
    const take = (n: number): number[] => Array.from({ length: n }, () => stream.next().value!);
    const [columns, rows, values] = [floats(take(nx)), floats(take(ny)), take(nx * ny)];
    const [fast, plain] = [floats(values), Float32Array.from(values)];
    subtractLevels(fast, columns, rows, rowsFirst);
    subtractLevelsPlain(plain, columns, rows, rowsFirst);
    return same(fast, plain);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 100 }));
});

test("the noise of pixels ≡ its plain twin, and tells of references without use", (t) => {
  const many = fc.array(fc.oneof({ weight: 9, arbitrary: fc.float({ min: 0, max: 50, noNaN: true }) }, f32), {
    ...{ minLength: 1, maxLength: 37 },
  });
  const run = fc.property(many, fc.boolean(), fc.boolean(), (values, byGain, byNoise) => {
    memory.reset();
    const n = values.length;
    const all = { gain: 1.8, noise: 12, digitising: 1 / 12 };
    const [gains, noises] = [byGain ? floats(values) : null, byNoise ? floats(values.toReversed()) : null];
    const fast = [memory.f64(n), memory.f64(n)] as const;
    const plain = [new Float64Array(n), new Float64Array(n)] as const;
    const known = cdsNoise(...fast, { ...all, gains, noises });
    const bad = (byGain && values.some((g) => !(g > 0))) || (byNoise && values.some((r) => !(r >= 0)));
    return (
      known === cdsNoisePlain(...plain, { ...all, gains, noises }) &&
      known === !bad &&
      same(fast[0], plain[0]) &&
      same(fast[1], plain[1])
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 200 }));
});

test("rates in another unit ≡ their plain twin; without a value they can't be used", (t) => {
  const run = fc.property(fc.array(f32, { minLength: 1, maxLength: 37 }), (values) => {
    memory.reset();
    const n = values.length;
    const factors = memory.f64(n);
    factors.forEach((_, i) => (factors[i] = 0.3 * i - 2));
    const planes = () => ({
      sci: floats(values),
      err: floats(values),
      varP: floats(values),
      varR: floats(values),
    });
    const [fast, plain] = [planes(), planes()].map((one) => ({ ...one, dq: memory.u32(n).fill(4) })) as [
      Rates,
      Rates,
    ];
    const gain = memory.f64(n).fill(2);
    gain[n >> 1] = -1;
    scaleRates(fast, factors, gain);
    scaleRatesPlain(plain, factors, gain, 0);
    return (
      same(fast.sci, plain.sci) &&
      same(fast.err, plain.err) &&
      same(fast.varP, plain.varP) &&
      same(fast.varR, plain.varR) &&
      fast.dq.every(
        (flag, i) => flag === plain.dq[i] && flag === (Number.isNaN(values[i]) || i === n >> 1 ? 5 : 4),
      )
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 200 }));
});
