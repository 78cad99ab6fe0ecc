/** Every name that a user or a file may use for a step or a pipeline. */
import type { KnownNames } from "../config/assign.js";
import { ConfigError, UsageError } from "../errors.js";
import { instruments } from "../instruments/index.js";
import { suggestion } from "../config/suggestion.js";
import { targetNamed } from "../config/assign.js";
import type { AnyStep } from "../step/define.js";
import { loadPlugin } from "../step/plugin.js";
import { builtinSteps, pipelines } from "../step/registry.js";

/** The built-in names, the peers' names for them, and the steps of the plug-in modules given. */
export async function knownNames(plugins: readonly string[] = []): Promise<KnownNames> {
  const own = await Promise.all(plugins.map(loadPlugin));
  const taken = own.find((step, i) => own.findIndex(({ name }) => name === step.name) !== i);
  if (taken) throw new ConfigError(`two plug-in steps are called "${taken.name}"`);
  return {
    steps: [...Object.keys(builtinSteps), ...own.map(({ name }) => name)],
    pipelines: Object.keys(pipelines),
    aliases: Object.assign({}, ...instruments.map(({ aliases }) => aliases)) as Record<string, string>,
  };
}

/** The step of this name, built in or from one of the plug-in modules. */
export async function stepByName(
  name: string,
  plugins: readonly string[] = [],
): Promise<{ step: AnyStep; module: string | null }> {
  for (const module of plugins) {
    const step = await loadPlugin(module);
    if (step.name === name) return { step, module };
  }
  const load = builtinSteps[name];
  if (load) return { step: await load(), module: null };
  const names = await knownNames(plugins);
  const target = targetNamed(name, names);
  if (target?.kind === "step") return stepByName(target.name, plugins);
  throw new UsageError(`there is no step "${name}"${suggestion(name, names.steps)}`, {
    hint: "iris step list",
  });
}

/** Our name for a pipeline, or the error that says what it might have been. */
export function requirePipeline(word: string, names: KnownNames): string {
  const target = targetNamed(word, names);
  if (target?.kind === "pipeline") return target.name;
  throw new UsageError(`there is no pipeline "${word}"${suggestion(word, names.pipelines)}`, {
    hint:
      target?.kind === "step" ? `a step runs alone with iris step run ${target.name}` : "iris pipeline list",
  });
}
