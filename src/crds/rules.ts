/** For those who change rules: everything of the lookup, and reading, checking, comparing and editing of mappings. */
export * from "./index.js";
export { badFiles, cachedReferences, layoutOf, observatoriesIn, readMapping, type Layout } from "./cache.js";
export { changing, storeReference } from "./cache-store.js";
export { certify, type CertifyOptions, type Finding } from "./certify.js";
export { mappingClosure, mappingsBelow, referenceClosure } from "./closure.js";
export { diffMappings, formatDifference, formatSquashed, type Difference } from "./diff.js";
export { changeOf, derive, deriveContext, knownOr, nextName, valueOf, type Change } from "./edit.js";
export { insertReference, referenceHeader, type Inserted } from "./insert.js";
export { headerText } from "./mapping.js";
export { getObservatory } from "./observatories/index.js";
export { requiredKeywords } from "./required.js";
export { pathsBelow, type RulePath } from "./rule-paths.js";
export { directUsers, usersOf } from "./uses.js";
export { checkLoads, updateMapping, verifyMapping, type Verdict } from "./verify-mapping.js";
