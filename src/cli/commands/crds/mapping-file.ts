/** Mappings named on the command line: a file, or `crds://NAME` (or a bare name that is no file) in the cache. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { mappingPath, type Cache } from "../../../crds/rules.js";
import { InputError } from "../../../errors.js";

export function locateMapping(cache: Cache, name: string): string {
  const bare = name.replace(/^crds:\/\//, "");
  const own = resolve(cache.cwd, bare);
  if (bare === name && existsSync(own)) return own;
  const path = mappingPath(cache, bare);
  if (path) return path;
  throw new InputError(`no such mapping: ${name} — neither a file nor in the cache`, {
    hint: "iris crds list --cached-mappings names those of the cache",
  });
}
