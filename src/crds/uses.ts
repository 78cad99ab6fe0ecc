/** Which mappings of the cache name a file, directly or through others. */
import { mappingNames, mappingPath, mentions, readMapping, type Cache } from "./cache.js";
import { namesGivenBy } from "./closure.js";

/** Names of all users up to the pmaps, sorted; mappings that can't be read are told to `report`. */
export function usersOf(
  cache: Cache,
  observatory: string,
  file: string,
  report: (error: unknown, mapping: string) => void,
): string[] {
  const found = new Set<string>();
  const queue = [file];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const user of directUsers(cache, observatory, name, report)) {
      if (!found.has(user)) queue.push(user);
      found.add(user);
    }
  }
  return [...found].sort();
}

/** Mappings whose selector names the file itself. */
export function directUsers(
  cache: Cache,
  observatory: string,
  file: string,
  report: (error: unknown, mapping: string) => void,
): string[] {
  return mappingNames(cache, observatory).filter((mapping) => {
    const path = mappingPath(cache, mapping)!;
    // most mappings don't hold the letters at all and needn't be parsed
    if (mapping === file || !mentions(path, file)) return false;
    try {
      return namesGivenBy(readMapping(path).mapping).includes(file);
    } catch (error) {
      report(error, mapping);
      return false;
    }
  });
}
