/** Runs a step with literal references and checked parameters, as the engine would. */
import * as v from "valibot";
import type { Exposure, Keywords } from "../../src/data/exposure.js";
import type { Image, Ramp, Reference } from "../../src/data/kinds.js";
import { samples } from "../../src/data/ramp.js";
import { heap, type Alloc } from "../../src/kernels/alloc.js";
import type { AnyStep } from "../../src/step/define.js";
import type { Outcome } from "../../src/step/outcome.js";
import { bandOf } from "./ramps.js";

/** References that the step declares and `refs` leaves out are null. */
export function runOn<P extends Ramp | Image>(
  step: AnyStep,
  input: Ramp | Image,
  refs: Readonly<Record<string, Reference | null>> = {},
  params: Readonly<Record<string, unknown>> = {},
  alloc: Alloc = heap,
): Outcome<P> {
  const all = Object.fromEntries(Object.keys(step.refs as object).map((key) => [key, refs[key] ?? null]));
  const context = {
    params: v.parse(step.params as v.GenericSchema, params),
    refs: all,
    members: {},
    exposure: input.exposure,
    header: {},
    alloc,
  };
  const outcome = step.run(input, { ...context, prepared: prepareOn(step, input, context) }) as Outcome<P>;
  if ("ngroups" in outcome.product && outcome.product.waiting) samples(outcome.product, alloc);
  return outcome;
}

interface Surroundings {
  params: unknown;
  refs: Readonly<Record<string, Reference | null>>;
  exposure: Exposure;
  header: Keywords;
  alloc: Alloc;
}

/** What the step's `prepare` makes of a whole frame, whose rows it gets piece by piece. */
export function prepareOn(step: AnyStep, frame: Ramp | Image, around: Surroundings): unknown {
  const { prepare } = step;
  if (!prepare) return undefined;
  const { nx, ny } = frame;
  const facts = { ...around, size: { nx, ny } };
  const look = (before: unknown): unknown => {
    const taken = prepare.rows(facts).map(({ y0, ny: rows }): unknown => {
      const refs = Object.fromEntries(
        Object.entries(around.refs).map(([key, ref]) => [key, ref && bandOf(ref, y0, rows)]),
      );
      return prepare.take(bandOf(frame as Ramp, y0, rows), { ...facts, refs, before });
    });
    return prepare.make(taken, { ...facts, before });
  };
  let made = look(null);
  while (prepare.again?.(made)) made = look(made);
  return made;
}
