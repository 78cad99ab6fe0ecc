/** `iris crds info`, `pin`, `uniqname`: the set-up of the cache, its default context, names for new references. */
import { basename, extname } from "node:path";
import {
  badFiles,
  chooseObservatory,
  layoutOf,
  mappingNames,
  observatoriesIn,
  mappingPath,
  readServerConfig,
  referencePath,
  resolveContext,
  storeConfig,
  observatoryOf,
} from "../../../crds/rules.js";

import { UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { openCacheOf } from "./open.js";

/** Where everything is and what is the default. */
export function runInfo(cli: Cli): void {
  const cache = openCacheOf(cli);
  const observatory = chooseObservatory(cache);
  const config = readServerConfig(cache, observatory);
  const info = {
    v: 1,
    caches: cache.roots,
    observatories: observatoriesIn(cache),
    observatory,
    context: resolveContext(cache),
    contextFrom: cache.env["CRDS_CONTEXT"] ? "CRDS_CONTEXT" : "the cache",
    contexts: mappingNames(cache, observatory).filter((name) => name.endsWith(".pmap")).length,
    layout: layoutOf(cache, observatory),
    server: cache.env["CRDS_SERVER_URL"] ?? config["server"] ?? null,
    lastSynced: config["last_synced"] ?? null,
    withdrawn: badFiles(cache, observatory).size,
  };
  if (cli.json) return cli.out(JSON.stringify(info));
  const rows: [string, string][] = [
    ["cache", info.caches.join(", ")],
    ["observatory", `${info.observatory}   of ${info.observatories.join(", ")}`],
    ["context", `${info.context}   from ${info.contextFrom}, ${info.contexts} there`],
    ["layout", info.layout],
    ["server", String(info.server ?? "none")],
    ["last synced", String(info.lastSynced ?? "never")],
    ["withdrawn", `${info.withdrawn} files`],
  ];
  cli.out(rows.map(([name, value]) => `${name.padEnd(12)} ${value}`).join("\n"));
}

/** Makes a context the cache's default. */
export function runPin(cli: Cli, name: string): void {
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, name);
  if (!context.endsWith(".pmap") || !mappingPath(cache, context)) {
    throw new UsageError(`can't pin ${context} — it isn't a context of the cache`, {
      hint: "iris crds list --contexts names those of the cache",
    });
  }
  const observatory = observatoryOf(context);
  const before = readServerConfig(cache, observatory)["operational_context"] ?? null;
  const path = storeConfig(cache, observatory, { operational_context: context, latest_context: context });
  if (cli.json) cli.out(JSON.stringify({ v: 1, context, before, file: path }));
  else if (!cli.quiet) cli.err(`${context} is the default context now (before: ${String(before)})`);
}

/** A name that no reference of the cache has: `obs_instr_type_0001.ext`, the next serial. */
export function runUniqname(
  cli: Cli,
  files: readonly string[],
  options: { instrument?: string; type?: string },
): void {
  const cache = openCacheOf(cli);
  const observatory = chooseObservatory(cache);
  const taken = new Set<string>();
  const rows = files.map((file) => {
    const [, instrument, type] = basename(file).toLowerCase().split(".")[0]!.split("_");
    const stem = `${observatory}_${(options.instrument ?? instrument ?? "any").toLowerCase()}_${(options.type ?? type ?? "ref").toLowerCase()}`;
    for (let serial = 1; ; serial++) {
      const name = `${stem}_${String(serial).padStart(4, "0")}${extname(file).toLowerCase()}`;
      if (taken.has(name) || referencePath(cache, name)) continue;
      taken.add(name);
      return { file, name };
    }
  });
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: rows }));
  else cli.out(rows.map(({ name }) => name).join("\n"));
}
