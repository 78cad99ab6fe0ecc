/** Are the files of a cache those which its source, or its own record, says? */
import { checkMapping } from "../checksum.js";
import { mappingPath, readMapping, referencePath, type Cache } from "../cache.js";
import { faultOf, readSums } from "../cache-verify.js";
import { isMappingName, observatoryOf } from "../mapping.js";
import { getObservatory } from "../observatories/index.js";
import type { FileInfo } from "./source.js";

export interface Fault {
  name: string;
  what: string;
}

/**
 * What is wrong with these files, by size, and by checksum for mappings.
 *
 * @param infos what the source knows; null: what the cache itself recorded
 * @param sums look at the checksums of references too
 */
export function checkFiles(
  cache: Cache,
  observatory: string,
  names: readonly string[],
  infos: ReadonlyMap<string, FileInfo> | null,
  sums: boolean,
): Fault[] {
  const recorded = infos ?? new Map(Object.entries(readSums(cache, observatory)));
  return names.flatMap((name) => {
    const info = recorded.get(name);
    const notes = (info as FileInfo | undefined)?.notes ?? [];
    const wrong = isMappingName(name)
      ? mappingFault(cache, name, infos === null ? undefined : info)
      : fileFault(referencePath(cache, name), info, sums);
    const unknown = infos !== null && !info ? "the source doesn't know it" : undefined;
    return [wrong, unknown, ...notes].flatMap((what) => (what === undefined ? [] : [{ name, what }]));
  });
}

function mappingFault(cache: Cache, name: string, info: FileInfo | undefined): string | undefined {
  const path = mappingPath(cache, name);
  const wrong = fileFault(path, info, true);
  if (!path || wrong !== undefined || getObservatory(observatoryOf(name)).ignoreChecksums) return wrong;
  const { mapping, text } = readMapping(path);
  const sum = checkMapping(mapping, text);
  return sum.state === "valid" ? undefined : `its sha1sum is ${sum.state}: the text has ${sum.computed}`;
}

function fileFault(path: string | undefined, info: FileInfo | undefined, sums: boolean): string | undefined {
  if (path === undefined) return "isn't in the cache";
  return info && faultOf(path, sums ? info : { ...info, sha1sum: "" });
}
