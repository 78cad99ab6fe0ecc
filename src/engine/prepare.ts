/** Looks at whole frames that steps need before the first band. */
import { kernelMemory } from "../kernels/memory.js";
import { withHalo } from "./bands.js";
import { cutRows } from "./cut-rows.js";
import {
  haloOfJob,
  loaded,
  preparedKey,
  referencesOf,
  sizeBefore,
  sourceOf,
  type OpenJob,
} from "./open-job.js";
import type { PlannedInput, PlannedStep } from "./plan-types.js";
import { makeProduct, reduceInput, type Pass, type Product } from "./reduce-rows.js";
import { guarded } from "./step-report.js";

/** Fills `job.prepared`, each step's part after the steps before it. What they make is plain data. */
export function prepare(open: OpenJob): void {
  const { product, steps } = open.job;
  for (const input of [...product.inputs, ...Object.values(product.members).flat()])
    input.steps.forEach((planned, i) => {
      lookAhead(open, planned, input, sizeBefore(open, input, i), (pass) =>
        reduceInput(open, input, pass, i),
      );
    });
  steps.forEach((planned, i) => {
    lookAhead(open, planned, product.inputs[0]!, open.job.size, (pass) => makeProduct(open, pass, i));
  });
}

function lookAhead(
  open: OpenJob,
  planned: PlannedStep,
  input: PlannedInput,
  size: Pass["size"],
  reduce: (pass: Pass) => Product,
): void {
  const [each] = loaded(open, [planned]);
  const prepare = each?.step.prepare;
  if (!each || !prepare) return;
  const { prepared } = open.job;
  const { header } = sourceOf(open, input);
  const facts = { size, params: each.params, header, exposure: input.exposure };
  const memory = kernelMemory();
  const halo = haloOfJob(open);
  const look = (before: unknown): unknown => {
    const taken = prepare.rows(facts).map((rows): unknown => {
      const mark = memory.mark();
      try {
        const read = withHalo(rows, halo, size.ny);
        const own = { y0: rows.y0, ny: 0 };
        const pass: Pass = { read, own, size, memory, cut: new Map(), reports: [] };
        const piece = cutRows(reduce(pass), rows, memory);
        const refs = referencesOf(open, each, input, { read: rows, size, memory, cut: new Map() });
        return prepare.take(piece, { ...facts, refs, alloc: memory, before });
      } finally {
        memory.release(mark);
      }
    });
    return prepare.make(taken, { ...facts, before });
  };
  prepared[preparedKey(input, planned)] = guarded(each.step, input.path, () => {
    let made = look(null);
    while (prepare.again?.(made)) made = look(made);
    return made;
  });
}
