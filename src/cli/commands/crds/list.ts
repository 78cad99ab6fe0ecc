/** `iris crds list`: contexts, mappings and references. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cachedReferences,
  chooseObservatory,
  headerText,
  isMappingName,
  loadMapping,
  mappingClosure,
  mappingNames,
  mappingPath,
  referenceClosure,
  readServerConfig,
  referencePath,
  requiredKeywords,
  resolveContext,
  type Cache,
} from "../../../crds/rules.js";
import { isTrue } from "../../../crds/cache-paths.js";
import { reprOf } from "../../../crds/literal.js";
import type { Cli } from "../../cli.js";
import { locateMapping } from "./mapping-file.js";
import { openCacheOf } from "./open.js";

export interface ListOptions {
  contexts?: string[] | true;
  mappings?: boolean;
  references?: boolean;
  requiredParkeys?: boolean;
  resolveContexts?: boolean;
  cachedMappings?: boolean;
  cachedReferences?: boolean;
  fullPath?: boolean;
  operationalContext?: boolean;
  latestContext?: boolean;
  fileProperties?: string[];
  cat?: string[];
  status?: boolean;
}

export function runList(cli: Cli, options: ListOptions): void {
  const cache = openCacheOf(cli);
  const named = Array.isArray(options.contexts) ? options.contexts : [undefined];
  const contexts = () => named.map((spec) => resolveContext(cache, spec));
  const path = options.fullPath ? (name: string) => pathIn(cache, name) : (name: string) => name;
  if (options.status) return printStatus(cli, cache);
  if (options.requiredParkeys) return printParkeys(cli, cache, contexts());
  if (options.fileProperties) return printProperties(cli, cache, options.fileProperties);
  if (options.cat)
    return options.cat.forEach((name) => cli.out(readFileSync(locateMapping(cache, name), "utf8")));
  if (options.latestContext) return cli.out(resolveContext(cache, `${chooseObservatory(cache)}-latest`));
  if (options.operationalContext)
    return cli.out(resolveContext(cache, `${chooseObservatory(cache)}-operational`));
  const names = new Set(collect(cache, options, contexts));
  const lines = [...names].map(path);
  if (cli.json) cli.out(JSON.stringify({ v: 1, names: lines }));
  else if (lines.length > 0) cli.out(lines.join("\n"));
}

function collect(cache: Cache, options: ListOptions, contexts: () => string[]): string[] {
  const names: string[] = [];
  if (options.mappings) names.push(...contexts().flatMap((c) => mappingClosure(cache, c)));
  if (options.references) names.push(...contexts().flatMap((c) => referenceClosure(cache, c)));
  if (options.cachedMappings) names.push(...mappingNames(cache, chooseObservatory(cache)));
  if (options.cachedReferences) names.push(...cachedReferences(cache, chooseObservatory(cache)));
  if (options.resolveContexts) names.push(...contexts());
  const asked = options.mappings || options.references || options.cachedMappings || options.cachedReferences;
  if (asked || options.resolveContexts) return names;
  const all = Array.isArray(options.contexts) ? contexts() : mappingNames(cache, chooseObservatory(cache));
  return all.filter((name) => name.endsWith(".pmap"));
}

const pathIn = (cache: Cache, name: string): string =>
  mappingPath(cache, name) ?? referencePath(cache, name) ?? join("(not in the cache)", name);

/** The set-up as `Name = 'value'`; `iris crds info` tells more. */
function printStatus(cli: Cli, cache: Cache): void {
  const config = readServerConfig(cache, chooseObservatory(cache));
  const status = {
    CRDS_PATH: cache.path,
    CRDS_SERVER_URL: cache.env["CRDS_SERVER_URL"] ?? config["server"] ?? null,
    "Effective Context": resolveContext(cache),
    "Last Synced": config["last_synced"] ?? null,
    "Readonly Cache": isTrue(cache.env["CRDS_READONLY_CACHE"]),
  };
  if (cli.json) return cli.out(JSON.stringify({ v: 1, ...status }));
  for (const [name, value] of Object.entries(status))
    cli.out(`${name} = ${reprOf(typeof value === "boolean" || value === null ? value : String(value))}`);
}

/** One line per reference type, instrument or file, as the context has them. */
function printParkeys(cli: Cli, cache: Cache, contexts: readonly string[]): void {
  const tables = contexts.map((context) => ({ context, keywords: requiredKeywords(cache, context) }));
  if (cli.json) return cli.out(JSON.stringify({ v: 1, contexts: tables }));
  for (const { keywords } of tables) {
    for (const [name, keys] of Object.entries(keywords)) cli.out(`${name}: ${keys.join(" ")}`);
  }
}

/** Instrument and type as the mapping's header says, else as the name tells. */
function printProperties(cli: Cli, cache: Cache, names: readonly string[]): void {
  const rows = names.map((name) => {
    const [, instrument = "", type = ""] = name.replace(/(_\d+)?\.\w+$/, "").split("_");
    if (!isMappingName(name) || !mappingPath(cache, name)) return { name, instrument, type };
    const mapping = loadMapping(cache, name);
    return {
      name,
      instrument: headerText(mapping, "instrument") ?? "",
      type: headerText(mapping, "filekind") ?? "",
    };
  });
  if (cli.json) return cli.out(JSON.stringify({ v: 1, files: rows }));
  for (const { name, instrument, type } of rows) cli.out(`${instrument} ${type} ${name}`);
}
