/** `iris crds diff`: what changes from one mapping to another. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileTypeOf } from "../../../crds/names.js";
import { parkeyLevels } from "../../../crds/rule-paths.js";
import {
  diffMappings,
  formatDifference,
  formatSquashed,
  headerText,
  isMappingName,
  loadMapping,
  mappingClosure,
  mappingPath,
  readMapping,
  referenceClosure,
  referencePath,
  type Cache,
  type Difference,
  type Mapping,
} from "../../../crds/rules.js";
import { diffText } from "../../../crds/text-diff.js";
import { InputError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { locateMapping } from "./mapping-file.js";
import { openCacheOf } from "./open.js";

export interface DiffCommandOptions {
  includeHeaderDiffs?: boolean;
  hideBoringDiffs?: boolean;
  lowestMappingOnly?: boolean;
  removePaths?: boolean;
  squashTuples?: boolean;
  brief?: boolean;
  printNewFiles?: boolean;
  printAffectedInstruments?: boolean;
  printAffectedTypes?: boolean;
  printAffectedModes?: boolean;
  recurseAddedDeleted?: boolean;
  primitiveDiffs?: boolean;
  mappingTextDiffs?: boolean;
}

/** Status 0: same, 1: different, 2: trouble. */
export async function runDiff(
  cli: Cli,
  oldName: string,
  newName: string,
  options: DiffCommandOptions,
): Promise<void> {
  const cache = openCacheOf(cli);
  if (!isMappingName(oldName) && !isMappingName(newName)) {
    return diffReferences(cli, locateReference(cache, oldName), locateReference(cache, newName));
  }
  const [oldPath, newPath] = [locateMapping(cache, oldName), locateMapping(cache, newName)];
  const [old, now] = [readMapping(oldPath).mapping, readMapping(newPath).mapping];
  const found = diffMappings(cache, old, now, {
    headers: options.includeHeaderDiffs,
    hideBoring: options.hideBoringDiffs,
    recurse: options.recurseAddedDeleted ?? options.printAffectedModes,
  });
  if (found.length > 0) cli.setExit(1);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, old: oldPath, new: newPath, differences: found }));
  const lines = textOf(cache, [old, now], [oldPath, newPath], found, options);
  if (lines.length > 0) cli.out(lines.join("\n"));
  if (options.mappingTextDiffs)
    for (const lines of textDiffs(cache, [oldPath, newPath], found)) cli.out(lines);
  if (options.primitiveDiffs)
    for (const [a, b] of replacedReferences(cache, found)) await diffReferences(cli, a, b);
}

/** FITS files by their headers and pixels, all others as text. */
async function diffReferences(cli: Cli, old: string, now: string): Promise<void> {
  if (fileTypeOf(old) === "fits" && fileTypeOf(now) === "fits") {
    if (!cli.json) cli.out(`${old} ${now}`);
    const { runDiff: diffFitsFiles } = await import("../fits/diff.js");
    return diffFitsFiles(cli, old, now, {});
  }
  const lines = diffText(readFileSync(old, "utf8"), readFileSync(now, "utf8"), [old, now]);
  if (lines.length === 0) return;
  cli.setExit(1);
  cli.out(lines.join("\n"));
}

function locateReference(cache: Cache, name: string): string {
  const bare = name.replace(/^crds:\/\//, "");
  const own = resolve(cache.cwd, bare);
  if (bare === name && existsSync(own)) return own;
  const path = referencePath(cache, bare);
  if (path) return path;
  throw new InputError(`no such reference: ${name} — neither a file nor in the cache`, {
    hint: "iris crds list --cached-references names those of the cache",
  });
}

/** Texts of every pair of mappings that differ, the uppermost first. */
function textDiffs(cache: Cache, top: [string, string], found: readonly Difference[]): string[] {
  const pairs = new Map(found.flatMap(({ files }) => files).map((pair) => [pair.join(" "), pair]));
  return [...pairs.values()].flatMap((pair, i) => {
    const [a, b] = i === 0 ? top : pair.map((name) => mappingPath(cache, name));
    if (!a || !b) return [];
    return [diffText(readFileSync(a, "utf8"), readFileSync(b, "utf8"), pair).join("\n")];
  });
}

/** Paths of references that take the place of others, as far as the cache has both. */
function replacedReferences(cache: Cache, found: readonly Difference[]): [string, string][] {
  const pairs = found.map(({ what }) => /^replaced (\S+) with (\S+)$/.exec(what));
  const names = new Map(pairs.flatMap((m) => (m && !isMappingName(m[1]!) ? [[m[0], m] as const] : [])));
  return [...names.values()].flatMap((m) => {
    const [a, b] = [referencePath(cache, m[1]!), referencePath(cache, m[2]!)];
    return a && b ? [[a, b] as [string, string]] : [];
  });
}

function textOf(
  cache: Cache,
  [old, now]: [Mapping, Mapping],
  paths: [string, string],
  found: readonly Difference[],
  options: DiffCommandOptions,
): string[] {
  if (options.printNewFiles) return newFiles(cache, old, now);
  if (options.printAffectedInstruments) return affected(found, (m) => [m.instrument]);
  if (options.printAffectedTypes)
    return affected(found, (m) => (m.type === "" ? [] : [`${m.instrument} ${m.type}`]));
  if (options.printAffectedModes) return affectedModes(cache, found);
  const full = !options.removePaths && !options.brief;
  return found.map((d) => {
    const files: [string, string][] = d.files.map((pair, i) => (i === 0 && full ? paths : pair));
    const shown = { ...d, files: options.lowestMappingOnly || options.brief ? files.slice(-1) : files };
    return options.squashTuples ? formatSquashed(shown) : formatDifference(shown);
  });

  function affected(
    of: readonly Difference[],
    pick: (words: { instrument: string; type: string }) => string[],
  ): string[] {
    const words = of.flatMap((d) => {
      const [name] = d.files.at(-1)!;
      const [, instrument = "", type = ""] = name.replace(/(_\d+)?\..map$/, "").split("_");
      return pick({ instrument, type });
    });
    return [...new Set(words)].filter((word) => word !== "").sort();
  }
}

/** `instr type KEY='value' …`: the cases whose reference changes, by the keywords of their rules. */
function affectedModes(cache: Cache, found: readonly Difference[]): string[] {
  const modes = found.flatMap(({ files, keys }) => {
    const name = files.at(-1)!.findLast((file) => file.endsWith(".rmap"));
    if (name === undefined || keys.length === 0) return [];
    const rmap = loadMapping(cache, name);
    const words = parkeyLevels(rmap)[0]!.map((keyword, i) => `${keyword}='${keys[0]![i] ?? ""}'`);
    return [[headerText(rmap, "instrument"), headerText(rmap, "filekind"), ...words].join(" ")];
  });
  return [...new Set(modes)].sort();
}

/** Mappings, then references, that the new closure has and the old one hasn't. */
function newFiles(cache: Cache, old: Mapping, now: Mapping): string[] {
  for (const mapping of [old, now]) loadMapping(cache, mapping.name);
  const fresh = (list: (cache: Cache, name: string) => string[]): string[] => {
    const before = new Set(list(cache, old.name));
    return list(cache, now.name).filter((name) => !before.has(name));
  };
  return [...fresh(mappingClosure), ...fresh(referenceClosure)];
}
