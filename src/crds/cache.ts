/** A calibration cache on disk: finds and reads mappings, references and the server's configuration. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, delimiter, isAbsolute, join, resolve } from "node:path";
import { CalibrationError, RulesError } from "../errors.js";
import type { Host } from "../host.js";
import { bundledCache } from "../package.js";
import { isTrue, partFolder, type CachePart, type Env } from "./cache-paths.js";
import { openCompiled, saveCompiled, takeCompiled, rulesFolder, type Compiled } from "./cache-compiled.js";
import { checkMapping } from "./checksum.js";
import { isDict, toJson } from "./literal.js";
import { decodeText, observatoryOf, parseMapping, type Mapping } from "./mapping.js";
import { getObservatory } from "./observatories/index.js";
import { parseLiteral } from "./read-literal.js";

export interface Cache {
  /** Folders that hold config, mappings and references; the first that has a file gives it. */
  readonly roots: readonly string[];
  /** First root: where new files go. */
  readonly path: string;
  /** Observatory of the caller, when it is known. */
  readonly observatory: string | undefined;
  readonly env: Env;
  /** Base for relative paths of the caller. */
  readonly cwd: string;
  /** Whatever was loaded and compiled, by key; emptied by nothing, a process reads one state of the rules. */
  readonly memory: Map<string, unknown>;
}

export interface CacheOptions {
  /** One folder, or several joined as in PATH: the user's own before the shared one. */
  path: string;
  observatory?: string | undefined;
  env?: Env | undefined;
  cwd?: string | undefined;
}

/** @throws CalibrationError when none of the folders exists */
export function openCache({ path, observatory, env = {}, cwd = "/" }: CacheOptions): Cache {
  const roots = path
    .split(delimiter)
    .filter((root) => root !== "")
    .map((root) => resolve(cwd, root));
  if (!roots.some((root) => existsSync(root))) {
    throw new CalibrationError(`no calibration cache: ${path} — there is no such folder`, {
      hint: fillHint(roots[0] ?? path),
    });
  }
  const named = observatory ?? env["CRDS_OBSERVATORY"]?.toLowerCase();
  return { roots, path: roots[0]!, observatory: named, env, cwd, memory: new Map() };
}

/** The two ways out when a folder is no cache; both work without a network. */
export function fillHint(folder: string): string {
  const [to, from] = [folder, bundledCache].map((path) =>
    /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`,
  );
  return `unset CRDS_PATH to use the cache that comes with iris, or fill this folder from it: CRDS_PATH=${to} iris crds sync --from ${from} --fetch-references`;
}

/** The cache of the environment (CRDS_PATH_SINGLE, CRDS_PATH), else the one that comes with the program. */
export function findCache(host: Host, bundled: string): Cache {
  const path = host.env["CRDS_PATH_SINGLE"] || host.env["CRDS_PATH"];
  return openCache({ path: path || bundled, env: host.env, cwd: host.cwd });
}

/** Observatories which have mappings in the cache. */
export function observatoriesIn(cache: Cache): string[] {
  const found = new Set<string>();
  for (const root of cache.roots) {
    for (const entry of list(join(root, "mappings"))) if (!entry.includes(".")) found.add(entry);
  }
  if (cache.env["CRDS_PATH_SINGLE"] || cache.env["CRDS_MAPPATH_SINGLE"]) {
    for (const root of cache.roots) {
      for (const name of list(partFolder(root, cache.env, "mappings", ""))) found.add(observatoryOf(name));
    }
  }
  return [...found].sort();
}

/** Names in a folder; none when it doesn't exist. */
export function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const folders = (cache: Cache, part: CachePart, observatory: string): string[] => [
  ...new Set(cache.roots.map((root) => partFolder(root, cache.env, part, observatory))),
];

/** Folders with the settings of an observatory, the user's own first. */
export const configFolders = (cache: Cache, observatory: string): string[] =>
  folders(cache, "config", observatory);

/** Path of a mapping: a bare name means the cache, a name with a folder is itself. */
export function mappingPath(cache: Cache, name: string): string | undefined {
  if (name.includes("/") || isAbsolute(name)) {
    const path = resolve(cache.cwd, name);
    return existsSync(path) ? path : undefined;
  }
  return folders(cache, "mappings", observatoryOf(name))
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** All mapping names of an observatory in the cache, sorted. */
export function mappingNames(cache: Cache, observatory: string): string[] {
  const names = folders(cache, "mappings", observatory).flatMap(list);
  return [...new Set(names.filter((name) => /\.[pir]map$/.test(name)))].sort();
}

/**
 * Reads a mapping of the cache, verified by its checksum unless that is ignored.
 *
 * @param usedBy the mapping that names it, for the message
 * @throws RulesError when it is missing, malformed or doesn't have the sum it claims
 */
export function loadMapping(cache: Cache, name: string, usedBy?: string): Mapping {
  const key = `mapping ${name}`;
  const known = cache.memory.get(key) as Mapping | undefined;
  if (known) return known;
  const path = mappingPath(cache, name);
  if (!path) throw missingMapping(cache, name, usedBy);
  const compiled = cache.memory.get("compiled") as Compiled | undefined;
  const trust = ignoresChecksums(cache, name);
  const mapping =
    (compiled && takeCompiled(compiled, name, path, trust)) ?? readVerified(cache, path, compiled);
  cache.memory.set(key, mapping);
  return mapping;
}

function readVerified(cache: Cache, path: string, compiled: Compiled | undefined): Mapping {
  const { mapping, text } = readMapping(path);
  const trust = ignoresChecksums(cache, mapping.name);
  if (!trust) verify(mapping, text);
  compiled?.fresh.set(mapping.name, { path, mapping, verified: !trust });
  return mapping;
}

/** Does a file hold these letters anywhere? */
export const mentions = (path: string, text: string): boolean => readFileSync(path, "latin1").includes(text);

/** From now on mappings are taken from what was compiled for this context; gives the function that keeps the rest. */
export function useCompiled(cache: Cache, context: string): () => void {
  const folder = rulesFolder(cache.env);
  if (folder === undefined) return () => undefined;
  const compiled = openCompiled(folder, cache.roots, context);
  cache.memory.set("compiled", compiled);
  return () => saveCompiled(compiled);
}

/** Reads and parses one mapping file; its checksum isn't looked at. */
export function readMapping(path: string): { mapping: Mapping; text: string } {
  const name = basename(path);
  const text = decodeText(readFileSync(path), name);
  return { mapping: parseMapping(text, name), text };
}

function missingMapping(cache: Cache, name: string, usedBy: string | undefined): RulesError {
  const by = usedBy ? `, named by ${usedBy},` : "";
  const where = folders(cache, "mappings", observatoryOf(name)).join(", ");
  const hint = `see what the cache holds: iris crds list --cached-mappings`;
  return new RulesError(`no such mapping: ${name}${by} — not in ${where}`, { hint });
}

const ignoresChecksums = (cache: Cache, name: string): boolean =>
  isTrue(cache.env["CRDS_IGNORE_MAPPING_CHECKSUM"]) || getObservatory(observatoryOf(name)).ignoreChecksums;

function verify(mapping: Mapping, text: string): void {
  const state = checkMapping(mapping, text);
  if (state.state === "valid") return;
  const what = state.state === "missing" ? "sha1sum is missing" : "sha1sum mismatch";
  const found = state.state === "missing" ? "" : `: the header says ${state.stored}`;
  throw new RulesError(`${what} in '${mapping.name}'${found} — the text has ${state.computed}`, {
    hint: `if the edit is yours: iris crds checksum --update ${mapping.name}; else fetch the file again`,
  });
}

/** Path of a reference file, whatever the layout of the cache; undefined when the cache doesn't have it. */
export function referencePath(cache: Cache, name: string): string | undefined {
  const file = basename(name);
  const first = [observatoryOf(file), cache.observatory].filter((o) => o !== undefined);
  const others = cache.roots.flatMap((root) => list(join(root, "references")));
  for (const observatory of new Set([...first, ...others])) {
    for (const folder of folders(cache, "references", observatory)) {
      const path = findBelow(folder, file);
      if (path) return path;
    }
    for (const folder of Object.values(legacyFolders(cache, observatory))) {
      if (existsSync(join(folder, file))) return join(folder, file);
    }
  }
  return undefined;
}

/** Folders of the legacy layout by instrument, as far as the environment names them. */
export function legacyFolders(cache: Cache, observatory: string): Readonly<Record<string, string>> {
  const named = Object.entries(getObservatory(observatory).legacyFolders).flatMap(
    ([instrument, variable]) => {
      const folder = cache.env[variable];
      return folder ? [[instrument, resolve(cache.cwd, folder)] as const] : [];
    },
  );
  return Object.fromEntries(named);
}

/** Flat layout first, then the folder of every instrument. */
function findBelow(folder: string, file: string): string | undefined {
  const flat = join(folder, file);
  if (existsSync(flat)) return flat;
  return list(folder)
    .map((instrument) => join(folder, instrument, file))
    .find((path) => existsSync(path));
}

/** Names of all references of an observatory in the cache, sorted. */
export function cachedReferences(cache: Cache, observatory: string): string[] {
  const names = new Set<string>();
  for (const folder of folders(cache, "references", observatory)) {
    for (const entry of list(folder)) {
      const path = join(folder, entry);
      if (statSync(path).isDirectory()) for (const name of list(path)) names.add(name);
      else names.add(entry);
    }
  }
  return [...names].sort();
}

export type Layout = "flat" | "instrument" | "legacy";

/** Layout for new references: the mode file, else what the folder looks like. */
export function layoutOf(cache: Cache, observatory: string): Layout {
  for (const folder of configFolders(cache, observatory)) {
    const path = join(folder, "ref_cache_subdir_mode");
    const word = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
    if (word === "flat" || word === "instrument" || word === "legacy") return word;
  }
  return folders(cache, "references", observatory).some((f) => list(f).length > 20) ? "flat" : "instrument";
}

/** `server_config` as data; empty when the cache has none. */
export function readServerConfig(cache: Cache, observatory: string): Readonly<Record<string, unknown>> {
  const key = `config ${observatory}`;
  const known = cache.memory.get(key) as Record<string, unknown> | undefined;
  if (known) return known;
  const path = configFolders(cache, observatory)
    .map((folder) => join(folder, "server_config"))
    .find((p) => existsSync(p));
  let config: Record<string, unknown> = {};
  if (path) {
    const value = parseLiteral(decodeText(readFileSync(path), path), path);
    if (!isDict(value)) throw new RulesError(`can't read the configuration: ${path} — not a dictionary`);
    config = toJson(value) as Record<string, unknown>;
  }
  cache.memory.set(key, config);
  return config;
}

/** Files which the observatory has withdrawn. */
export function badFiles(cache: Cache, observatory: string): ReadonlySet<string> {
  const listed = readServerConfig(cache, observatory)["bad_files_list"];
  return new Set(Array.isArray(listed) ? listed.map(String) : []);
}

/** A pointer of Git's large-file store in place of the file itself. */
export function isLfsPointer(path: string): boolean {
  if (statSync(path).size > 1024) return false;
  return readFileSync(path, "latin1").startsWith("version https://git-lfs");
}
