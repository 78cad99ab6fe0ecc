/** Steps from modules of the user's: loaded by path, checked before they are trusted. */
import { pathToFileURL } from "node:url";
import importModule from "./import-module.cjs";
import { ConfigError } from "../errors.js";
import { defineStep, type AnyStep } from "./define.js";

const kinds: readonly unknown[] = ["ramp", "rate", "image", "exposure"];
const localities: readonly unknown[] = ["pixel", "row", "frame", "group", "joint"];

/** The step that a module exports by default, every field checked. `path` is absolute. @throws ConfigError */
export async function loadPlugin(path: string): Promise<AnyStep> {
  let exported: unknown;
  try {
    exported = (await importModule(pathToFileURL(path).href))["default"];
  } catch (cause) {
    throw new ConfigError(`plug-in step can't be loaded: ${path} — ${String(cause)}`, {
      cause,
      hint: "see how a step is written: iris step describe flat_field",
    });
  }
  const why = flaw(exported);
  if (why)
    throw new ConfigError(`plug-in step is not a step: ${path} — ${why}`, {
      hint: "see how a step is written: iris step describe flat_field",
    });
  return defineStep(exported as AnyStep);
}

/** What is wrong with a step declaration, in words; undefined when it is whole. */
export function flaw(exported: unknown): string | undefined {
  if (!isRecord(exported)) return "its default export is not an object; export default defineStep({ … })";
  const {
    name,
    summary,
    input,
    output,
    locality,
    status,
    run,
    skip,
    halo,
    prepare,
    reframe,
    regrid,
    joint,
    extensions,
    refs,
    members,
    params,
  } = exported;
  if (typeof name !== "string" || !/^[a-z][\w/-]*$/.test(name))
    return "`name` must be lower-case letters, digits, _ and -";
  const of = `step ${name}: `;
  if (typeof summary !== "string" || summary === "") return `${of}\`summary\` must be a sentence`;
  if (!kinds.includes(input)) return `${of}\`input\` must be one of ${kinds.join(", ")}`;
  if (!kinds.includes(output)) return `${of}\`output\` must be one of ${kinds.join(", ")}`;
  if (!localities.includes(locality)) return `${of}\`locality\` must be one of ${localities.join(", ")}`;
  if (typeof status !== "string" || !/^S_[A-Z0-9_]{1,6}$/.test(status))
    return `${of}\`status\` must be a keyword S_… of at most 8 characters`;
  if (typeof run !== "function") return `${of}\`run\` must be a function`;
  if (skip !== undefined && typeof skip !== "function") return `${of}\`skip\` must be a function`;
  if (halo !== undefined && typeof halo !== "function") return `${of}\`halo\` must be a function`;
  if (prepare !== undefined && !["rows", "take", "make"].every((key) => isFunction(prepare, key)))
    return `${of}\`prepare\` must have the functions rows, take and make`;
  if (
    reframe !== undefined &&
    (typeof reframe !== "function" || locality === "group" || locality === "frame")
  )
    return `${of}\`reframe\` must be a function, and belongs to a pixel or row step`;
  if (regrid !== undefined && (locality !== "group" || !isRegrid(regrid)))
    return `${of}\`regrid\` must have the functions \`plan\` and \`rows\`, and belongs to a group step`;
  if ((locality === "joint") !== isFunction(joint, "rows"))
    return `${of}a joint step, and no other, must have \`joint\` with the function \`rows\``;
  if (extensions !== undefined && !isExtensions(extensions))
    return `${of}each of \`extensions\` must have a \`name\``;
  if (params !== undefined && !isObjectSchema(params))
    return `${of}\`params\` must be a valibot object schema`;
  if (members !== undefined && !isRecord(members)) return `${of}\`members\` must be an object`;
  if (refs === undefined) return undefined;
  if (!isRecord(refs)) return `${of}\`refs\` must be an object`;
  const bad = Object.entries(refs).find(([, ref]) => !isRecord(ref) || typeof ref["type"] !== "string");
  return bad ? `${of}reference \`${bad[0]}\` must have a \`type\`` : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isFunction = (value: unknown, key: string): boolean =>
  isRecord(value) && typeof value[key] === "function";

const isExtensions = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((item) => isRecord(item) && typeof item["name"] === "string");

const isRegrid = (value: unknown): boolean =>
  isRecord(value) && typeof value["plan"] === "function" && typeof value["rows"] === "function";

/** Any copy of valibot will do: a plug-in may bring its own. */
const isObjectSchema = (value: unknown): boolean =>
  isRecord(value) &&
  value["kind"] === "schema" &&
  (value["type"] === "object" || value["type"] === "strict_object") &&
  isRecord(value["entries"]);
