/** From words and options to what the engine is asked: settings, files, layers, and the command that repeats it. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, extname, resolve } from "node:path";
import { commandLineLayer, type KnownNames } from "../config/assign.js";
import { parseBytes } from "../config/bytes.js";
import type { Layer } from "../config/layers.js";
import { resolveParameters, wrong } from "../config/parameters.js";
import type { ProjectSettings } from "../config/project-file.js";
import { resolveSettings, type Settings } from "../config/settings.js";
import { suggestion } from "../config/suggestion.js";
import { readAssociation, readJson, type Association } from "../data/association.js";
import type { NightRequest, Request } from "../engine/request.js";
import { ConfigError, UsageError } from "../errors.js";
import type { Host } from "../host.js";
import { builtinSteps } from "../step/registry.js";
import { expandPattern } from "./glob.js";
import { expandInputs, findInputs } from "./inputs.js";
import { knownNames, requirePipeline, stepByName } from "./names.js";
import type { RunFlags } from "./run-flags.js";
import { joinWords } from "./shell-words.js";

/** What a command fixes by itself. */
export interface Fixed {
  /** Words before the files in the command that repeats the run. */
  command: readonly string[];
  /** A step run alone, by name or by the path of its module. */
  step?: string;
  pipeline?: string;
  from?: string;
  until?: string;
  /** What the command does by itself, below the files' settings. */
  defaults?: Layer;
  /** Settings that the command's own options make, above the files' and below `-s`. */
  layer?: Layer;
  /** The words name a folder whose files are still to come. */
  live?: boolean;
}

/** A plan as it was read, and from where: not yet checked. */
export interface GivenPlan {
  content: unknown;
  origin: string;
}

export interface Prepared {
  request: Request;
  /** What was typed of settings: the highest of the request's layers. */
  typed: Layer;
  /** Words that mean the same inputs again, also where they came from stdin. */
  words: readonly string[];
  /** An edited plan given in place of files; the request then only says how to run it. */
  plan: GivenPlan | null;
  jobs: number;
  mem: number;
  strict: boolean;
  failFast: boolean;
  notes: string[];
}

export const defaultSettings = (): ProjectSettings => ({
  out: ".",
  jobs: availableParallelism(),
  mem: "1G",
  strict: false,
  quicklook: true,
});

function settingsOfFlags(flags: RunFlags, cwd: string): ProjectSettings {
  const { out, jobs, mem, context, pipeline, strict, quicklook, background, allowMissing } = flags;
  const settings: ProjectSettings = {};
  if (out !== undefined) settings.out = resolve(cwd, out);
  if (jobs !== undefined) settings.jobs = jobs;
  if (mem !== undefined) settings.mem = mem;
  if (context !== undefined) settings.context = context;
  if (pipeline !== undefined) settings.pipeline = pipeline;
  if (strict) settings.strict = true;
  if (!quicklook) settings.quicklook = false;
  if (background.length > 0) settings.background = background;
  if (allowMissing.length > 0) settings.allowMissing = allowMissing;
  return settings;
}

/** The files that apply here and what they say; plug-in patterns become paths. */
export async function loadSettings(
  host: Host,
  flags: ProjectSettings,
  config?: string,
): Promise<{ settings: Settings; names: KnownNames; plugins: string[] }> {
  let names = await knownNames();
  let plugins: string[] = [];
  const settings = await resolveSettings({
    host,
    defaults: defaultSettings(),
    flags,
    config: config === undefined ? undefined : resolve(host.cwd, config),
    names: async (patterns) => {
      plugins = patterns.flatMap((pattern) => {
        const found = expandPattern(pattern, host.cwd);
        if (found.length === 0) throw new ConfigError(`no plug-in step at ${pattern}`);
        return found.map((path) => resolve(host.cwd, path));
      });
      return (names = await knownNames(plugins));
    },
  });
  return { settings, names, plugins };
}

/** Every setting of every layer is checked, also those of steps that this run doesn't have. */
async function checkLayers(layers: readonly Layer[], plugins: readonly string[]): Promise<void> {
  const named = new Set(layers.flatMap(({ params }) => Object.keys(params)));
  for (const name of named) resolveParameters((await stepByName(name, plugins)).step, layers);
  const withRefs = layers.filter(({ refs }) => Object.keys(refs).length > 0);
  if (withRefs.length === 0) return;
  const steps = await Promise.all([
    ...Object.values(builtinSteps).map((load) => load()),
    ...plugins.map(async (module) => (await import("../step/plugin.js")).loadPlugin(module)),
  ]);
  const known = new Set(
    steps.flatMap(({ refs }) =>
      Object.entries(refs as Record<string, { type: string }>).flatMap(([key, { type }]) => [
        key.toUpperCase(),
        type.toUpperCase(),
      ]),
    ),
  );
  for (const { origin, refs } of withRefs)
    for (const type of Object.keys(refs))
      if (!known.has(type))
        throw wrong(
          origin,
          `no step uses a reference of type "${type.toLowerCase()}"${suggestion(
            type.toLowerCase(),
            [...known].map((each) => each.toLowerCase()),
          )}`,
          "iris step list",
        );
}

const isParameterFile = (word: string): boolean => /\.(cfg|asdf)$/i.test(word);

const isModule = (word: string): boolean => /\.[cm]?[jt]s$/.test(word);

async function fixedStep(word: string, names: KnownNames, plugins: readonly string[], host: Host) {
  if (isModule(word)) {
    const module = resolve(host.cwd, word);
    const { loadPlugin } = await import("../step/plugin.js");
    return { name: (await loadPlugin(module)).name, module };
  }
  const { step, module } = await stepByName(word, plugins);
  return { name: step.name, module };
}

const isPlan = (value: unknown): boolean =>
  typeof value === "object" && value !== null && (value as { type?: unknown }).type === "plan";

interface Given {
  inputs: string[];
  /** Those of the inputs that were found in folders. */
  found?: ReadonlySet<string>;
  association?: Association;
  plan: GivenPlan | null;
}

/** Exposures, one association, or one plan. */
async function readInputs(
  words: readonly string[],
  flags: RunFlags,
  host: Host,
  command: readonly string[],
): Promise<Given> {
  if (words.length === 0)
    throw new UsageError("nothing to reduce: no file was named", {
      hint: `iris ${joinWords(command)} FILE… or a folder`,
    });
  const expanded = await findInputs(words, host, flags.recursive ?? false);
  const absolute = (file: string) => resolve(host.cwd, file);
  const files = expanded.files.map(absolute);
  const json = files.filter((file) => extname(file) === ".json");
  if (json.length === 0)
    return { inputs: files, found: new Set([...expanded.found].map(absolute)), plan: null };
  if (files.length > 1)
    throw new UsageError(`${basename(json[0]!)} has to stand alone: one association or plan at a time`);
  const content = readJson(json[0]!);
  return isPlan(content)
    ? { inputs: [], plan: { content, origin: expanded.files[0]! } }
    : { inputs: [], association: readAssociation(json[0]!, host.cwd), plan: null };
}

/** All that changes the pixels, none of what doesn't (threads, memory, folder), in one order. */
function repeatable(fixed: Fixed, words: readonly string[], flags: RunFlags): string {
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);
  const one = (option: string, value: string | undefined) => (value === undefined ? [] : [option, value]);
  return joinWords([
    "iris",
    ...fixed.command,
    ...(flags.recursive ? ["--recursive"] : []),
    ...words,
    ...one("--pipeline", flags.pipeline),
    ...one("--config", flags.config),
    ...one("--context", flags.context),
    ...each("--set", flags.set),
    ...each("--ref", flags.ref),
    ...each("--skip", flags.skip),
    ...one("--from", flags.from),
    ...one("--until", flags.until),
    ...each("--background", flags.background),
    ...each("--allow-missing", flags.allowMissing),
    ...each("--reject", flags.reject ?? []),
    ...one("--target", flags.target),
    ...each("--only", flags.only ?? []),
    ...each("--own", flags.own ?? []),
    ...one("--sky", flags.sky),
  ]);
}

/** Products are named by their inputs: a file name after -o is a misunderstanding that would make a folder x.fits. */
function checkOut(out: string): string {
  if (!/\.fits?$/i.test(out) || existsSync(out)) return out;
  throw new UsageError(`-o takes a folder: ${basename(out)} looks like a file`, {
    hint: "products are named by their inputs; iris plan shows the names",
  });
}

/** `foo.fits` and `foo` name the product alike. */
const baseName = (file: string | null): string | undefined => file?.replace(/\.fits?$/i, "");

/** Reads all that a run needs to know; throws before anything is written. */
export async function prepareRun(
  host: Host,
  given: readonly string[],
  { ...flags }: RunFlags,
  fixed: Fixed,
): Promise<Prepared> {
  // The peers name the parameter file first: image2.cfg asn.json.
  const words = given.filter((word) => flags.config !== undefined || !isParameterFile(word));
  const parameterFile = given.find(isParameterFile);
  if (flags.config === undefined && parameterFile !== undefined) flags.config = parameterFile;
  const { settings, names, plugins } = await loadSettings(
    host,
    settingsOfFlags(flags, host.cwd),
    flags.config,
  );
  const value = <K extends keyof ProjectSettings>(key: K) =>
    settings.values[key]?.value as ProjectSettings[K];
  const step = fixed.step ?? settings.step;
  const alone = step === undefined || step === null ? null : await fixedStep(step, names, plugins, host);
  const allNames = alone?.module ? { ...names, steps: [...names.steps, alone.name] } : names;
  const typed = commandLineLayer(flags, allNames, host.cwd, alone?.name);
  const layers = [fixed.defaults ?? [], settings.layers, fixed.layer ?? [], typed].flat();
  const modules = [...new Set([...plugins, ...(alone?.module ? [alone.module] : [])])];
  await checkLayers(layers, modules);
  const read: Given = fixed.live
    ? { inputs: [], plan: null }
    : await readInputs(words, flags, host, fixed.command);
  const pipeline = fixed.pipeline ?? value("pipeline");
  const own = value("pipelines") ?? {};
  const allPipelines = { ...names, pipelines: [...names.pipelines, ...Object.keys(own)] };
  const cache = value("cache");
  const background = await expandBackground(value("background") ?? [], host);
  const request: Request = {
    host: cache === undefined ? host : { ...host, env: { ...host.env, CRDS_PATH: resolve(host.cwd, cache) } },
    inputs: read.inputs,
    found: read.found,
    night: nightOf(read, flags, { pipeline, step: alone !== null, from: flags.from ?? fixed.from }),
    association: read.association,
    background,
    pipeline: alone || pipeline === undefined ? undefined : requirePipeline(pipeline, allPipelines),
    pipelines: own,
    step: alone ?? undefined,
    layers,
    plugins: modules,
    context: value("context"),
    outputFile: baseName(settings.outputFile),
    out: checkOut(resolve(host.cwd, value("out")!)),
    force: flags.force ?? false,
    allowMissing: value("allowMissing") ?? [],
    reject: flags.reject,
    quicklook: value("quicklook")!,
    from: flags.from ?? fixed.from,
    until: flags.until ?? fixed.until,
    command: repeatable(fixed, words, flags),
  };
  return {
    request,
    words: words.includes("-") ? read.inputs : words,
    plan: read.plan,
    typed,
    jobs: value("jobs")!,
    mem: parseBytes(value("mem")!),
    strict: value("strict")!,
    failFast: flags.failFast ?? false,
    notes: settings.notes,
  };
}

/**
 * A folder is a night, whose exposures serve each other, unless the words say what is to be done with each.
 * @throws UsageError for options of a night where there is none.
 */
function nightOf(
  { found = new Set(), plan }: Given,
  { target, only = [], own = [], sky, background }: RunFlags,
  { pipeline, step, from }: { pipeline: string | undefined; step: boolean; from: string | undefined },
): NightRequest | undefined {
  const each = [
    plan ? "a plan is given" : found.size === 0 ? "no folder is given" : "",
    step ? "a step is run alone" : "",
    pipeline === undefined ? "" : `--pipeline ${pipeline} takes every file by itself`,
    from === undefined ? "" : `--from ${from} takes every file by itself`,
    background.length === 0 ? "" : "--background is for every file by itself",
  ].find((word) => word !== "");
  if (each === undefined) return { target, only, own, sky };
  const option =
    [
      target === undefined ? "" : "--target",
      only.length === 0 ? "" : "--only",
      own.length === 0 ? "" : "--own",
      sky === undefined ? "" : "--sky",
    ].find((word) => word !== "") ?? "";
  if (option === "") return undefined;
  throw new UsageError(`${option} chooses from a night, and there is none: ${each}`, {
    hint: `iris reduce FOLDER ${option} …`,
  });
}

async function expandBackground(words: readonly string[], host: Host): Promise<string[]> {
  if (words.length === 0) return [];
  return (await expandInputs(words, host, false)).map((file) => resolve(host.cwd, file));
}
