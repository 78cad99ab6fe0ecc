import test from "ava";
import fc from "fast-check";
import { heap, type Alloc } from "../../../src/kernels/alloc.js";
import { kernelMemory } from "../../../src/kernels/memory.js";
import { findJumps } from "../../../src/kernels/ramp/jump.js";
import {
  collectGiven,
  differences,
  makeWork,
  type JumpInput,
  type JumpOptions,
} from "../../../src/kernels/ramp/jump-work.js";
import { iterate } from "../../../src/kernels/ramp/jump-search.js";
import { wide, widePlain } from "../../../src/kernels/ramp/jump-short.js";
import { makeTable, screen, screenPlain, type Table } from "../../../src/kernels/ramp/jump-screen.js";
import { makeDifferences } from "../../../src/kernels/ramp/likelihood-differences.js";
import { fitCleanLikelihood, makeCleanLikelihood } from "../../../src/kernels/ramp/likelihood-clean.js";
import { fitClean, fitCleanPlain, makeCleanFit } from "../../../src/kernels/ramp/optimal-clean.js";
import { fitOptimal } from "../../../src/kernels/ramp/optimal.js";
import type { OptimalInput, OptimalPlanes } from "../../../src/kernels/ramp/optimal-input.js";
import { medianNetwork } from "../../../src/kernels/ramp/selection.js";
import { normal, uniform } from "../../helpers/images.js";

const memory = kernelMemory();
test.beforeEach(() => memory.reset());

test("a selection network leaves the middle values where sorting does", (t) => {
  const run = fc.property(fc.array(fc.integer({ max: 30 }), { minLength: 1, maxLength: 45 }), (values) => {
    const n = values.length;
    const sorted = values.toSorted((a, b) => a - b);
    for (const [a, b] of medianNetwork(n))
      if (values[a]! > values[b]!) [values[a], values[b]] = [values[b]!, values[a]!];
    return values[n >> 1] === sorted[n >> 1] && values[(n - 1) >> 1] === sorted[(n - 1) >> 1];
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

/** Ramps of every signal-to-noise class, [ngroups][n]. */
const ramps = fc
  .tuple(fc.integer({ min: 1, max: 29 }), fc.integer({ min: 3, max: 24 }), fc.integer({ min: 1, max: 1e6 }))
  .map(([n, ngroups, seed]) => {
    const [next, deviate] = [uniform(seed), normal(seed + 1)];
    const values = new Float32Array(n * ngroups);
    for (let i = 0; i < n; i++) {
      const rate = 10 ** (4 * next() - 1);
      for (let g = 0; g < ngroups; g++)
        values[g * n + i] = 1000 + rate * g + 5 * deviate() + (next() < 0.02 ? 500 : 0);
    }
    const gain = Float64Array.from({ length: n }, () => 0.5 + 3 * next());
    const sigma = Float64Array.from({ length: n }, () => 3 + 5 * next());
    return { n, ngroups, values, gain, sigma };
  });

function inside(values: Float32Array): Float32Array {
  const copy = memory.f32(values.length);
  copy.set(values);
  return copy;
}

const same = (a: Float64Array | Uint8Array, b: Float64Array | Uint8Array): boolean =>
  a.every((value, i) => Object.is(value, b[i]));

interface Ramps {
  n: number;
  ngroups: number;
  values: Float32Array;
  gain: Float64Array;
  sigma: Float64Array;
}

/** Copies of `ramps` in the kernels' memory, or outside it. */
function optimalInput(
  ramp: Ramps,
  alloc: Alloc,
  flags: Uint8Array | null,
  more: Partial<OptimalInput>,
): OptimalInput {
  const { n, ngroups, values, gain, sigma } = ramp;
  const [sci, g, s, dark] = [alloc.f32(values.length), alloc.f64(n), alloc.f64(n), alloc.f64(n)];
  sci.set(values);
  g.set(gain);
  s.set(sigma);
  dark.fill(0.01);
  const groupdq = flags && alloc.u8(flags.length);
  groupdq?.set(flags!);
  const pixeldq = alloc.u32(n);
  pixeldq.forEach((_, i) => (pixeldq[i] = i % 7 === 3 ? 1 << (i % 5) : 0));
  return {
    ...{ nints: 1, ngroups, sci, groupdq, pixeldq, gain: g, readNoise: s, dark, zeroframe: null },
    ...{ nframes: 2, tframe: 1.5, tgroup: 4.5, dropframes: 0, suppressOne: true },
    ...more,
  };
}

const planesIn = (n: number, alloc: Alloc): OptimalPlanes => ({
  ...{ slope: alloc.f32(n), err: alloc.f32(n), varP: alloc.f32(n), varR: alloc.f32(n), dq: alloc.u32(n) },
});

const samePlanes = (a: OptimalPlanes, b: OptimalPlanes, but: Uint32Array = new Uint32Array()): boolean =>
  (["slope", "err", "varP", "varR", "dq"] as const).every((key) =>
    a[key].every((value, i) => Object.is(value, b[key][i]) || but.includes(i)),
  );

test("the weighted slope of clean ramps ≡ its plain twin", (t) => {
  const run = fc.property(ramps, fc.boolean(), (ramp, joint) => {
    memory.reset();
    const whole = ramp.n & ~15;
    ramp.values[ramp.n >> 1] = NaN;
    ramp.gain[0] = -1;
    const [inner, outer] = [optimalInput(ramp, memory, null, {}), optimalInput(ramp, heap, null, {})];
    const [fast, plain] = [planesIn(ramp.n, memory), planesIn(ramp.n, heap)];
    const [fit, twin] = [makeCleanFit(inner, memory), makeCleanFit(outer, heap)];
    const count = fitClean(fit, inner, fast, null, 0, whole, joint);
    const other = fitCleanPlain(twin, outer, plain, null, 0, 0, whole, joint);
    const left = twin.list.subarray(0, other);
    return (
      count === other &&
      samePlanes(fast, plain, left) &&
      left.every((p, i) => fit.list[i] === p && kept(fit, i, ramp).every(Boolean))
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 150 }));
});

test("flagged ramps fitted eight at a time ≡ fitted one by one", (t) => {
  const run = fc.property(
    ramps,
    fc.integer({ min: 0, max: 10 }),
    fc.boolean(),
    (ramp, share, suppressOne) => {
      memory.reset();
      const next = uniform(ramp.values.length + share);
      const some = [1, 2, 4, 5, 6, 32, 36, 129];
      const flags = Uint8Array.from(ramp.values, () => (next() < share / 10 ? some[(8 * next()) | 0]! : 0));
      const [inner, outer] = [
        optimalInput(ramp, memory, flags, { suppressOne }),
        optimalInput(ramp, heap, flags, { suppressOne }),
      ];
      const [fast, plain] = [planesIn(ramp.n, memory), planesIn(ramp.n, heap)];
      fitOptimal(inner, fast, null, null, memory);
      fitOptimal(outer, plain, null);
      return samePlanes(fast, plain);
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 500 }));
});

/** Copies of the arrays of `ramps` in the kernels' memory, or as they are. */
function jumpInput(
  {
    n,
    ngroups,
    values,
    gain,
    sigma,
  }: { n: number; ngroups: number; values: Float32Array } & Record<"gain" | "sigma", Float64Array>,
  flags: Uint8Array | null,
  kernels: boolean,
): JumpInput {
  const [sci, groupdq] = kernels
    ? [inside(values), memory.u8(values.length)]
    : [values, new Uint8Array(values.length)];
  if (flags) groupdq.set(flags);
  const copy = (from: Float64Array): Float64Array => {
    const to = kernels ? memory.f64(n) : new Float64Array(n);
    to.set(from);
    return to;
  };
  const shape = { nx: n, ny: 1, nints: 1, ngroups, nframes: 1, uneven: null };
  return { ...shape, sci, groupdq, flagged: flags !== null, gain: copy(gain), readNoise: copy(sigma) };
}

test("the search for suspect ramps ≡ its plain twin; NaN is suspect", (t) => {
  const run = fc.property(ramps, fc.boolean(), (ramp, hole) => {
    memory.reset();
    const { n, ngroups, values } = ramp;
    if (hole) values[(n * ngroups) >> 1] = NaN;
    const whole = n & ~15;
    const table = makeTable(ngroups, memory);
    const count = screen(table, jumpInput(ramp, null, true), null, 0, whole, 4);
    const plain = new Uint32Array(n);
    const found = plain.subarray(0, screenPlain(plain, jumpInput(ramp, null, false), null, 0, 0, whole, 4));
    const hollow = ((n * ngroups) >> 1) % n;
    return (
      count === found.length &&
      found.every((p, i) => table.list[i] === p && kept(table, i, ramp).every(Boolean)) &&
      (!hole || hollow >= whole || found.includes(hollow))
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 150 }));
});

/** Whether each sample of the i-th pixel in doubt was kept. */
const kept = (
  { list, kept }: Pick<Table, "list" | "kept">,
  i: number,
  { n, ngroups, values }: Ramps,
): boolean[] =>
  Array.from({ length: ngroups }, (_, g) => Object.is(kept[i * ngroups + g], values[g * n + list[i]!]));

test("hits of flagged ramps, found eight at a time ≡ found one by one", (t) => {
  const run = fc.property(ramps, fc.integer({ min: 0, max: 9 }), (ramp, share) => {
    memory.reset();
    const next = uniform(ramp.values.length + share);
    const flags = Uint8Array.from(ramp.values, () =>
      next() < share / 10 ? [1, 2, 4, 5, 6, 32][(6 * next()) | 0]! : 0,
    );
    const all = { ...options, flagNeighbors: true, after: [{ dn: 100, groups: 2 }] };
    const [fast, plain] = [jumpInput(ramp, flags, true), jumpInput(ramp, flags, false)];
    findJumps(fast, all, { usable: ramp.ngroups, full: null }, memory);
    findJumps(plain, all, { usable: ramp.ngroups, full: null });
    return same(fast.groupdq, plain.groupdq);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("short ramps in doubt ≡ those of the plain twin; NaN and a gain of 0 are in doubt", (t) => {
  const run = fc.property(ramps, fc.boolean(), (ramp, hole) => {
    memory.reset();
    const { n, ngroups, values, gain } = ramp;
    if (hole) [values[(n * ngroups) >> 1], gain[0]] = [NaN, 0];
    const [list, plain] = [memory.u32(n), new Uint32Array(n)];
    const count = wide(list, jumpInput(ramp, null, true), null, 0, n, 4, memory.u8(64 * ngroups));
    const found = plain.subarray(0, widePlain(plain, jumpInput(ramp, null, false), null, 0, 0, n, 4));
    const inDoubt = found.includes(((n * ngroups) >> 1) % n) && found.includes(0);
    return count === found.length && found.every((p, i) => list[i] === p) && (!hole || inDoubt);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 150 }));
});

test("hits of short ramps, one after the other ≡ a search of every pixel", (t) => {
  const run = fc.property(ramps, fc.integer({ min: 0, max: 9 }), (ramp, share) => {
    memory.reset();
    const next = uniform(ramp.values.length + share);
    const flags = Uint8Array.from(ramp.values, () =>
      next() < share / 20 ? [1, 2, 4, 5, 6, 32][(6 * next()) | 0]! : 0,
    );
    const inTurn = { ...options, singlePass: 100 };
    const [fast, every] = [jumpInput(ramp, flags, true), jumpInput(ramp, flags, false)];
    findJumps(fast, inTurn, { usable: ramp.ngroups, full: null }, memory);
    const work = makeWork(every);
    for (let p = 0; p < ramp.n; p++) {
      collectGiven(every, work, p);
      differences(every, work, p);
      iterate(every, work, p, inTurn);
    }
    return same(fast.groupdq, every.groupdq);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("the likelihood of clean ramps ≡ its plain twin", (t) => {
  const run = fc.property(ramps, fc.boolean(), ({ n, ngroups, values, gain, sigma }, darkened) => {
    memory.reset();
    const differences = makeDifferences(Array.from({ length: ngroups + 1 }, (_, g) => [1.5 * g + (g % 3)]));
    const copy = (from: Float64Array): Float64Array => {
      const to = memory.f64(n);
      to.set(from);
      return to;
    };
    // one group more than the ramps have: the last one again
    const longer = Float32Array.of(...values, ...values.subarray(values.length - n));
    const result = (alloc: Alloc) => ({
      ...{ rate: alloc.f64(n), info: alloc.f64(n), varP: alloc.f64(n), varR: alloc.f64(n) },
      ...{ chisq: alloc.f64(n), suspect: alloc.u8(n) },
    });
    const [fast, plain] = [result(memory), result(heap)];
    const dark = darkened ? copy(sigma) : null;
    const [g, s] = [copy(gain), copy(sigma)];
    fitCleanLikelihood(
      makeCleanLikelihood(differences, memory),
      fast,
      inside(longer),
      0,
      n,
      g,
      s,
      dark,
      20.25,
    );
    fitCleanLikelihood(makeCleanLikelihood(differences, heap), plain, longer, 0, n, gain, sigma, dark, 20.25);
    return (Object.keys(fast) as (keyof typeof fast)[]).every((key) => same(fast[key], plain[key]));
  });
  t.notThrows(() => fc.assert(run, { numRuns: 150 }));
});

test("clean ramps fitted together = fitted one by one, to 1e-6", (t) => {
  const run = fc.property(ramps, ({ n, ngroups, values, gain, sigma }) => {
    const input: OptimalInput = {
      ...{ nints: 1, ngroups, sci: values, groupdq: null, pixeldq: new Uint32Array(n) },
      ...{ gain, readNoise: sigma, dark: null, zeroframe: null, nframes: 1 },
      ...{ tframe: 1.5, tgroup: 1.5, dropframes: 0, suppressOne: true },
    };
    const [together, single] = [planesIn(n, heap), planesIn(n, heap)];
    fitOptimal(input, together, null, null, memory);
    // asking for segments turns the common path off
    fitOptimal(input, single, null, { segment: () => undefined, integration: () => undefined });
    const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b) + 1e-5;
    return (["slope", "err", "varP", "varR"] as const).every((key) =>
      together[key].every((value, i) => near(value, single[key][i]!)),
    );
  });
  t.notThrows(() => fc.assert(run, { numRuns: 100 }));
});

const options: JumpOptions = {
  ...{
    rejection: 4,
    rejectionOfThree: 5,
    rejectionOfTwo: 6,
    singlePass: 2,
    clipFrom: 100,
    acrossGroups: false,
  },
  ...{ flagNeighbors: false, neighborsFrom: 10, neighborsTo: 1000, after: [], medianGain: false },
};

test("hits found = |d − median| > 4·√(|median| + R²), whatever the quick look leaves out", (t) => {
  const run = fc.property(ramps, ({ n, ngroups, values, gain, sigma }) => {
    memory.reset();
    const input = jumpInput({ n, ngroups, values, gain, sigma }, null, true);
    const { groupdq } = input;
    findJumps(input, options, { usable: ngroups, full: null }, memory);
    for (let i = 0; i < n; i++) {
      const x = Array.from({ length: ngroups }, (_, g) => Math.fround(values[g * n + i]! * gain[i]!));
      const d = x.slice(1).map((value, g) => Math.fround(value - x[g]!));
      const sorted = d.toSorted((a, b) => a - b);
      const median = (sorted[(d.length - 1) >> 1]! + sorted[d.length >> 1]!) / 2;
      const noise = Math.sqrt(Math.abs(median) + Math.fround(sigma[i]! * gain[i]!) ** 2);
      const expected = d.map((value) => (Math.abs(value - median) / noise > 4 ? 4 : 0));
      if (expected.some((flag, g) => groupdq[(g + 1) * n + i] !== flag)) return false;
    }
    return true;
  });
  t.notThrows(() => fc.assert(run, { numRuns: 150 }));
});
