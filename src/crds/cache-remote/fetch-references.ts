/** References on their way into a cache: those which the rules name, to the folder of their instrument. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { referencePath } from "../cache.js";
import { referenceFolder } from "../cache-store.js";
import { faultOf, storeSums } from "../cache-verify.js";
import { namesGivenBy } from "../closure.js";
import { headerText } from "../mapping.js";
import { standardParts } from "../names.js";
import { ask, askInfo, checkName, fetchFiles, type Run } from "./run.js";
import { mappingAt, type Staged } from "./stage.js";

/** Instrument by reference name; "" where nothing tells it. */
export type Wanted = ReadonlyMap<string, string>;

/** What the staged rules name; in a dry run, what the source says that the contexts need. */
export async function referencesOf(
  run: Run,
  contexts: readonly string[],
  { names }: Staged,
): Promise<Wanted> {
  const { source, options } = run;
  if (options.dryRun) {
    const lists = await Promise.all(
      contexts.map((c) => ask(source, options, () => source.referenceNames(c))),
    );
    return referencesNamed(lists.flatMap((list) => list ?? []));
  }
  const wanted = new Map<string, string>();
  for (const name of names.filter((n) => n.endsWith(".rmap"))) {
    const rmap = mappingAt(run, name);
    const instrument = headerText(rmap, "instrument") ?? "";
    for (const reference of namesGivenBy(rmap)) wanted.set(reference, instrument);
  }
  return wanted;
}

/** References by the names alone. */
export const referencesNamed = (names: readonly string[]): Wanted =>
  new Map(names.map((name) => [name, standardParts(name)?.instrument ?? ""]));

/** Fetches those which the cache lacks or has damaged, and keeps the sums of all. */
export async function fetchReferences(run: Run, wanted: Wanted): Promise<void> {
  const { cache, observatory, options, report } = run;
  const layout = options.flat ? "flat" : undefined;
  const names = [...wanted.keys()].sort();
  names.forEach((name) => checkName(name, run.source));
  const infos = await askInfo(run, names);
  const missing = names.filter((name) => {
    const path = placeOf(run, name);
    if (!path) return true;
    const info = infos.get(name);
    if (!info || faultOf(path, options.check ? info : { ...info, sha1sum: "" }) === undefined) {
      report.kept++;
      return false;
    }
    report.repaired.push(name);
    return true;
  });
  await fetchFiles(
    run,
    "references",
    missing,
    infos,
    (name) =>
      placeOf(run, name) ?? join(referenceFolder(cache, observatory, wanted.get(name)!, layout), name),
  );
  const sums = [...infos].map(([name, { size, sha1sum }]) => [name, { size, sha1sum }] as const);
  if (!options.dryRun && !options.flat) storeSums(cache, observatory, Object.fromEntries(sums));
}

/** Where the cache has a reference; a plain copy only looks beside its other files. */
function placeOf({ cache, observatory, options }: Run, name: string): string | undefined {
  if (!options.flat) return referencePath(cache, name);
  const path = join(referenceFolder(cache, observatory, "", "flat"), name);
  return existsSync(path) ? path : undefined;
}
