/** A peer's parameter file as layers of ours: which step or pipeline it is for, and what it sets. */
import { basename, dirname, resolve } from "node:path";
import { ConfigError } from "../errors.js";
import { assign, stepNamed, targetNamed, type KnownNames } from "./assign.js";
import { emptyLayer, type Layer } from "./layers.js";
import { readParameterTree, type ParameterTree } from "./parameter-tree.js";
import { nearest, suggestion } from "./suggestion.js";

export interface ParameterFile {
  target: { kind: "step" | "pipeline"; name: string };
  /** Lowest first: the files that sections name with `config_file`, then the file itself. */
  layers: Layer[];
  outputFile: string | null;
  outputDir: string | null;
  /** What the file asks for and isn't done, in sentences. */
  notes: string[];
}

/** Parameters that every step of stpipe has (FRAMEWORK §2) and that change nothing here. */
const without = ["output_use_model", "output_use_index", "search_output_file"];
const hooks = ["pre_hooks", "post_hooks"];
const isTrue = (value: unknown) => value === true || /^(true|on|yes|1)$/i.test(String(value));
const isNothing = (value: unknown) =>
  value === null || value === "" || value === "None" || (Array.isArray(value) && value.length === 0);

type Place = Pick<ParameterFile, "notes"> & { file: string; folder: string };

/** Takes the parameters that all steps share out of a step's own; gives the rest. */
function ownParameters(tree: ParameterTree, who: string, top: boolean, { notes, file }: Place) {
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree.parameters)) {
    if (hooks.includes(key)) {
      if (!isNothing(value))
        throw new ConfigError(`cannot use ${file}: ${who} has ${key}, and hooks are not run`);
    } else if (key === "output_ext") {
      if (!isNothing(value) && !/^\.?fits$/.test(String(value)))
        notes.push(`${file}: output_ext of ${who} is not used; products end in .fits`);
    } else if (key === "save_results") {
      if (!top && isTrue(value))
        notes.push(`${file}: save_results of ${who} is not used; only the last product is written`);
    } else if (["suffix", "input_dir"].includes(key) || (!top && /^output_(file|dir)$/.test(key))) {
      if (!isNothing(value)) notes.push(`${file}: ${key} of ${who} is not used`);
    } else if (!without.includes(key)) own[key] = value;
  }
  return own;
}

/** A peer's step that we don't have does no harm when it is off, or when nothing is said about it but its name. */
function unknownStep(tree: ParameterTree, names: KnownNames, { file, notes }: Place): void {
  const name = tree.name ?? tree.class ?? "";
  const known = [...names.steps, ...Object.keys(names.aliases)];
  if (nearest(name, known) === undefined) {
    if (isTrue(tree.parameters["skip"])) return;
    if (Object.keys(tree.parameters).length === 0 && tree.configFile === null) {
      notes.push(`${file}: there is no step "${name}"; its empty section changes nothing`);
      return;
    }
  }
  throw new ConfigError(`cannot use ${file}: there is no step "${name}"${suggestion(name, known)}`, {
    hint: "iris step list",
  });
}

function stepLayers(tree: ParameterTree, names: KnownNames, main: Layer, place: Place): Layer[] {
  const step =
    stepNamed(tree.name ?? "", names) ?? (tree.class === null ? undefined : stepNamed(tree.class, names));
  const nested = tree.steps.flatMap((each) => stepLayers(each, names, main, place));
  if (step === undefined) {
    if (tree.steps.length === 0) unknownStep(tree, names, place);
    return nested;
  }
  const lower: Layer[] = [];
  if (tree.configFile !== null) {
    const path = resolve(place.folder, tree.configFile);
    const other = { ...place, file: basename(path), folder: dirname(path) };
    const layer = emptyLayer(path);
    const own = ownParameters(readParameterTree(path), step, false, other);
    for (const [key, value] of Object.entries(own)) assign(layer, step, key, value, other.folder);
    lower.push(layer);
  }
  for (const [key, value] of Object.entries(ownParameters(tree, step, false, place)))
    assign(main, step, key, value, place.folder);
  return [...nested, ...lower];
}

function targetOf(tree: ParameterTree, names: KnownNames, file: string, known?: string) {
  const words = known === undefined ? [tree.class, tree.name] : [known];
  for (const word of words) {
    const target = word === null ? undefined : targetNamed(word, names);
    if (target) return target;
  }
  const word = words.find((each) => each !== null);
  if (word === undefined || word === null)
    throw new ConfigError(`cannot use ${file}: it has no class to say which pipeline or step it is for`, {
      hint: "name the pipeline with --pipeline, see iris pipeline list",
    });
  throw new ConfigError(
    `cannot use ${file}: "${word}" is no pipeline or step` +
      suggestion(word.split(/::|\./).at(-1)!, [
        ...names.pipelines,
        ...names.steps,
        ...Object.keys(names.aliases),
      ]),
    { hint: "iris pipeline list" },
  );
}

/**
 * Reads an stpipe `.cfg`, a `.asdf` parameter file or `pars-` reference, or the same tree as YAML or JSON.
 * `known`: the pipeline or step that the user named; it wins over the file's class.
 */
export function readParameterFile(path: string, names: KnownNames, known?: string): ParameterFile {
  const tree = readParameterTree(path);
  const place: Place = { file: basename(path), folder: dirname(path), notes: [] };
  const target = targetOf(tree, names, place.file, known);
  const main = emptyLayer(path);
  const { output_file: file, output_dir: dir, skip, ...own } = ownParameters(tree, target.name, true, place);
  if (isTrue(skip)) place.notes.push(`${place.file}: skip of ${target.name} is not used; it runs alone`);
  const lower = tree.steps.flatMap((step) => stepLayers(step, names, main, place));
  for (const [key, value] of Object.entries(own)) {
    if (target.kind === "pipeline" && !key.startsWith("override_"))
      throw new ConfigError(`cannot use ${place.file}: pipeline ${target.name} has no parameter "${key}"`, {
        hint: `iris pipeline show ${target.name}`,
      });
    assign(main, target.name, key, value, place.folder);
  }
  return {
    target,
    layers: [...lower, main],
    outputFile: isNothing(file ?? null) ? null : String(file),
    outputDir: isNothing(dir ?? null) ? null : resolve(place.folder, String(dir)),
    notes: place.notes,
  };
}
