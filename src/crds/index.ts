/** Calibration lookup by CRDS rules: read a cache, choose references, explain the choice, write mappings. */
export { bestrefs, type BestRef, type LookupOptions, type NotFoundClass } from "./bestrefs.js";
export { changeOf, derive, deriveContext, nextName, valueOf, type Change } from "./edit.js";
export { insertReference, referenceHeader, type Inserted } from "./insert.js";
export { getObservatory } from "./observatories/index.js";
export { changing, referenceFolder, storeConfig, storeMappings, storeReference } from "./cache-store.js";
export {
  badFiles,
  cachedReferences,
  findCache,
  layoutOf,
  loadMapping,
  mappingNames,
  mappingPath,
  openCache,
  readMapping,
  readServerConfig,
  referencePath,
  type Cache,
  type CacheOptions,
} from "./cache.js";
export { verifiedReference } from "./cache-verify.js";
export { mappingClosure, mappingsBelow, referenceClosure } from "./closure.js";
export { diffMappings, formatDifference, formatSquashed, type Difference } from "./diff.js";
export { explain, type Explanation } from "./explain.js";
export { formatExplanation } from "./explain-text.js";
export { certify, type CertifyOptions, type Finding } from "./certify.js";
export { checkMapping, mappingChecksum } from "./checksum.js";
export { formatMapping, keyIdentity } from "./format.js";
export type { CrdsHeader } from "./header.js";
export { tuple, type Call, type Dict, type Entry, type Literal } from "./literal.js";
export {
  decodeText,
  findDuplicates,
  headerText,
  isMappingName,
  observatoryOf,
  parseMapping,
  type Mapping,
} from "./mapping.js";
export { requiredKeywords } from "./required.js";
export { chooseObservatory, resolveContext } from "./resolve-context.js";
export { pathsBelow, rulePaths, type RulePath } from "./rule-paths.js";
export { directUsers, usersOf } from "./uses.js";
export { checkLoads, updateMapping, verifyMapping, type Verdict } from "./verify-mapping.js";
export { writeMapping } from "./write-mapping.js";
