/** Makes a cache smaller or orders it anew: files that no kept context needs go, references move to another layout. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isIrisError } from "../errors.js";
import {
  cachedReferences,
  mappingNames,
  mappingPath,
  readMapping,
  referencePath,
  type Cache,
  type Layout,
} from "./cache.js";
import { partFolder } from "./cache-paths.js";
import { mappingsFolder, referenceFolder } from "./cache-store.js";
import { writeFileAtomic } from "./cache-write.js";
import { mappingClosure, namesGivenBy, referenceClosure } from "./closure.js";
import { headerText } from "./mapping.js";
import { isReferenceName, standardParts } from "./names.js";

/** The same cache without what lies behind its first root: nothing else may be changed. */
const ownPart = (cache: Cache): Cache => ({ ...cache, roots: [cache.path], memory: new Map() });

export interface PurgeOptions {
  mappings: boolean;
  references: boolean;
  dryRun: boolean;
}

/**
 * Removes files of the cache's first root which none of the contexts leads to.
 *
 * @returns names of what went, or would go
 * @throws RulesError when a context can't be loaded: then nothing is removed
 */
export function purgeCache(
  cache: Cache,
  observatory: string,
  contexts: readonly string[],
  { mappings, references, dryRun }: PurgeOptions,
): string[] {
  const keptMappings = new Set(contexts.flatMap((context) => mappingClosure(cache, context)));
  const keptReferences = new Set(contexts.flatMap((context) => referenceClosure(cache, context)));
  const own = ownPart(cache);
  const surplus = [
    ...(references
      ? cachedReferences(own, observatory).filter((name) => isOurs(name) && !keptReferences.has(name))
      : []),
    // pmaps first: a context goes before what it names
    ...(mappings ? mappingNames(own, observatory).filter((name) => !keptMappings.has(name)) : []).sort(
      (a, b) => rank(a) - rank(b),
    ),
  ];
  if (dryRun) return surplus;
  for (const name of surplus) {
    const path = referencePath(own, name) ?? join(mappingsFolder(own, observatory), name);
    rmSync(path, { force: true });
    cache.memory.delete(`mapping ${name}`);
  }
  return surplus;
}

/** References and what broken downloads left; anything else that lies there is somebody's own. */
const isOurs = (name: string): boolean => isReferenceName(name.replace(/\.(part|tmp-\d+)$/, ""));

const rank = (name: string): number => [".pmap", ".imap", ".rmap"].indexOf(name.slice(-5));

export interface Moved {
  moved: string[];
  /** Names and why they stayed. */
  left: { name: string; why: string }[];
}

/** Moves references to the places of another layout, which the cache has from then on. */
export function organizeCache(
  cache: Cache,
  observatory: string,
  layout: Layout,
  { replace, dryRun }: { replace: boolean; dryRun: boolean },
): Moved {
  const own = ownPart(cache);
  const report: Moved = { moved: [], left: [] };
  const instruments = layout === "flat" ? new Map<string, string>() : instrumentsOf(cache, observatory);
  for (const name of cachedReferences(own, observatory)) {
    const from = referencePath(own, name)!;
    const instrument = standardParts(name)?.instrument ?? instruments.get(name);
    if (layout !== "flat" && instrument === undefined) {
      report.left.push({ name, why: "no rule tells its instrument" });
      continue;
    }
    const to = join(referenceFolder(own, observatory, instrument ?? "", layout), name);
    if (from === to) continue;
    if (existsSync(to) && !replace) {
      report.left.push({ name, why: `${to} is there already` });
      continue;
    }
    report.moved.push(name);
    if (dryRun) continue;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  if (!dryRun) {
    const folder = partFolder(cache.path, cache.env, "config", observatory);
    writeFileAtomic(join(folder, "ref_cache_subdir_mode"), layout);
  }
  return report;
}

/** Instrument by reference, as the rmaps of the cache have it; rules that can't be read tell nothing. */
function instrumentsOf(cache: Cache, observatory: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of mappingNames(cache, observatory).filter((n) => n.endsWith(".rmap"))) {
    try {
      const { mapping } = readMapping(mappingPath(cache, name)!);
      const instrument = headerText(mapping, "instrument");
      if (instrument) for (const file of namesGivenBy(mapping)) found.set(basename(file), instrument);
    } catch (error) {
      if (!isIrisError(error)) throw error;
    }
  }
  return found;
}
