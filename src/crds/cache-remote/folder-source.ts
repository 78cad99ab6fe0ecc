/** A cache in another folder (or on a disk that was mailed) as a source. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { mappingNames, mappingPath, openCache, readServerConfig, referencePath } from "../cache.js";
import { sha1OfFile } from "../cache-verify.js";
import { mappingClosure, referenceClosure } from "../closure.js";
import { chooseObservatory, resolveContext } from "../resolve-context.js";
import type { FileInfo, Source } from "./source.js";

export function folderSource(folder: string): Source {
  const cache = openCache({ path: folder, env: { CRDS_IGNORE_MAPPING_CHECKSUM: "1" } });
  const pathOf = (kind: string, name: string): string | undefined =>
    kind === "mappings" ? mappingPath(cache, name) : referencePath(cache, name);
  return {
    name: folder,
    info: (observatory) => {
      const own = observatory ?? chooseObservatory(cache);
      const context = resolveContext({ ...cache, observatory: own });
      return Promise.resolve({ ...readServerConfig(cache, own), observatory: own, latest_context: context });
    },
    contexts: (observatory) => Promise.resolve(mappingNames(cache, observatory)),
    mappingNames: (context) => Promise.resolve(mappingClosure(cache, context)),
    referenceNames: (context) => Promise.resolve(referenceClosure(cache, context)),
    fileInfo: (_observatory, names) => {
      const found = new Map<string, FileInfo>();
      for (const name of names) {
        const path = pathOf(/\.[pir]map$/.test(name) ? "mappings" : "references", name);
        if (path && existsSync(path)) {
          found.set(name, { size: statSync(path).size, sha1sum: sha1OfFile(path) });
        }
      }
      return Promise.resolve(found);
    },
    read: (_observatory, kind, name, start) => {
      const path = pathOf(kind, name);
      if (!path) return Promise.reject(new Error(`${folder} has no ${name}`));
      return Promise.resolve({ start, size: statSync(path).size, chunks: createReadStream(path, { start }) });
    },
  };
}
