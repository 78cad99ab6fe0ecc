/** Pipelines of the user's: a name and a list of step names, from the settings. */
import { ConfigError } from "../errors.js";
import { misfit, type Pipeline } from "./pipeline.js";
import { loadStep } from "./registry.js";

/**
 * The steps of the list, loaded and joined. `modules`: plug-in step → its module.
 * @throws ConfigError for an empty list or steps that don't join, UsageError for a step that doesn't exist.
 */
export async function ownPipeline(
  name: string,
  list: readonly string[],
  modules: ReadonlyMap<string, string>,
): Promise<Pipeline> {
  if (list.length === 0)
    throw new ConfigError(`pipeline ${name} of the settings has no steps`, { hint: "iris step list" });
  const steps = await Promise.all(list.map((step) => loadStep(step, modules.get(step))));
  const why = misfit(steps);
  if (why) throw new ConfigError(`pipeline ${name} of the settings: ${why}`, { hint: "iris step list" });
  return Object.freeze({
    name,
    summary: `From the settings: ${list.join(", ")}.`,
    input: steps[0]!.input,
    output: steps.at(-1)!.output,
    suffix: name,
    level: null,
    keywords: {},
    reftype: undefined,
    entries: steps.map((step) => ({ step })),
  });
}
