/** Mappings on their way into a cache: fetched beside it, checked, and moved in when all that they need is there. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isIrisError, RulesError } from "../../errors.js";
import { loadMapping, mappingPath, readMapping, type Cache } from "../cache.js";
import { mappingsFolder } from "../cache-store.js";
import { checkMapping } from "../checksum.js";
import { namesGivenBy } from "../closure.js";
import { isMappingName, observatoryOf, type Mapping } from "../mapping.js";
import { getObservatory } from "../observatories/index.js";
import { ask, askInfo, checkName, fetchFiles, type Run } from "./run.js";
import type { Source } from "./source.js";

export interface Staged {
  /** Mappings of the contexts, wherever they are. */
  names: string[];
  /** Those that wait to be moved into the cache. */
  waiting: string[];
}

/** Mappings are walked from the contexts down, whatever list the source gives, so that none is ever missing. */
export async function stageContexts(run: Run, contexts: readonly string[]): Promise<Staged> {
  const seen = new Set<string>();
  const waiting: string[] = [];
  for (let wave = [...contexts]; wave.length > 0;) {
    const names = [...new Set(wave)].filter((name) => !seen.has(name));
    names.forEach((name) => seen.add(name));
    const missing = await stageMappings(run, names);
    waiting.push(...missing);
    if (run.options.dryRun && missing.length > 0) return { names: await askBelow(run, missing), waiting };
    wave = names.flatMap((name) => belowOf(mappingAt(run, name)));
  }
  return { names: [...seen], waiting };
}

/** Fetches those that the cache lacks or has damaged into the staging folder, and names them. */
export async function stageMappings(run: Run, names: readonly string[]): Promise<string[]> {
  const missing = names.filter((name) => !isRight(run, checkName(name, run.source)));
  const place = (name: string): string => join(run.staging, name);
  await fetchFiles(run, "mappings", missing, await askInfo(run, missing), place);
  if (!run.options.dryRun) for (const name of missing) checkStaged(place(name), name, run.source);
  return missing;
}

/** In a dry run nothing is there to be walked: the source is asked what would follow. */
async function askBelow(run: Run, missing: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    missing.map((name) => ask(run.source, run.options, () => run.source.mappingNames(name))),
  );
  const names = [...new Set(lists.flatMap((list) => list ?? []))].filter((name) => !missing.includes(name));
  await stageMappings(run, names);
  return [...missing, ...names];
}

const belowOf = (mapping: Mapping): string[] =>
  mapping.kind === "rmap" ? [] : namesGivenBy(mapping).filter(isMappingName);

/** A mapping of the staging folder, else of the cache. */
export function mappingAt({ cache, staging }: Run, name: string): Mapping {
  const staged = join(staging, name);
  return existsSync(staged) ? readMapping(staged).mapping : loadMapping(cache, name);
}

/** A mapping that is there and whole; a damaged one is fetched again. */
function isRight({ cache, report }: Run, name: string): boolean {
  const path = mappingPath(cache, name);
  if (!path) return false;
  try {
    if (hasItsSum(path, name)) {
      report.kept++;
      return true;
    }
  } catch (error) {
    if (!isIrisError(error)) throw error;
  }
  report.repaired.push(name);
  return false;
}

function hasItsSum(path: string, name: string): boolean {
  const { mapping, text } = readMapping(path);
  return getObservatory(observatoryOf(name)).ignoreChecksums || checkMapping(mapping, text).state === "valid";
}

/** What came must be a mapping with the sum it claims, before anything relies on it. */
function checkStaged(path: string, name: string, source: Source): void {
  try {
    if (hasItsSum(path, name)) return;
    throw new RulesError(`${name} has a wrong or no sha1sum`);
  } catch (error) {
    if (!isIrisError(error)) throw error;
    rmSync(path, { force: true });
    throw new RulesError(`${source.name} gave a mapping that can't be used: ${error.message}`);
  }
}

/** Moves staged mappings into the cache: rules before the imaps that name them, imaps before pmaps. */
export function installMappings({ cache, observatory, staging }: Run, waiting: readonly string[]): void {
  const folder = mappingsFolder(cache, observatory);
  for (const extension of [".rmap", ".imap", ".pmap"]) {
    for (const name of waiting.filter((n) => n.endsWith(extension))) install(cache, staging, folder, name);
  }
  rmSync(staging, { recursive: true, force: true });
}

function install(cache: Cache, staging: string, folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  renameSync(join(staging, name), join(folder, name));
  cache.memory.delete(`mapping ${name}`);
}
