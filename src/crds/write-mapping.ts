/** Writes a mapping in canonical form, atomically. */
import { join } from "node:path";
import { writeFileAtomic } from "./cache-write.js";
import { formatMapping } from "./format.js";
import type { Mapping } from "./mapping.js";

/** Writes the canonical text into a folder under the mapping's own name; gives the path. */
export function writeMapping(folder: string, mapping: Mapping): string {
  const path = join(folder, mapping.name);
  writeFileAtomic(path, formatMapping(mapping));
  return path;
}
