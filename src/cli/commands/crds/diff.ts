/** `iris crds diff`: what changes from one mapping to another. */
import {
  diffMappings,
  formatDifference,
  formatSquashed,
  loadMapping,
  mappingClosure,
  readMapping,
  referenceClosure,
  type Difference,
  type Mapping,
} from "../../../crds/rules.js";
import type { Cache } from "../../../crds/rules.js";
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
}

/** Status 0: same, 1: different, 2: trouble. */
export function runDiff(cli: Cli, oldName: string, newName: string, options: DiffCommandOptions): void {
  const cache = openCacheOf(cli);
  const [oldPath, newPath] = [locateMapping(cache, oldName), locateMapping(cache, newName)];
  const [old, now] = [readMapping(oldPath).mapping, readMapping(newPath).mapping];
  const found = diffMappings(cache, old, now, {
    headers: options.includeHeaderDiffs,
    hideBoring: options.hideBoringDiffs,
  });
  if (found.length > 0) cli.setExit(1);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, old: oldPath, new: newPath, differences: found }));
  const lines = textOf(cli, cache, [old, now], [oldPath, newPath], found, options);
  if (lines.length > 0) cli.out(lines.join("\n"));
}

function textOf(
  cli: Cli,
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

/** Mappings, then references, that the new closure has and the old one hasn't. */
function newFiles(cache: Cache, old: Mapping, now: Mapping): string[] {
  for (const mapping of [old, now]) loadMapping(cache, mapping.name);
  const fresh = (list: (cache: Cache, name: string) => string[]): string[] => {
    const before = new Set(list(cache, old.name));
    return list(cache, now.name).filter((name) => !before.has(name));
  };
  return [...fresh(mappingClosure), ...fresh(referenceClosure)];
}
