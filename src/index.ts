/**
 * `iris` as a library: reduce astronomical detector data with a plan before the run.
 *
 * ```ts
 * import { execute, plan, processHost } from "iris-drs";
 *
 * const host = processHost();
 * const wanted = await plan({ host, inputs: ["raw.fits"], out: "reduced", layers: [], plugins: [], allowMissing: [],
 *   force: false, quicklook: true, command: "" });
 * for await (const event of execute(wanted, { host, jobs: 2, mem: 1e9, force: false })) console.log(event);
 * ```
 *
 * Nothing here prints, reads the environment or the clock but through the `Host` that it is given.
 */

// What will be done and why, and doing it.
export {
  differingData,
  execute,
  plan,
  readProvenance,
  rerun,
  status,
  verifyProvenance,
} from "./engine/index.js";
export type {
  CheckedFile,
  Event,
  Plan,
  ProvenanceRecord,
  Request,
  RunOptions,
  StatusRow,
} from "./engine/index.js";

// Steps and pipelines of one's own.
export * as v from "valibot";
export { defineStep } from "./step/define.js";
export type { AnyStep, Context, Facts, Locality, Step } from "./step/define.js";
export { complete, partial, skipped, type Caveat, type Outcome } from "./step/outcome.js";
export { definePipeline, type Pipeline } from "./step/pipeline.js";
export { DQ, namesOf, type DqName } from "./data/dq.js";
export type { Exposure, Keywords, KeywordValue } from "./data/exposure.js";
export type { Image, Kind, Products, Ramp, Reference } from "./data/kinds.js";

// Instruments.
export { defineInstrument, type Instrument, type RawFacts } from "./instruments/define.js";

// FITS files, on their own.
export * as fits from "./fits/index.js";

// Calibration rules, on their own.
export * as crds from "./crds/index.js";

export * from "./errors.js";
export { processHost, type Host } from "./host.js";
export { version } from "./package.js";
