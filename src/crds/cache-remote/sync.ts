/** Fills a cache from a source: what the contexts need, the context itself last, so that a failure leaves the old one working. */
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../errors.js";
import { openCache, type Cache } from "../cache.js";
import { checkWritable, lockPath, storeConfig } from "../cache-store.js";
import { isMappingName, observatoryOf } from "../mapping.js";
import { fetchReferences, referencesNamed, referencesOf, type Wanted } from "./fetch-references.js";
import { takeLock } from "./lock.js";
import { ask, type Run, type SyncOptions, type SyncReport } from "./run.js";
import type { Source } from "./source.js";
import { installMappings, stageContexts, stageMappings } from "./stage.js";

export type { SyncOptions, SyncReport } from "./run.js";

/** @throws CalibrationError, RulesError or OutputError; files that came stay, the configuration and old contexts are untouched */
export async function syncCache(cache: Cache, source: Source, options: SyncOptions): Promise<SyncReport> {
  if (!options.dryRun) checkWritable(cache);
  const info = await ask(source, options, () => source.info(cache.observatory));
  const { files = [] } = options;
  const contexts =
    options.contexts.length > 0 || files.length > 0 ? [...options.contexts] : [defaultContext(info, source)];
  const observatory = contexts[0]
    ? observatoryOf(contexts[0])
    : (cache.observatory ?? String(info["observatory"] ?? observatoryOf(files[0]!)));
  const report: SyncReport = { observatory, contexts, fetched: [], kept: 0, repaired: [], bytes: 0 };
  const free = options.dryRun ? () => undefined : takeLock(lockPath(cache, observatory));
  const keepConfig = (): string =>
    storeConfig(cache, observatory, {
      ...configOf(info),
      last_synced: options.now.toISOString().replace("T", " ").replace("Z", ""),
    });
  try {
    const staging = join(cache.path, "locks", `staged-${observatory}`);
    const run: Run = { cache, source, options, observatory, staging, report };
    const staged = await stageContexts(run, contexts);
    const waiting = [...staged.waiting, ...(await stageMappings(run, files.filter(isMappingName)))];
    const named = files.filter((name) => !isMappingName(name));
    const wanted: Wanted = options.references ? await referencesOf(run, contexts, staged) : new Map();
    if (wanted.size + named.length > 0)
      await fetchReferences(run, new Map([...wanted, ...referencesNamed(named)]));
    if (options.dryRun) return report;
    installMappings(run, waiting);
    if (!options.flat) keepConfig();
    return report;
  } catch (error) {
    if (options.forceConfig && !options.dryRun) keepConfig();
    throw error;
  } finally {
    free();
    if (options.flat && !options.dryRun) removeEmpty(join(cache.path, "locks"));
  }
}

/** A plain copy holds nothing but files; what a failed one has staged stays for the next try. */
function removeEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

function defaultContext(info: Record<string, unknown>, source: Source): string {
  const named = info["latest_context"] ?? info["operational_context"];
  if (typeof named === "string" && isMappingName(named)) return named;
  throw new UsageError(`${source.name} names no default context`, {
    hint: "name one: --contexts tmt_0001.pmap",
  });
}

/** What of the server's configuration is kept; addresses and history belong to it, the state of a run doesn't. */
function configOf(info: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(info).filter(([key]) => key !== "download_metadata" && key !== "last_synced"),
  );
}

/** A folder for a plain copy, as a cache whose parts are all that folder. */
export function openFlatCopy(path: string, observatory: string | undefined): Cache {
  const env = { CRDS_MAPPATH_SINGLE: path, CRDS_REFPATH_SINGLE: path, CRDS_CFGPATH_SINGLE: path };
  return openNewCache(path, observatory, env);
}

/** A cache folder that may not exist yet. */
export function openNewCache(path: string, observatory: string | undefined, env: Cache["env"]): Cache {
  mkdirSync(path, { recursive: true });
  return openCache({ path, observatory, env });
}
