/** `iris.json` (or .yaml, .toml, package.json): what holds for a folder and all below it. */
import { dirname, isAbsolute, resolve } from "node:path";
import * as v from "valibot";
import { ConfigError } from "../errors.js";
import { assign, referencePathFrom, requireStep, type KnownNames } from "./assign.js";
import { emptyLayer, type Layer } from "./layers.js";
import { suggestion } from "./suggestion.js";

const words = v.union([
  v.pipe(
    v.string(),
    v.transform((word) => [word]),
  ),
  v.array(v.string()),
]);

const entries = {
  $schema: v.optional(v.string()),
  pipeline: v.optional(v.pipe(v.string(), v.description("pipeline; the headers choose without it"))),
  out: v.optional(v.pipe(v.string(), v.description("folder of the products"))),
  jobs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.description("threads"))),
  mem: v.optional(v.pipe(v.union([v.string(), v.number()]), v.description("memory for pixels, 800M or 4G"))),
  cache: v.optional(v.pipe(v.string(), v.description("CRDS cache; CRDS_PATH wins"))),
  context: v.optional(v.pipe(v.string(), v.description("calibration context; CRDS_CONTEXT wins"))),
  steps: v.optional(v.pipe(words, v.description("plug-in steps: modules, * allowed"))),
  pipelines: v.optional(
    v.pipe(
      v.record(v.string(), v.array(v.string())),
      v.description("pipelines of your own: a name and its steps in order"),
    ),
  ),
  params: v.optional(
    v.pipe(v.record(v.string(), v.record(v.string(), v.unknown())), v.description("parameters by step")),
  ),
  skip: v.optional(v.pipe(words, v.description("steps left out"))),
  refs: v.optional(
    v.pipe(v.record(v.string(), v.string()), v.description("reference files by type, N/A for none")),
  ),
  background: v.optional(v.pipe(words, v.description("background exposures of every input"))),
  allowMissing: v.optional(v.pipe(words, v.description("reference types that may be missing"))),
  strict: v.optional(v.pipe(v.boolean(), v.description("caveats make exit status 4"))),
  quicklook: v.optional(v.pipe(v.boolean(), v.description("draw a PNG beside each product"))),
};

export const ProjectSchema = v.strictObject(entries);

/** Names of the settings, in the order in which they are shown. */
export const projectKeys = Object.keys(entries).filter((key) => key !== "$schema");

/** One-line meaning of each setting. */
export const projectDocs: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(entries).map(([key, { wrapped }]) => [
    key,
    "pipe" in wrapped ? ((wrapped.pipe.at(-1) as { description?: string }).description ?? "") : "",
  ]),
);

/** The settings that aren't a layer's, paths made absolute. */
export type ProjectSettings = Partial<
  Omit<v.InferOutput<typeof ProjectSchema>, "$schema" | "params" | "skip" | "refs">
>;

export interface ProjectFile {
  path: string;
  settings: ProjectSettings;
  layer: Layer;
}

/** Checks the content of a project file; relative paths are meant from its folder. Throws ConfigError. */
export function parseProject(content: unknown, path: string, names: KnownNames): ProjectFile {
  const fail = (why: string, hint = "docs/configuration.md lists the settings") => {
    throw new ConfigError(`cannot use ${path}: ${why}`, { hint });
  };
  if (typeof content === "object" && content !== null)
    for (const key of Object.keys(content))
      if (!Object.hasOwn(entries, key)) fail(`there is no setting "${key}"${suggestion(key, projectKeys)}`);
  const parsed = v.safeParse(ProjectSchema, content);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return fail(`${v.getDotPath(issue) ?? "it"} — ${issue.message}`);
  }
  const { params, skip, refs, ...settings } = parsed.output;
  delete settings.$schema;
  const folder = dirname(path);
  const absolute = (file: string) => (isAbsolute(file) ? file : resolve(folder, file));
  const layer = emptyLayer(path);
  for (const [step, values] of Object.entries(params ?? {}))
    for (const [key, value] of Object.entries(values))
      assign(layer, requireStep(step, names, path), key, value, folder);
  for (const step of skip ?? []) layer.skip[requireStep(step, names, path)] = true;
  for (const [type, file] of Object.entries(refs ?? {}))
    layer.refs[type.toUpperCase()] = referencePathFrom(folder, file);
  if (settings.out !== undefined) settings.out = absolute(settings.out);
  if (settings.cache !== undefined) settings.cache = absolute(settings.cache);
  if (settings.steps) settings.steps = settings.steps.map(absolute);
  if (settings.background) settings.background = settings.background.map(absolute);
  return { path, settings, layer };
}
