/** A pipeline with one more step: how a plug-in joins the chain. */
import { accepts } from "../data/kinds.js";
import { ConfigError } from "../errors.js";
import type { AnyStep } from "./define.js";
import { misfit, type Pipeline } from "./pipeline.js";

/**
 * Puts `step` behind the step called `after`, or, without it, behind the last one whose product it takes.
 * @throws ConfigError with the sentence of two steps that don't join.
 */
export function insertStep(pipeline: Pipeline, step: AnyStep, after?: string): Pipeline {
  const { entries } = pipeline;
  const place = after
    ? entries.findIndex((entry) => entry.step.name === after)
    : entries.findLastIndex((entry) => accepts(step.input, entry.step.output));
  if (place < 0 && after)
    throw new ConfigError(`pipeline ${pipeline.name}: ${step.name} can't follow ${after} — it isn't there`, {
      hint: `iris pipeline show ${pipeline.name}`,
    });
  const grown = [...entries.slice(0, place + 1), { step }, ...entries.slice(place + 1)];
  const steps = grown.map((entry) => entry.step);
  const why = misfit(steps);
  if (why)
    throw new ConfigError(`pipeline ${pipeline.name}: ${why}`, {
      hint: `iris pipeline show ${pipeline.name}`,
    });
  return Object.freeze({
    ...pipeline,
    input: steps[0]!.input,
    output: steps.at(-1)!.output,
    entries: grown,
  });
}
