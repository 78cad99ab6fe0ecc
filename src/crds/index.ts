/** Calibration lookup by CRDS rules: read a cache, choose references, explain the choice, write mappings. */
export { bestrefs, type BestRef, type LookupOptions, type NotFoundClass } from "./bestrefs.js";
export {
  findCache,
  loadMapping,
  mappingNames,
  mappingPath,
  openCache,
  readServerConfig,
  referencePath,
  type Cache,
  type CacheOptions,
} from "./cache.js";
export { recordReferences, referenceFolder, storeConfig, storeMappings } from "./cache-store.js";
export { verifiedReference } from "./cache-verify.js";
export { checkMapping, mappingChecksum } from "./checksum.js";
export { explain, type Explanation } from "./explain.js";
export { formatExplanation } from "./explain-text.js";
export { formatMapping } from "./format.js";
export type { CrdsHeader } from "./header.js";
export { tuple, type Call, type Dict, type Entry, type Literal } from "./literal.js";
export { decodeText, isMappingName, observatoryOf, parseMapping, type Mapping } from "./mapping.js";
export { chooseObservatory, resolveContext } from "./resolve-context.js";
export { writeMapping } from "./write-mapping.js";
