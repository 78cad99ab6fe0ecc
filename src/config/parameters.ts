/** One resolver for every front end: step defaults, then the layers from the lowest up; each value knows its origin. */
import * as v from "valibot";
import { ConfigError, UsageError } from "../errors.js";
import type { AnyStep } from "../step/define.js";
import type { Layer, Setting } from "./layers.js";
import { parameterInfo, type ParameterInfo } from "./schema-info.js";
import { suggestion } from "./suggestion.js";
import { readTextValue } from "./text-value.js";

/** Origin of what the user typed; every other origin is a file or a declaration. */
export const commandLine = "command line";

/** A wrong word is the command line's fault or a file's. */
export function wrong(origin: string, message: string, hint: string): UsageError | ConfigError {
  return origin === commandLine
    ? new UsageError(message, { hint })
    : new ConfigError(`${message} (in ${origin})`, { hint });
}

const shown = (value: unknown): string => (typeof value === "string" ? `"${value}"` : JSON.stringify(value));

function checkedValue(
  name: string,
  schema: v.GenericSchema,
  info: ParameterInfo,
  given: Setting,
  hint: string,
) {
  const parsed = v.safeParse(schema, readTextValue(given.value, info));
  if (parsed.success) return parsed.output;
  const said = parsed.issues.find((issue) => issue.kind === "validation" && !/^Invalid /.test(issue.message));
  const why = said ? said.message : `it takes ${info.takes}`;
  throw wrong(given.origin, `${name} can't be ${shown(given.value)} — ${why}`, hint);
}

/**
 * The parameters of one step: its defaults, overridden by `layers` (lowest first) key by key. Text is read by
 * the schema. Throws UsageError or ConfigError for an unknown parameter or a value that it doesn't take.
 */
export function resolveParameters(step: AnyStep, layers: readonly Layer[]): Record<string, Setting> {
  const entries = (step.params as { entries: Record<string, v.GenericSchema> }).entries;
  const hint = `iris step describe ${step.name}`;
  const given: Record<string, Setting> = {};
  for (const { origin, params } of layers)
    for (const [name, value] of Object.entries(params[step.name] ?? {})) {
      if (!Object.hasOwn(entries, name))
        throw wrong(
          origin,
          `${step.name} has no parameter "${name}"${suggestion(name, Object.keys(entries))}`,
          hint,
        );
      given[name] = { value, origin };
    }
  const settings: Record<string, Setting> = {};
  for (const [name, schema] of Object.entries(entries)) {
    const info = parameterInfo(schema);
    const setting = given[name] ?? { value: info.default, origin: "default" };
    if (!given[name] && info.default === undefined && v.safeParse(schema, undefined).success) continue;
    if (!given[name] && info.default === undefined)
      throw new UsageError(`${step.name} needs its parameter "${name}": ${info.takes}`, {
        hint: `set it with -s ${step.name}.${name}=VALUE`,
      });
    settings[name] = {
      value: checkedValue(`${step.name}.${name}`, schema, info, setting, hint),
      origin: setting.origin,
    };
  }
  return settings;
}
