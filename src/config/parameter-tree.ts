/** The peers' parameter files as one tree, whatever they are written in: ConfigObj, ASDF, YAML or JSON. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import * as v from "valibot";
import type * as Yaml from "yaml";
import { ConfigError } from "../errors.js";
import { parseConfigObj, type Section } from "./configobj.js";

export interface ParameterTree {
  class: string | null;
  name: string | null;
  /** Path of another file with this step's parameters, relative to this one. */
  configFile: string | null;
  parameters: Record<string, unknown>;
  steps: ParameterTree[];
}

const NodeSchema = v.looseObject({
  class: v.nullish(v.string()),
  name: v.nullish(v.string()),
  config_file: v.nullish(v.string()),
  parameters: v.nullish(v.record(v.string(), v.unknown())),
  steps: v.nullish(v.array(v.unknown())),
});

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function treeOfSection({ values, sections }: Section, name: string | null, file: string): ParameterTree {
  const { class: className, name: own, config_file: configFile, ...parameters } = values;
  const { steps, ...others } = sections;
  const extra = Object.keys({ ...others, ...steps?.values })[0];
  if (extra !== undefined)
    throw new ConfigError(`cannot use ${file}: "${extra}" in ${name ?? "it"} is no place for a step`, {
      hint: "steps stand in [steps], each as [[its_name]]",
    });
  return {
    class: textOf(className),
    name: name ?? textOf(own),
    configFile: textOf(configFile),
    parameters,
    steps: Object.entries(steps?.sections ?? {}).map(([step, section]) => treeOfSection(section, step, file)),
  };
}

/** From YAML or JSON; in the oldest files everything stands inside `parameters`. */
export function treeOfData(value: unknown, file: string): ParameterTree {
  const parsed = v.safeParse(NodeSchema, value);
  if (!parsed.success) {
    const at = v.getDotPath(parsed.issues[0]) ?? "it";
    throw new ConfigError(`cannot use ${file} as parameters: ${at} — ${parsed.issues[0].message}`);
  }
  const { class: className, name, config_file: configFile, parameters, steps } = parsed.output;
  const inner = parameters ?? {};
  if (!className && typeof inner["class"] === "string") return treeOfData(inner, file);
  const own = parameters ? inner : undefined;
  const known = ["class", "name", "config_file", "parameters", "steps", "meta", "history", "asdf_library"];
  const loose = Object.entries(parsed.output).filter(([key]) => !known.includes(key));
  return {
    class: className ?? null,
    name: name ?? null,
    configFile: configFile ?? null,
    parameters: own ?? Object.fromEntries(loose),
    steps: (steps ?? []).map((step) => treeOfData(step, file)),
  };
}

/** JSON with comments, YAML, or the YAML head of an ASDF file. */
export function parseData(text: string, file: string): unknown {
  // Loaded when a file is read, and synchronously, so that planning needn't wait.
  const { parseDocument } = createRequire(import.meta.url)("yaml") as typeof Yaml;
  const head = text.split(/^\.\.\.\s*$/m)[0]!;
  const document = parseDocument(head, { logLevel: "error" });
  if (document.errors.length > 0) throw new ConfigError(`cannot read ${file}`, { cause: document.errors[0] });
  return document.toJS() as unknown;
}

/** Reads a parameter file; its content says what it is written in. */
export function readParameterTree(path: string): ParameterTree {
  const file = basename(path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(`cannot read the parameter file ${file}`, { cause });
  }
  const isData = /^\s*(#ASDF|%YAML|---|\{)/.test(text) || /\.(asdf|ya?ml|json)$/i.test(path);
  return isData
    ? treeOfData(parseData(text, file), file)
    : treeOfSection(parseConfigObj(text, file), null, file);
}
