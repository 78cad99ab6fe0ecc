/** Runs a step with literal references and checked parameters, as the engine would. */
import * as v from "valibot";
import type { Image, Ramp, Reference } from "../../src/data/kinds.js";
import { heap, type Alloc } from "../../src/kernels/alloc.js";
import type { AnyStep } from "../../src/step/define.js";
import type { Outcome } from "../../src/step/outcome.js";

/** References that the step declares and `refs` leaves out are null. */
export function runOn<P extends Ramp | Image>(
  step: AnyStep,
  input: Ramp | Image,
  refs: Readonly<Record<string, Reference | null>> = {},
  params: Readonly<Record<string, unknown>> = {},
  alloc: Alloc = heap,
): Outcome<P> {
  const all = Object.fromEntries(Object.keys(step.refs as object).map((key) => [key, refs[key] ?? null]));
  return step.run(input, {
    params: v.parse(step.params as v.GenericSchema, params),
    refs: all,
    members: {},
    exposure: input.exposure,
    header: {},
    alloc,
  }) as Outcome<P>;
}
