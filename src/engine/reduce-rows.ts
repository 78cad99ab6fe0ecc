/** Rows of a product: its exposures read, their steps run in place, and then the product's own. */
import type { Keywords } from "../data/exposure.js";
import type { Image, Ramp } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import type { AnyStep } from "../step/define.js";
import type { Outcome } from "../step/outcome.js";
import { rowsBehind } from "../step/reframe.js";
import type { Onto } from "../step/regrid.js";
import { haloOf, withHalo, type Band } from "./bands.js";
import { cutRows } from "./cut-rows.js";
import {
  extensionsOf,
  haloOfJob,
  loaded,
  preparedKey,
  referencesOf,
  sizeBefore,
  sourceOf,
  type Cut,
  type LoadedStep,
  type OpenJob,
} from "./open-job.js";
import type { PlannedInput } from "./plan-types.js";
import { lastReframe } from "./reframe.js";
import { gridInput, rowsFor } from "./regrid.js";
import { readExposure } from "./source.js";
import { guarded, reportOf, type StepReport } from "./step-report.js";
import { sampledRamp } from "./sums.js";

export type Product = Ramp | Image;

/** Some rows on their way: what is read, what of it counts, and what has been made and said so far. */
export interface Pass {
  /** Rows read: those that count and their halo. */
  read: Band;
  own: Band;
  /** The frame that these rows are of. */
  size: { nx: number; ny: number };
  memory: Alloc;
  cut: Cut;
  reports: StepReport[];
  /** The part of a grid of its own that the product is to fill. */
  onto?: Onto;
}

/** A pass over the rows `read`, of which `own` count. */
export function makePass(open: OpenJob, read: Band, own: Band, memory: Alloc): Pass {
  const { grid, inputs } = open.job.product;
  const onto = grid && { grid, inputs: inputs.map((input) => gridInput(sourceOf(open, input))), ...read };
  const { size } = open.job;
  return { read, own, size, memory, cut: new Map(), reports: [], ...(onto && { onto }) };
}

/** The exposures, and then the first `count` of the product's steps. */
export function makeProduct(open: OpenJob, pass: Pass, count: number): Product {
  const { product, steps } = open.job;
  const started = pass.onto
    ? regridded(open, pass, pass.onto)
    : product.inputs.map((input) => reduceInput(open, input, pass));
  return runSteps(open, started, product.inputs[0]!, loaded(open, steps.slice(0, count)), pass);
}

/** One exposure read and taken through its own steps, or the first `count` of them. */
export function reduceInput(
  open: OpenJob,
  input: PlannedInput,
  pass: Pass,
  count = input.steps.length,
): Product {
  const { sums } = open.job;
  const at = lastReframe(input.steps.slice(0, count));
  if (at >= 0) return reframed(open, input, pass, at, count);
  const exposure = sums
    ? sampledRamp(sums, input, pass.size, pass.read, pass.memory)
    : readExposure(sourceOf(open, input), pass.read, pass.own, pass.memory);
  return runSteps(open, [exposure], input, loaded(open, input.steps.slice(0, count)), pass);
}

/** Rows of the frame that step `at` of an exposure makes, of the rows of the exposure that they lie in. */
function reframed(open: OpenJob, input: PlannedInput, pass: Pass, at: number, count: number): Product {
  const size = sizeBefore(open, input, at);
  const rows = rowsBehind(input.steps[at]!.reframe!, pass.read);
  const read = withHalo(rows, haloOf(loaded(open, input.steps.slice(0, at)), input.exposure), size.ny);
  const before: Pass = { ...pass, read, own: { y0: read.y0, ny: 0 }, size, cut: new Map() };
  const given = cutRows(reduceInput(open, input, before, at), rows, pass.memory);
  return runSteps(open, [given], input, loaded(open, input.steps.slice(at, count)), pass);
}

/** Of every exposure the rows that the part `onto` of the grid needs, with the halos that its own steps need. */
function regridded(open: OpenJob, { memory, reports }: Pass, onto: Onto): Product[] {
  const { product, steps } = open.job;
  const { step, planned } = loaded(open, steps).find(({ step }) => step.regrid)!;
  const halo = haloOfJob(open);
  return product.inputs.map((input, k) => {
    const rows = rowsFor(step, planned, onto, k);
    const read = withHalo(rows, halo, onto.inputs[k]!.ny);
    const own = { y0: read.y0, ny: 0 };
    const pass: Pass = { read, own, size: open.job.size, memory, cut: new Map(), reports };
    return cutRows(reduceInput(open, input, pass), rows, memory);
  });
}

/** Runs steps on one product, or lets a group step make one of several. */
export function runSteps(
  open: OpenJob,
  given: readonly Product[],
  input: PlannedInput,
  chain: readonly LoadedStep[],
  pass: Pass,
): Product {
  let products = given;
  for (const each of chain) {
    const { step, planned, params } = each;
    const context = {
      params,
      prepared: open.job.prepared[preparedKey(input, planned)],
      refs: referencesOf(open, each, input, pass),
      members: membersOf(open, step, pass),
      exposure: input.exposure,
      header: headerOf(sourceOf(open, input).header, pass),
      onto: pass.onto,
      into: planned.reframe && { frame: planned.reframe, ...pass.read },
      extensions: step.extensions && extensionsOf(open, step.extensions, input),
      alloc: pass.memory,
    };
    const outcome = guarded(step, input.path, () =>
      step.run(step.locality === "group" ? products : products[0], context),
    ) as Outcome<Product>;
    products = [outcome.product];
    pass.reports.push(reportOf(step.name, outcome));
  }
  return products[0]!;
}

/** The input's header with what the steps before have said: alone or in a chain, a step sees the same. */
const headerOf = (input: Keywords, { onto, reports }: Pass): Keywords =>
  Object.assign({}, input, onto?.grid.keywords, ...reports.map(({ keywords }) => keywords)) as Keywords;

/** The other exposures that a step uses, reduced up to it; what their own steps say isn't about the product. */
function membersOf(open: OpenJob, step: AnyStep, pass: Pass): Record<string, Image[]> {
  const { members } = open.job.product;
  const quiet = { ...pass, reports: [] };
  return Object.fromEntries(
    Object.keys(step.members as object).map((role) => [
      role,
      (members[role] ?? []).map((member) => reduceInput(open, member, quiet) as Image),
    ]),
  );
}
