/** Puts one setting of a step where it belongs in a layer: a parameter, a skip or a reference. */
import { isAbsolute, resolve } from "node:path";
import { emptyLayer, type Layer } from "./layers.js";
import { commandLine, wrong } from "./parameters.js";
import { suggestion } from "./suggestion.js";
import { readTextValue } from "./text-value.js";

/** The names that settings may use. `aliases` are the peers' names for ours. */
export interface KnownNames {
  steps: readonly string[];
  pipelines: readonly string[];
  aliases: Readonly<Record<string, string>>;
}

/** Our name for a step as the user or a peer's file calls it; undefined when it is none. */
export function stepNamed(word: string, names: KnownNames): string | undefined {
  if (names.steps.includes(word)) return word;
  const ours = aliasOf(word, names);
  return ours !== undefined && names.steps.includes(ours) ? ours : undefined;
}

/**
 * Looks a name up among the aliases: as it stands, then without its package, then in any case. A class that has no
 * alias is named as classes of steps are: ScaleImageStep → scale_image.
 */
function aliasOf(word: string, { aliases, steps }: KnownNames): string | undefined {
  const short = word.split(/::|\./).at(-1)!;
  if (Object.hasOwn(aliases, word)) return aliases[word];
  if (Object.hasOwn(aliases, short)) return aliases[short];
  const known = Object.entries(aliases).find(([alias]) => alias.toLowerCase() === short.toLowerCase())?.[1];
  if (known !== undefined) return known;
  const plain = short
    .replace(/Step$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
  return steps.includes(plain) ? plain : undefined;
}

/** A step or pipeline by any of its names, pipelines first. */
export function targetNamed(
  word: string,
  names: KnownNames,
): { kind: "step" | "pipeline"; name: string } | undefined {
  for (const name of [word, word.split(/::|\./).at(-1)!, aliasOf(word, names)])
    if (name !== undefined && names.pipelines.includes(name)) return { kind: "pipeline", name };
    else if (name !== undefined && names.steps.includes(name)) return { kind: "step", name };
  return undefined;
}

/** The step's name, or the error that says what it might have been. */
export function requireStep(word: string, names: KnownNames, origin: string): string {
  const name = stepNamed(word, names);
  if (name !== undefined) return name;
  throw wrong(origin, `there is no step "${word}"${suggestion(word, names.steps)}`, "iris step list");
}

const booleanInfo = {
  kind: "boolean",
  takes: "true or false",
  nullable: false,
  default: false,
  choices: [],
  description: "",
  item: null,
  alternatives: [],
} as const;

/** A file name as it is meant from a folder; "N/A", and nothing, say that no reference is to be used. */
export const referencePathFrom = (folder: string, file: string): string =>
  file === "" || file.toUpperCase() === "N/A" ? "N/A" : isAbsolute(file) ? file : resolve(folder, file);

/**
 * `skip` and `override_<type>` are understood for every step; all else is a parameter, checked when it is resolved.
 * Relative reference files are meant from `folder`.
 */
export function assign(layer: Layer, step: string, key: string, value: unknown, folder: string): void {
  if (key === "skip") {
    const skip = readTextValue(value, booleanInfo);
    if (typeof skip !== "boolean")
      throw wrong(
        layer.origin,
        `${step}.skip can't be "${String(value)}" — it takes true or false`,
        `iris step describe ${step}`,
      );
    layer.skip[step] = skip;
  } else if (key.startsWith("override_")) {
    const type = key.slice("override_".length).toUpperCase();
    layer.refs[type] = referencePathFrom(folder, value === null ? "" : String(value));
  } else (layer.params[step] ??= {})[key] = value;
}

interface Words {
  /** `-s step.param=value`. */
  set: readonly string[];
  /** `--ref type=file`. */
  ref: readonly string[];
  /** `--skip step`. */
  skip: readonly string[];
}

/** What the user typed, as a layer. `alone`: the step that a setting without a step's name is for. */
export function commandLineLayer(words: Words, names: KnownNames, cwd: string, alone?: string): Layer {
  const layer = emptyLayer(commandLine);
  for (const word of words.set) {
    const match = /^(?:([^=]+?)\.)?([^=.]+)=(.*)$/s.exec(word);
    const step = match?.[1] ?? alone;
    if (!match || step === undefined)
      throw wrong(commandLine, `cannot read the setting "${word}"`, "settings are -s STEP.PARAMETER=VALUE");
    assign(layer, requireStep(step, names, commandLine), match[2]!, match[3], cwd);
  }
  for (const word of words.ref) {
    const match = /^([^=]+)=(.*)$/s.exec(word);
    if (!match)
      throw wrong(commandLine, `cannot read the reference "${word}"`, "references are --ref TYPE=FILE");
    layer.refs[match[1]!.toUpperCase()] = referencePathFrom(cwd, match[2]!);
  }
  for (const step of words.skip.flatMap((each) => each.split(",")))
    layer.skip[requireStep(step, names, commandLine)] = true;
  return layer;
}
