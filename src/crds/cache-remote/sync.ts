/** Fills a cache from a source: what the contexts need, the context itself last, so that a failure leaves the old one working. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CalibrationError, isIrisError, RulesError, UsageError } from "../../errors.js";
import { loadMapping, mappingPath, openCache, readMapping, referencePath, type Cache } from "../cache.js";
import { checkWritable, lockPath, mappingsFolder, referenceFolder, storeConfig } from "../cache-store.js";
import { sha1OfFile, storeSums } from "../cache-verify.js";
import { checkMapping } from "../checksum.js";
import { namesGivenBy } from "../closure.js";
import { isMappingName, observatoryOf, type Mapping } from "../mapping.js";
import { standardParts } from "../names.js";
import { getObservatory } from "../observatories/index.js";
import { download, type DownloadOptions } from "./download.js";
import { takeLock } from "./lock.js";
import { isSafeName, TransferError, type FileInfo, type FileKind, type Source } from "./source.js";

export interface SyncOptions extends DownloadOptions {
  /** Contexts to fetch; the source's own default when empty. */
  contexts: readonly string[];
  references: boolean;
  /** Verify files that are there already by their checksum, and fetch wrong ones again. */
  check: boolean;
  jobs: number;
  dryRun: boolean;
  now: Date;
  /** More is to come: files and, as far as the source tells, bytes. */
  onPlan?: ((files: number, bytes: number) => void) | undefined;
  onFile?: ((name: string) => void) | undefined;
}

export interface SyncReport {
  observatory: string;
  contexts: string[];
  fetched: string[];
  /** Files that were there already. */
  kept: number;
  /** Files that were wrong and were fetched again. */
  repaired: string[];
  bytes: number;
}

/** @throws CalibrationError, RulesError or OutputError; files that came stay, the configuration and old contexts are untouched */
export async function syncCache(cache: Cache, source: Source, options: SyncOptions): Promise<SyncReport> {
  if (!options.dryRun) checkWritable(cache);
  const info = await retried(source, options, () => source.info(cache.observatory));
  const contexts = options.contexts.length > 0 ? [...options.contexts] : [defaultContext(info, source)];
  const observatory = observatoryOf(contexts[0]!);
  const report: SyncReport = { observatory, contexts, fetched: [], kept: 0, repaired: [], bytes: 0 };
  const free = options.dryRun ? () => undefined : takeLock(lockPath(cache, observatory));
  try {
    const staging = join(cache.path, "locks", `staged-${observatory}`);
    const run = { cache, source, options, observatory, staging, report };
    const mappings = await stageMappings(run, contexts);
    if (options.references) await fetchReferences(run, await referencesOf(run, contexts, mappings));
    if (options.dryRun) return report;
    // rules before the imaps that name them, imaps before pmaps
    for (const extension of [".rmap", ".imap", ".pmap"]) {
      for (const name of mappings.staged.filter((n) => n.endsWith(extension))) install(run, name);
    }
    rmSync(staging, { recursive: true, force: true });
    storeConfig(cache, observatory, {
      ...configOf(info),
      last_synced: options.now.toISOString().replace("T", " ").replace("Z", ""),
    });
    return report;
  } finally {
    free();
  }
}

interface Run {
  cache: Cache;
  source: Source;
  options: SyncOptions;
  observatory: string;
  staging: string;
  report: SyncReport;
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

async function retried<T>(
  source: Source,
  { retries, delay }: SyncOptions,
  run: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (isIrisError(error)) throw error;
      if (!(error instanceof TransferError) || attempt >= retries) {
        throw new CalibrationError(`can't ask ${source.name} — ${(error as Error).message}`, {
          hint: "check CRDS_SERVER_URL and the network, or give a folder: --from FOLDER",
        });
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(delay * 2 ** attempt, 30_000)));
    }
  }
}

interface Staged {
  /** Mappings of the contexts, wherever they are. */
  names: string[];
  /** Those that wait to be moved into the cache. */
  staged: string[];
}

/** Mappings are walked from the contexts down, whatever list the source gives, so that none is ever missing. */
async function stageMappings(run: Run, contexts: readonly string[]): Promise<Staged> {
  const seen = new Set<string>();
  const staged: string[] = [];
  let wave = [...contexts];
  while (wave.length > 0) {
    const names = wave.filter((name) => !seen.has(name));
    names.forEach((name) => seen.add(checkName(name, run.source)));
    const missing = names.filter((name) => !isRight(run.cache, name, run.report));
    const sizes =
      missing.length > 0
        ? await retried(run.source, run.options, () => run.source.fileInfo(run.observatory, missing))
        : new Map<string, FileInfo>();
    run.options.onPlan?.(missing.length, totalSize(missing, sizes));
    await parallel(missing, run.options.jobs, async (name) => {
      await fetchFile(run, "mappings", name, join(run.staging, name), sizes.get(name));
      staged.push(name);
    });
    if (run.options.dryRun && missing.length > 0) return { names: await askBelow(run, missing), staged };
    wave = names.flatMap((name) => belowOf(mappingAt(run, name)));
  }
  return { names: [...seen], staged };
}

/** In a dry run nothing is there to be walked: the source is asked what would follow. */
async function askBelow(run: Run, missing: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    missing.map((name) => retried(run.source, run.options, () => run.source.mappingNames(name))),
  );
  const names = [...new Set(lists.flatMap((list) => list ?? []))].filter((name) => !missing.includes(name));
  const further = names.filter((name) => !isRight(run.cache, checkName(name, run.source), run.report));
  const sizes = await retried(run.source, run.options, () => run.source.fileInfo(run.observatory, further));
  for (const name of further) await fetchFile(run, "mappings", name, "", sizes.get(name));
  return [...missing, ...names];
}

const belowOf = (mapping: Mapping): string[] =>
  mapping.kind === "rmap" ? [] : namesGivenBy(mapping).filter(isMappingName);

/** A mapping of the cache, else of the staging folder. */
function mappingAt(run: Run, name: string): Mapping {
  const staged = join(run.staging, name);
  return existsSync(staged) ? readMapping(staged).mapping : loadMapping(run.cache, name);
}

function checkName(name: string, source: Source): string {
  if (isSafeName(name)) return name;
  throw new RulesError(`${source.name} names a file that can't be one: ${JSON.stringify(name)}`);
}

/** A mapping that is there and whole; a damaged one is fetched again. */
function isRight(cache: Cache, name: string, report: SyncReport): boolean {
  const path = mappingPath(cache, name);
  if (!path) return false;
  try {
    const { mapping, text } = readMapping(path);
    if (
      getObservatory(observatoryOf(name)).ignoreChecksums ||
      checkMapping(mapping, text).state === "valid"
    ) {
      report.kept++;
      return true;
    }
  } catch (error) {
    if (!isIrisError(error)) throw error;
  }
  report.repaired.push(name);
  return false;
}

async function referencesOf(run: Run, contexts: readonly string[], { names }: Staged): Promise<string[]> {
  if (run.options.dryRun) {
    const lists = await Promise.all(
      contexts.map((c) => retried(run.source, run.options, () => run.source.referenceNames(c))),
    );
    return [...new Set(lists.flatMap((list) => list ?? []))].sort();
  }
  const rmaps = names.filter((name) => name.endsWith(".rmap"));
  return [...new Set(rmaps.flatMap((name) => namesGivenBy(mappingAt(run, name))))].sort();
}

async function fetchReferences(run: Run, names: readonly string[]): Promise<void> {
  const { cache, observatory, options, source, report } = run;
  names.forEach((name) => checkName(name, source));
  const infos = await retried(source, options, () => source.fileInfo(observatory, names));
  const wanted = names.filter((name) => {
    const path = referencePath(cache, name);
    if (!path) return true;
    if (isWhole(path, infos.get(name), options.check)) {
      report.kept++;
      return false;
    }
    report.repaired.push(name);
    return true;
  });
  options.onPlan?.(wanted.length, totalSize(wanted, infos));
  await parallel(wanted, options.jobs, async (name) => {
    const instrument = standardParts(name)?.instrument ?? "iris";
    const path = referencePath(cache, name) ?? join(referenceFolder(cache, observatory, instrument), name);
    await fetchFile(run, "references", name, path, infos.get(name));
  });
  if (!options.dryRun) storeSums(cache, observatory, Object.fromEntries(infos));
}

const totalSize = (names: readonly string[], infos: ReadonlyMap<string, FileInfo>): number =>
  names.reduce((sum, name) => sum + (infos.get(name)?.size ?? 0), 0);

function isWhole(path: string, info: FileInfo | undefined, check: boolean): boolean {
  if (!info) return true;
  if (statSync(path).size !== info.size) return false;
  return !check || info.sha1sum === "" || sha1OfFile(path) === info.sha1sum;
}

async function fetchFile(
  run: Run,
  kind: FileKind,
  name: string,
  path: string,
  info: FileInfo | undefined,
): Promise<void> {
  const { source, options, observatory, report } = run;
  if (!options.dryRun) {
    await download(source, observatory, kind, name, path, info, {
      ...options,
      onBytes: (bytes) => {
        report.bytes += bytes;
        options.onBytes?.(bytes);
      },
    });
    if (kind === "mappings") checkStaged(path, name, source);
  } else report.bytes += info?.size ?? 0;
  report.fetched.push(name);
  options.onFile?.(name);
}

/** What came must be a mapping with the sum it claims, before anything relies on it. */
function checkStaged(path: string, name: string, source: Source): void {
  try {
    const { mapping, text } = readMapping(path);
    if (getObservatory(observatoryOf(name)).ignoreChecksums || checkMapping(mapping, text).state === "valid")
      return;
    throw new RulesError(`${name} has a wrong or no sha1sum`);
  } catch (error) {
    if (!isIrisError(error)) throw error;
    rmSync(path, { force: true });
    throw new RulesError(`${source.name} gave a mapping that can't be used: ${error.message}`);
  }
}

function install({ cache, observatory, staging }: Run, name: string): void {
  const folder = mappingsFolder(cache, observatory);
  mkdirSync(folder, { recursive: true });
  renameSync(join(staging, name), join(folder, name));
  cache.memory.delete(`mapping ${name}`);
}

/** Runs the work with at most `jobs` at a time; the first failure is thrown when the running ones have ended. */
async function parallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  if (failures.length > 0) throw failures[0];
}

/** A cache folder that may not exist yet. */
export function openNewCache(path: string, observatory: string | undefined, env: Cache["env"]): Cache {
  mkdirSync(path, { recursive: true });
  return openCache({ path, observatory, env });
}
