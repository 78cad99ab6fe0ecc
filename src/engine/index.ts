/** The engine's front door: `plan` says what will be done, `execute` does it. */
export { differingData, readProvenance, rerun, verifyProvenance, type CheckedFile } from "./provenance.js";
export { execute } from "./execute.js";
export { readyPlan } from "./given-plan.js";
export { plan } from "./plan.js";
export { status, type StatusRow } from "./status.js";
export { describeInput, type Opened } from "./inputs.js";
export type { Event } from "./events.js";
export type {
  Plan,
  PlannedInput,
  PlannedProduct,
  PlannedRef,
  PlannedStep,
  Problem,
  Reason,
} from "./plan-types.js";
export type { ProvenanceRecord } from "./record.js";
export type { Request, RunOptions } from "./request.js";
