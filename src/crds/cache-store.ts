/** Puts new references, mappings and settings into a cache; a context appears last, when all that it names is there. */
import { constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OutputError } from "../errors.js";
import { takeLock } from "./cache-remote/lock.js";
import { layoutOf, legacyFolders, readServerConfig, type Cache, type Layout } from "./cache.js";
import { isTrue, partFolder } from "./cache-paths.js";
import { sha1OfFile, storeSums, type ReferenceSums } from "./cache-verify.js";
import { reprOf, type Literal } from "./literal.js";
import { observatoryOf, type Mapping } from "./mapping.js";
import { writeFileAtomic } from "./cache-write.js";
import { writeMapping } from "./write-mapping.js";

/** @throws OutputError when the cache is marked read-only */
export function checkWritable(cache: Cache): void {
  if (!isTrue(cache.env["CRDS_READONLY_CACHE"])) return;
  throw new OutputError(`the cache ${cache.path} is read-only — CRDS_READONLY_CACHE is set`, {
    hint: "put a folder of your own before it: CRDS_PATH=own:shared",
  });
}

/** Runs a change of the cache while nobody else changes it: two at once would take the same serial numbers. */
export function changing<T>(cache: Cache, observatory: string, run: () => T): T {
  checkWritable(cache);
  const free = takeLock(lockPath(cache, observatory));
  try {
    return run();
  } finally {
    free();
  }
}

/** One lock for every kind of change of an observatory's part of the cache. */
export const lockPath = (cache: Cache, observatory: string): string =>
  join(cache.path, "locks", `${observatory}.lock`);

/** Folder of the cache's first root where mappings of an observatory are written. */
export const mappingsFolder = (cache: Cache, observatory: string): string =>
  partFolder(cache.path, cache.env, "mappings", observatory);

/** Writes mappings in the given order. */
export function storeMappings(cache: Cache, mappings: readonly Mapping[]): void {
  checkWritable(cache);
  for (const mapping of mappings) writeMapping(mappingsFolder(cache, observatoryOf(mapping.name)), mapping);
}

/** Where a new reference of an instrument belongs; in the legacy layout a variable such as `jref` names the folder. */
export function referenceFolder(
  cache: Cache,
  observatory: string,
  instrument: string,
  layout: Layout = layoutOf(cache, observatory),
): string {
  const folder = partFolder(cache.path, cache.env, "references", observatory);
  const own = instrument.toLowerCase();
  if (layout === "instrument") return join(folder, own);
  return layout === "legacy" ? (legacyFolders(cache, observatory)[own] ?? folder) : folder;
}

/** Copies a reference; one of that name with other bytes is never replaced. */
export function storeReference(cache: Cache, observatory: string, instrument: string, path: string): string {
  checkWritable(cache);
  const target = join(referenceFolder(cache, observatory, instrument), basename(path));
  if (existsSync(target)) {
    if (sha1OfFile(target) === sha1OfFile(path)) return target;
    throw new OutputError(`can't put ${basename(path)} into the cache — another file of that name is there`, {
      hint: "give the new one its own name: iris crds uniqname FILE",
    });
  }
  const temporary = `${target}.tmp-${process.pid}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, temporary, constants.COPYFILE_FICLONE);
    renameSync(temporary, target);
    recordReferences(cache, observatory, [target]);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new OutputError(`can't put ${basename(path)} into the cache`, { cause });
  }
  return target;
}

/** Keeps size and SHA-1 of references that are in place, so that their first use verifies them. */
export function recordReferences(cache: Cache, observatory: string, paths: readonly string[]): void {
  const sums = paths.map((path) => [
    basename(path),
    { size: statSync(path).size, sha1sum: sha1OfFile(path) },
  ]);
  storeSums(cache, observatory, Object.fromEntries(sums) as ReferenceSums);
}

/** JSON data as a Python literal. */
function toLiteral(value: unknown): Literal {
  if (Array.isArray(value)) return { kind: "list", items: value.map(toLiteral) };
  if (typeof value === "object" && value !== null) {
    return {
      kind: "dict",
      entries: Object.entries(value).map(([key, v]) => ({ key, value: toLiteral(v), line: 0 })),
    };
  }
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  return value as Literal;
}

/** Writes `server_config` with some values changed, as Python text. */
export function storeConfig(
  cache: Cache,
  observatory: string,
  changes: Readonly<Record<string, unknown>>,
): string {
  checkWritable(cache);
  const config: Record<string, unknown> = { ...readServerConfig(cache, observatory), ...changes };
  const lines = Object.keys(config)
    .sort()
    .map((key) => `${reprOf(key)}: ${reprOf(toLiteral(config[key]))}`);
  const path = join(partFolder(cache.path, cache.env, "config", observatory), "server_config");
  writeFileAtomic(path, `{${lines.join(",\n ")}}\n`);
  cache.memory.delete(`config ${observatory}`);
  return path;
}
