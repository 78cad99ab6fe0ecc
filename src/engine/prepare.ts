/** Looks at whole frames that steps need before the first band. */
import { kernelMemory } from "../kernels/memory.js";
import type { AnyStep, ParamSchema, PrepareFacts } from "../step/define.js";
import { withHalo } from "./bands.js";
import { cutRows } from "./cut-rows.js";
import { everyInput, factsOfAll } from "./joint.js";
import {
  loaded,
  preparedKey,
  referencesOf,
  sizeBefore,
  sourceOf,
  type LoadedStep,
  type OpenJob,
} from "./open-job.js";
import type { PlannedInput, PlannedStep } from "./plan-types.js";
import { makeProduct, reduceInput, type Pass, type Product } from "./reduce-rows.js";
import { guarded } from "./step-report.js";

/**
 * What was made of looks at exposures, by exposure and steps: exposures that serve each other are looked at once in a run
 * and not once for each of them.
 */
export type Looks = Map<string, unknown>;

/** Fills `job.prepared`, each step's part after the steps before it. What they make is plain data. */
export function prepare(open: OpenJob, looks: Looks): void {
  const { product, steps } = open.job;
  const members = Object.values(product.members).flat();
  const shared = members.length > 0 ? looks : null;
  for (const input of [...product.inputs, ...members])
    input.steps.forEach((planned, i) => {
      const look = { planned, before: input.steps.slice(0, i), size: sizeBefore(open, input, i) };
      lookAhead(open, input, look, shared, (pass) => reduceInput(open, input, pass, i));
    });
  steps.forEach((planned, i) => {
    const [each] = loaded(open, [planned]);
    if (each && ["group", "joint"].includes(each.step.locality)) return lookAtAll(open, each);
    const [input] = product.inputs as [PlannedInput];
    const look = { planned, before: [...input.steps, ...steps.slice(0, i)], size: open.job.size };
    const isOwn = product.inputs.length > 1 || usesMembers(open, look.before);
    lookAhead(open, input, look, isOwn ? null : shared, (pass) => makeProduct(open, pass, i));
  });
}

/** After a step that uses others an exposure isn't what it is as a member of another's product. */
const usesMembers = (open: OpenJob, before: readonly PlannedStep[]): boolean =>
  loaded(open, before).some(({ step }) => Object.keys(step.members as object).length > 0);

function lookAhead(
  open: OpenJob,
  input: PlannedInput,
  { planned, before, size }: { planned: PlannedStep; before: readonly PlannedStep[]; size: Pass["size"] },
  looks: Looks | null,
  reduce: (pass: Pass) => Product,
): void {
  const [each] = loaded(open, [planned]);
  if (!each?.step.prepare) return;
  const key = preparedKey(input, planned);
  const chain = JSON.stringify([input.path, input.layout, [...before, planned].filter(isRunning)]);
  if (looks?.has(chain)) {
    open.job.prepared[key] = looks.get(chain);
    return;
  }
  const { header } = sourceOf(open, input);
  const facts = { size, params: each.params, header, exposure: input.exposure };
  const known = guarded(each.step, input.path, () =>
    made(each.step.prepare!, facts, (before) => takeOf(open, each, input, facts, before, reduce)),
  );
  open.job.prepared[key] = known;
  looks?.set(chain, known);
}

const isRunning = ({ skip }: PlannedStep): boolean => skip === null;

/** What a step makes of its looks: one, or more where it wants to look again. */
function made<F extends PrepareFacts<ParamSchema>>(
  prepare: NonNullable<AnyStep["prepare"]>,
  facts: F,
  take: (before: unknown) => unknown[],
): unknown {
  let known: unknown = prepare.make(take(null), { ...facts, before: null });
  while (prepare.again?.(known)) known = prepare.make(take(known), { ...facts, before: known });
  return known;
}

/** A step of several exposures looks at every one, and makes one thing of what it has seen. */
function lookAtAll(open: OpenJob, { step, planned, params }: LoadedStep): void {
  if (!step.prepare) return;
  const inputs = factsOfAll(open);
  const factsOf = (index: number) => {
    const { nx, ny, header, exposure } = inputs[index]!;
    return { size: { nx, ny }, params, header, exposure, inputs, index };
  };
  const [first] = open.job.product.inputs as [PlannedInput];
  open.job.prepared[preparedKey(first, planned)] = guarded(step, first.path, () =>
    made(step.prepare!, factsOf(0), (before) =>
      everyInput(open).flatMap((input, index) =>
        takeOf(open, { step, planned, params }, input, factsOf(index), before, (pass) =>
          reduceInput(open, input, pass),
        ),
      ),
    ),
  );
}

/** What a step takes of the rows that it wants to see of one exposure. */
function takeOf(
  open: OpenJob,
  each: LoadedStep,
  input: PlannedInput,
  facts: PrepareFacts<ParamSchema>,
  before: unknown,
  reduce: (pass: Pass) => Product,
): unknown[] {
  const prepare = each.step.prepare!;
  const { size } = facts;
  const memory = kernelMemory();
  const { halo } = open;
  return prepare.rows(facts).map((rows): unknown => {
    const mark = memory.mark();
    try {
      const read = withHalo(rows, halo, size.ny);
      const own = { y0: rows.y0, ny: 0 };
      const pass: Pass = { read, own, wanted: rows, size, memory, cut: new Map(), reports: [] };
      const piece = cutRows(reduce(pass), rows, memory);
      const refs = referencesOf(open, each, input, { read: rows, size, memory, cut: new Map() });
      return prepare.take(piece, { ...facts, refs, alloc: memory, before });
    } finally {
      memory.release(mark);
    }
  });
}
