/** What the crds commands share: the cache of the environment, and files as headers for the rules. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { findCache, useCompiled, type Cache } from "../../../crds/cache.js";
import type { CrdsHeader } from "../../../crds/header.js";
import { bundledCache } from "../../../package.js";
import { InputError } from "../../../errors.js";
import { openFits } from "../../../fits/file.js";
import { readFacts, recognise } from "../../../instruments/index.js";
import type { Cli } from "../../cli.js";

export const openCacheOf = (cli: Cli): Cache => findCache(cli.host, bundledCache);

/** Runs lookups in one context with the rules compiled before, and keeps those of this run. */
export function withCompiled<T>(cache: Cache, context: string, run: () => T): T {
  const save = useCompiled(cache, context);
  const result = run();
  save();
  return result;
}

/** A header for the rules: a FITS file as its instrument describes it, its keywords when no instrument knows it, or JSON. */
export function readCrdsHeader(cli: Cli, name: string): CrdsHeader {
  const path = resolve(cli.host.cwd, name);
  if (path.endsWith(".json")) return parseHeader(readFileSync(path, "utf8"), name);
  const file = openFits(path);
  try {
    const facts = readFacts(file);
    const instrument = recognise(facts.header);
    if (!instrument || facts.science < 0) return facts.header;
    return instrument.crdsHeader(instrument.describe(facts), facts.header);
  } finally {
    file.close();
  }
}

/** A JSON object of keywords; `{"header": {…}}` is looked into. */
export function parseHeader(text: string, where: string): CrdsHeader {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`can't read the header: ${where} — not JSON`, { cause });
  }
  const inner = isObject(value) && isObject(value["header"]) ? value["header"] : value;
  if (!isObject(inner))
    throw new InputError(`can't read the header: ${where} — expected an object of keywords`);
  for (const [key, v] of Object.entries(inner)) {
    if (typeof v === "object" && v !== null)
      throw new InputError(`can't read the header: ${where} — ${key} isn't a plain value`);
  }
  return inner as CrdsHeader;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
