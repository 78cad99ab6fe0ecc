import test from "ava";
import * as v from "valibot";
import type { Image, Ramp, Reference } from "../../src/data/kinds.js";
import { heap, type Alloc } from "../../src/kernels/alloc.js";
import { kernelMemory } from "../../src/kernels/memory.js";
import type { AnyStep } from "../../src/step/define.js";
import { chargeMigration } from "../../src/steps/charge_migration.js";
import { dark } from "../../src/steps/dark.js";
import { dqInit } from "../../src/steps/dq_init.js";
import { ipc } from "../../src/steps/ipc.js";
import { jump } from "../../src/steps/jump.js";
import { linearity } from "../../src/steps/linearity.js";
import { persistence } from "../../src/steps/persistence.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { saturation } from "../../src/steps/saturation.js";
import { superbias } from "../../src/steps/superbias.js";
import { uniform } from "../helpers/images.js";
import { bandOf, exposureOf, rampOf, rawRampOf, readoutOf, referenceOf, rowsOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const [nx, ny, ngroups, most] = [37, 23, 6, 2];
const memory = kernelMemory();
test.beforeEach(() => memory.reset());

const random = uniform(7);
const plane = (value: (i: number) => number, planes = 1): number[] =>
  Array.from({ length: planes * nx * ny }, (_, i) => value(i));

/** Ramps that reach saturation here and there; some flags, some zero samples. */
const slopes = plane(() => 20 + 30000 * random() ** 6);
const counts = Array.from({ length: most * ngroups * nx * ny }, (_, i) => {
  const g = Math.floor(i / (nx * ny)) % ngroups;
  return Math.min(60000, Math.round(slopes[i % (nx * ny)]! * (g + 1) + 40 * random()));
});
const flags = counts.map(() => (random() < 0.01 ? 1 : random() < 0.01 ? 4 : 0));

const exposure = (nframes: number) =>
  exposureOf(readoutOf(ngroups, { nframes, tframe: 1.5 }), { gain: 2, readNoise: 9 });
const refs = {
  mask: referenceOf(
    nx,
    ny,
    plane(() => 0),
    { dq: plane(() => (random() < 0.03 ? 1025 : 0)) },
  ),
  saturation: referenceOf(
    nx,
    ny,
    plane(() => (random() < 0.02 ? NaN : 50000 + 5000 * random())),
  ),
  linearity: referenceOf(
    nx,
    ny,
    plane((i) => [0, 1, 1e-6, 1e-12][Math.floor(i / (nx * ny))]! * (0.9 + 0.2 * random()), 4),
  ),
  inverse: referenceOf(
    nx,
    ny,
    plane((i) => [0, 1, -1e-6, 0][Math.floor(i / (nx * ny))]! * (0.9 + 0.2 * random()), 4),
  ),
  dark: referenceOf(
    nx,
    ny,
    plane((i) => (i % 50 === 0 ? NaN : 5 * random()), 4),
    { dq: plane(() => 0) },
  ),
  superbias: referenceOf(
    nx,
    ny,
    plane((i) => (i % 40 === 0 ? NaN : 10 * random())),
    { dq: plane(() => 0) },
  ),
  gain: referenceOf(
    nx,
    ny,
    plane(() => (random() < 0.02 ? 0 : 1.5 + random())),
  ),
  readnoise: referenceOf(
    nx,
    ny,
    plane(() => 3 + random()),
  ),
};

/** The same whatever the rows. */
const kernel = referenceOf(3, 3, [0, -0.01, 0, -0.02, 1.06, -0.02, 0, -0.01, 0]);

type Name = keyof typeof refs;
const some = (names: Name[], y0 = 0, rows = ny): Partial<Record<Name, Reference>> =>
  Object.fromEntries(names.map((name) => [name, bandOf(refs[name], y0, rows)]));

const cases: Record<
  string,
  { step: AnyStep; refs: Name[]; params?: Record<string, unknown>; nframes?: number; nints?: number }
> = {
  dq_init: { step: dqInit, refs: ["mask"] },
  "saturation, n = 2": { step: saturation, refs: ["saturation"], params: { n_pix_grow_sat: 2 } },
  "saturation of averaged groups": { step: saturation, refs: ["saturation"], nframes: 4 },
  linearity: { step: linearity, refs: ["linearity"] },
  "linearity of iris_readout": {
    step: linearity,
    refs: ["linearity"],
    params: { convention: "iris_readout" },
  },
  "linearity of averaged groups": {
    step: linearity,
    refs: ["linearity", "inverse", "saturation"],
    nframes: 4,
  },
  dark: { step: dark, refs: ["dark"] },
  "dark of averaged groups": { step: dark, refs: ["dark"], nframes: 3 },
  superbias: { step: superbias, refs: ["superbias"] },
  ipc: { step: ipc, refs: [] },
  persistence: { step: persistence, refs: [], params: { persistence_time: 5, dn_threshold: 20000 } },
  charge_migration: { step: chargeMigration, refs: [], params: { signal_threshold: 30000 } },
  jump: {
    step: jump,
    refs: ["gain", "readnoise"],
    params: { after_jump_flag_dn1: 50, after_jump_flag_n1: 2 },
  },
  "jump of averaged groups": { step: jump, refs: ["gain"], nframes: 4, params: { single_pass: 3 } },
  "ramp_fit ols": { step: rampFit, refs: ["gain", "readnoise"], params: { mode: "ols" } },
  "ramp_fit ols, each ramp": { step: rampFit, refs: ["gain"], params: { mode: "ols", integrations: true } },
  "ramp_fit likelihood": { step: rampFit, refs: ["gain", "readnoise"], params: { mode: "likelihood" } },
  "jump, one ramp": { step: jump, refs: ["gain", "readnoise"], params: { single_pass: 3 }, nints: 1 },
  "ramp_fit ols, one ramp": { step: rampFit, refs: ["gain", "readnoise"], params: { mode: "ols" }, nints: 1 },
  "ramp_fit likelihood, one ramp": {
    ...{ step: rampFit, refs: ["gain"], nints: 1 },
    params: { mode: "likelihood" },
  },
  "ramp_fit utr, each ramp": { step: rampFit, refs: ["gain"], params: { integrations: true } },
  "ramp_fit utr": { step: rampFit, refs: ["gain", "readnoise"] },
  "ramp_fit mcds": { step: rampFit, refs: ["gain"], params: { mode: "mcds", coadd: "sum", unit: "DN" } },
  "ramp_fit ols, sum": { step: rampFit, refs: ["gain"], params: { mode: "ols", coadd: "sum" } },
  "ramp_fit likelihood, mean": { step: rampFit, refs: [], params: { mode: "likelihood", coadd: "mean" } },
  "ramp_fit cds, ivar": { step: rampFit, refs: [], params: { mode: "cds", coadd: "ivar", unit: "DN/s" } },
};

type Planes = Record<string, Float32Array | Uint8Array | Uint32Array>;

/** Every plane of a product, cut to the rows [y0, y0 + rows) of what it holds. */
function planesOf(product: Ramp | Image, y0: number, rows: number): Planes {
  const planes: Planes = {};
  for (const [key, value] of Object.entries(product))
    if (value instanceof Float32Array || value instanceof Uint8Array || value instanceof Uint32Array)
      planes[key] = rowsOf(value, product, y0, rows);
  // no flags and flags that are all zero mean the same
  if ("groupdq" in product) planes["groupdq"] ??= new Uint8Array(product.nints * ngroups * nx * rows);
  return planes;
}

function run(name: string, y0: number, rows: number, alloc: Alloc, raw = false): Planes {
  const { step, refs: needed, params = {}, nframes = 1, nints = most } = cases[name]!;
  const halo = step.halo?.(v.parse(step.params as v.GenericSchema, params), exposure(nframes)) ?? 0;
  const [from, to] = [Math.max(0, y0 - halo), Math.min(ny, y0 + rows + halo)];
  const shape = { nx, ny, ngroups, nints };
  const samples = counts.slice(0, nints * ngroups * nx * ny);
  const make = raw
    ? rawRampOf(shape, samples, exposure(nframes), heap)
    : rampOf(shape, samples, exposure(nframes), heap, { groupdq: flags.slice(0, samples.length) });
  const ramp = inside(bandOf(make, from, to - from), alloc);
  const given = {
    ...some(needed, from, to - from),
    ...("ipc" in (step.refs as object) ? { ipc: kernel } : {}),
  };
  const { product } = runOn<Ramp | Image>(step, ramp, given, params, alloc);
  return planesOf(product, y0 - from, rows);
}

/** The ramp with its planes in `alloc`'s memory. */
function inside(ramp: Ramp, alloc: Alloc): Ramp {
  const { sci, groupdq, pixeldq, raw } = ramp;
  const copy = { ...ramp, pixeldq: alloc.u32(pixeldq.length) };
  copy.pixeldq.set(pixeldq);
  if (sci) (copy.sci = alloc.f32(sci.length)).set(sci);
  if (groupdq) (copy.groupdq = alloc.u8(groupdq.length)).set(groupdq);
  if (raw) {
    copy.raw = { ...raw, bytes: alloc.u8(raw.bytes.length) };
    copy.raw.bytes.set(raw.bytes);
  }
  return copy;
}

const differing = (a: Planes, b: Planes): string[] =>
  Object.keys(a).filter((key) => !a[key]!.every((value, i) => Object.is(value, b[key]![i])));

for (const name of Object.keys(cases)) {
  test(`band ≡ frame: ${name}`, (t) => {
    const frame = run(name, 0, ny, memory);
    for (const [y0, rows] of [
      [0, 5],
      [5, 11],
      [16, 7],
    ] as const) {
      const part: Planes = {};
      for (const [key, value] of Object.entries(frame)) part[key] = rowsOf(value, { nx, ny }, y0, rows);
      t.deepEqual(differing(run(name, y0, rows, memory), part), [], `rows ${y0} to ${y0 + rows - 1}`);
    }
  });

  test(`SIMD ≡ plain: ${name}`, (t) => {
    t.deepEqual(differing(run(name, 0, ny, memory), run(name, 0, ny, heap)), []);
  });
}

for (const name of ["ramp_fit utr", "ramp_fit mcds", "ramp_fit cds, ivar", "ramp_fit utr, each ramp"])
  test(`raw big-endian samples ≡ decoded ones: ${name}`, (t) => {
    const decoded = (): Planes => {
      const { step, refs: needed, params = {} } = cases[name]!;
      const ramp = rampOf({ nx, ny, ngroups, nints: most }, counts, exposure(1), memory);
      ramp.quantum = 1;
      const { product } = runOn<Image>(step, ramp, some(needed), params, memory);
      return planesOf(product, 0, ny);
    };
    t.deepEqual(differing(run(name, 0, ny, memory, true), decoded()), []);
  });
