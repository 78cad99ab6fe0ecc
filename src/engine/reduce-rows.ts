/** Rows of a product: its exposures read, their steps run in place, and then the product's own. */
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Image, Ramp } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import type { AnyStep } from "../step/define.js";
import type { Outcome } from "../step/outcome.js";
import { rowsBehind } from "../step/reframe.js";
import type { GridInput, Onto } from "../step/regrid.js";
import { haloOf, withHalo, type Band } from "./bands.js";
import { cutRows } from "./cut-rows.js";
import { everyInput, factsOfAll, rowsTogether } from "./joint.js";
import {
  extensionsOf,
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
import { gridInput } from "./regrid.js";
import { readExposure } from "./read-exposure.js";
import { guarded, reportOf, type StepReport } from "./step-report.js";
import { sampledRamp } from "./sums.js";

export type Product = Ramp | Image;

/** Some rows on their way: what is read, what of it counts, and what has been made and said so far. */
export interface Pass {
  /** Rows read: those that count and their halo. */
  read: Band;
  own: Band;
  /** Rows that what is made is wanted for; the others, context of steps, needn't be right in the end. */
  wanted: Band;
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
  return { read, own, wanted: own, size, memory, cut: new Map(), reports: [], ...(onto && { onto }) };
}

/** The exposures, and then the first `count` of the product's steps. */
export function makeProduct(open: OpenJob, pass: Pass, count: number): Product {
  const { product, steps } = open.job;
  const chain = loaded(open, steps.slice(0, count));
  const first = product.inputs[0]!;
  if (pass.onto) return runSteps(open, regridded(open, pass, pass.onto), first, chain, pass);
  if (chain.some(({ step }) => step.joint)) {
    const made = runSteps(open, together(open, pass, chain), first, chain, pass);
    return cutRows(made, pass.read, pass.memory);
  }
  const wanted = widened(pass.wanted, haloOf(chain, first.exposure));
  const started = product.inputs.map((input) => reduceInput(open, input, { ...pass, wanted }));
  return runSteps(open, started, first, chain, pass);
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
  const before: Pass = { ...pass, read, own: { y0: read.y0, ny: 0 }, wanted: rows, size, cut: new Map() };
  const given = cutRows(reduceInput(open, input, before, at), rows, pass.memory);
  return runSteps(open, [given], input, loaded(open, input.steps.slice(at, count)), pass);
}

/** Of every exposure the rows that the part `onto` of the grid needs, with the halos that its own steps need. */
function regridded(open: OpenJob, pass: Pass, onto: Onto): Product[] {
  const chain = loaded(open, open.job.steps);
  const { step, params } = chain.find(({ step }) => step.regrid)!;
  const wanted = onto.inputs.map((_, k) => step.regrid!.rows(onto, k, params));
  const rows = rowsTogether(chain, onto.inputs, wanted);
  return readAll(open, pass, onto.inputs, rows, (k) => ({ y0: rows[k]!.y0, ny: 0 }));
}

/** The product's exposure and its companions: of these, what steps that see all of them need for its rows. */
function together(open: OpenJob, pass: Pass, chain: readonly LoadedStep[]): Product[] {
  const inputs = factsOfAll(open);
  const wanted = inputs.map((_, k) => (k === 0 ? pass.read : { y0: 0, ny: 0 }));
  const rows = rowsTogether(chain, inputs, wanted);
  return readAll(open, pass, inputs, rows, (k) => (k === 0 ? pass.own : { y0: rows[k]!.y0, ny: 0 }));
}

/** The rows of every exposure, through its own steps. `own`: which of them are hashed as they are read. */
function readAll(
  open: OpenJob,
  { size, memory, reports }: Pass,
  inputs: readonly GridInput[],
  rows: readonly Band[],
  own: (k: number) => Band,
): Product[] {
  const { halo } = open;
  return everyInput(open).map((input, k) => {
    const { y0, ny } = rows[k]!;
    // There is no image without a row: of an exposure that has no part in this one row is read and dropped.
    const read = withHalo({ y0, ny: Math.max(1, ny) }, halo, inputs[k]!.ny);
    const pass: Pass = { read, own: own(k), wanted: read, size, memory, cut: new Map(), reports };
    return cutRows(reduceInput(open, input, pass), rows[k]!, memory);
  });
}

/** Runs steps on one product, or lets a group step make one of several and a joint step change all of them. */
export function runSteps(
  open: OpenJob,
  given: readonly Product[],
  input: PlannedInput,
  chain: readonly LoadedStep[],
  pass: Pass,
): Product {
  let products = given;
  for (const [i, each] of chain.entries()) {
    const { step, planned, params } = each;
    const { members, said } = step.locality === "joint" ? nobody : membersOf(open, step, pass);
    need(products, chain.slice(i), input.exposure, pass);
    const context = {
      params,
      prepared: open.job.prepared[preparedKey(input, planned)],
      refs: referencesOf(open, each, input, pass),
      members,
      exposure: input.exposure,
      header: headerOf(sourceOf(open, input).header, pass),
      onto: pass.onto,
      inputs: step.locality === "joint" ? factsOfAll(open) : undefined,
      into: planned.reframe && { frame: planned.reframe, ...pass.read },
      extensions: step.extensions && extensionsOf(open, step.extensions, input),
      alloc: pass.memory,
    };
    const several = step.locality === "group" || step.locality === "joint";
    const outcome = guarded(step, input.path, () =>
      step.run(several ? products : products[0], context),
    ) as Outcome<Product | readonly Product[]>;
    products = [outcome.product].flat();
    pass.reports.push({ ...reportOf(step.name, outcome), ...(said && { members: said }) });
  }
  need(products, [], input.exposure, pass);
  return products[0]!;
}

/** Tells ramps which of their rows the steps to come need, for those that are wanted in the end. */
function need(
  products: readonly Product[],
  steps: readonly LoadedStep[],
  exposure: Exposure,
  { wanted }: Pass,
): void {
  const { y0, ny } = widened(wanted, haloOf(steps, exposure));
  for (const product of products)
    if ("ngroups" in product) {
      const from = y0 - product.y0;
      product.needed = { from: Math.max(0, from), to: Math.min(product.ny, from + ny) };
    }
}

const widened = ({ y0, ny }: Band, halo: number): Band => ({ y0: y0 - halo, ny: ny + 2 * halo });

/** The input's header with what the steps before have said: alone or in a chain, a step sees the same. */
const headerOf = (input: Keywords, { onto, reports }: Pass): Keywords =>
  Object.assign({}, input, onto?.grid.keywords, ...reports.map(({ keywords }) => keywords)) as Keywords;

interface Company {
  members: Record<string, Image[]>;
  /** For HISTORY, by path; left out where nobody said anything. */
  said?: Record<string, readonly string[]>;
}

const nobody: Company = { members: {} };

/** The other exposures that a step uses, reduced up to it; what their own steps say isn't about the product. */
function membersOf(open: OpenJob, step: AnyStep, pass: Pass): Company {
  const { members } = open.job.product;
  const said: Record<string, readonly string[]> = {};
  const reduced = (member: PlannedInput): Image => {
    const reports: StepReport[] = [];
    const image = reduceInput(open, member, { ...pass, wanted: pass.read, reports }) as Image;
    const lines = reports.flatMap(({ history }) => history);
    if (lines.length > 0) said[member.path] = lines;
    return image;
  };
  const images = Object.fromEntries(
    Object.keys(step.members as object).map((role) => [role, (members[role] ?? []).map(reduced)]),
  );
  return { members: images, ...(Object.keys(said).length > 0 && { said }) };
}
