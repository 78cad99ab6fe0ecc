/** Checks what an edited plan says, before anything is made, as a configuration is: one resolver, the same sentences. */
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { requireStep } from "../config/assign.js";
import { emptyLayer } from "../config/layers.js";
import { resolveParameters, wrong } from "../config/parameters.js";
import { parametersOf } from "../config/schema-info.js";
import { suggestion } from "../config/suggestion.js";
import { kindAfter, type Kind } from "../data/kinds.js";
import type { AnyStep, ParamSchema, RefDecls } from "../step/define.js";
import { loadStep, stepNames } from "../step/registry.js";
import { joinKinds, type PlannedEntry } from "./chain.js";
import { checkLayout } from "./check-layout.js";
import { parsePlan } from "./plan-schema.js";
import type { Plan, PlannedInput, PlannedProduct, PlannedStep } from "./plan-types.js";
import { valuesOf } from "./values.js";

/**
 * The plan with the parameters of its steps resolved anew, which give those that were left out. What differs from a
 * default has the plan as its origin.
 *
 * @throws ConfigError for a key, step, parameter, reference or order of steps that can't be; `origin` is where it stands
 */
export async function checkPlan(value: unknown, origin: string): Promise<Plan> {
  const plan = parsePlan(value, origin);
  return { ...plan, products: await Promise.all(plan.products.map((each) => checkProduct(each, origin))) };
}

async function checkProduct(given: PlannedProduct, file: string): Promise<PlannedProduct> {
  const origin = `${file}, ${basename(given.output)}`;
  const inputs = await Promise.all(given.inputs.map((input) => checkInput(input, origin)));
  const members: PlannedProduct["members"] = {};
  for (const [role, exposures] of Object.entries(given.members))
    members[role] = await Promise.all(exposures.map(async (each) => (await checkInput(each, origin)).input));
  const chain = await checkChain(given.steps, origin);
  const product = {
    ...given,
    inputs: inputs.map(({ input }) => input),
    members,
    steps: chain.map(({ planned }) => planned),
  };
  checkJoint(product, chain, origin);
  const kind = joinKinds(inputs[0]!.kind, chain, ` (in ${origin})`);
  if (kind !== product.kind)
    throw wrong(
      origin,
      `the steps end with a ${kind}, and the product is to be a ${product.kind}`,
      "for another kind of product plan anew: iris plan FILES --until STEP -o plan.json",
    );
  return checkLayout(product, inputs[0]!.chain, chain, origin);
}

interface CheckedInput {
  input: PlannedInput;
  /** Its own steps, and what they make of it. */
  chain: PlannedEntry[];
  kind: Kind;
}

async function checkInput(input: PlannedInput, origin: string): Promise<CheckedInput> {
  const chain = await checkChain(input.steps, origin);
  joinKinds(input.kind, chain, ` (in ${origin})`);
  return {
    input: { ...input, steps: chain.map(({ planned }) => planned) },
    chain,
    kind: chain.reduce((kind, { step }) => kindAfter(step.output, kind), input.kind),
  };
}

/** Several exposures become one product by a step that combines them, and only they. */
function checkJoint({ inputs, joint }: PlannedProduct, chain: readonly PlannedEntry[], origin: string): void {
  const combining = chain.find(({ step }) => step.locality === "group");
  const runs = combining?.planned.skip === null;
  if (joint && (combining === undefined || (inputs.length > 1 && !runs)))
    throw wrong(origin, `no step combines its exposures`, "iris step list");
  if (!joint && combining && runs)
    throw wrong(
      origin,
      `${combining.step.name} combines exposures, and this product is made of one`,
      "iris step list",
    );
}

const checkChain = (steps: readonly PlannedStep[], origin: string): Promise<PlannedEntry[]> =>
  Promise.all(steps.map((each) => checkStep(each, origin)));

async function checkStep(given: PlannedStep, origin: string): Promise<PlannedEntry> {
  const name =
    given.module === null
      ? requireStep(given.name, { steps: stepNames, pipelines: [], aliases: {} }, origin)
      : given.name;
  const step = await loadStep(name, given.module);
  const layer = { ...emptyLayer(origin), params: { [step.name]: valuesOf(given) } };
  const known = parametersOf(step.params as ParamSchema);
  const params = Object.fromEntries(
    Object.entries(resolveParameters(step, [layer])).map(([key, { value }]) => {
      const said = given.params[key]?.origin ?? "default";
      const isEdited = said === "default" && !isDeepStrictEqual(value, known[key]!.default);
      return [key, { value, origin: isEdited ? origin : said }];
    }),
  );
  const planned = { ...given, name: step.name, version: step.version, status: step.status, params };
  checkRefs(step, planned, origin);
  return { step, planned };
}

/** A step that runs has what it can't run without. */
function checkRefs(step: AnyStep, planned: PlannedStep, origin: string): void {
  const declared = step.refs as RefDecls;
  const hint = `iris step describe ${step.name}`;
  for (const { key } of planned.refs)
    if (!Object.hasOwn(declared, key))
      throw wrong(
        origin,
        `${step.name} has no reference "${key}"${suggestion(key, Object.keys(declared))}`,
        hint,
      );
  if (planned.skip !== null) return;
  for (const [key, { optional, when }] of Object.entries(declared)) {
    if (optional || (when && !when(valuesOf(planned)))) continue;
    if (planned.refs.some((ref) => ref.key === key && ref.path !== null)) continue;
    throw wrong(origin, `${step.name} needs its reference "${key}", and none is named`, hint);
  }
}
