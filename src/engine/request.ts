/** What the front ends ask of the engine; the command line, the service and the library all end here. */
import type { Association } from "../data/association.js";
import type { Layer } from "../config/layers.js";
import type { Host } from "../host.js";

export interface Request {
  host: Host;
  /** Files, already expanded and in the order wanted. */
  inputs: readonly string[];
  association?: Association | undefined;
  /** Background exposures of every input, as an association's background members. */
  background?: readonly string[] | undefined;
  /** Name of the pipeline; the instrument chooses when it is left out. */
  pipeline?: string | undefined;
  /** Pipelines of the settings: name → step names; they win over the built-in ones. */
  pipelines?: Readonly<Record<string, readonly string[]>> | undefined;
  /** One step run alone: a pipeline of one. */
  step?: { name: string; module: string | null } | undefined;
  /** Settings, lowest first; step and pipeline defaults are put below them. */
  layers: readonly Layer[];
  /** Modules whose default export is a step. */
  plugins: readonly string[];
  context?: string | undefined;
  /** Folder of the products. */
  out: string;
  /** Base name of a single product. */
  outputFile?: string | undefined;
  force: boolean;
  /** Which reads of ramps are left out: numbers, times, conditions. */
  reject?: readonly string[] | undefined;
  /** Reference types that may be missing: the step is then skipped. */
  allowMissing: readonly string[];
  quicklook: boolean;
  from?: string | undefined;
  until?: string | undefined;
  /** Which of the inputs were found in folders, not named: those that nothing can be made of are passed over. */
  found?: ReadonlySet<string> | undefined;
  /** The inputs serve each other: calibrations, skies and mosaics are made of them as they are needed. */
  night?: NightRequest | undefined;
  /** The command that repeats this run, as it stands in the product. */
  command: string;
}

/** Which part of a night is wanted, in the user's words. */
export interface NightRequest {
  /** OBJECT of the science. */
  target?: string | undefined;
  /** Kinds of products, and facts of exposures as key=value. */
  only: readonly string[];
  /** Calibrations that are made of the night even where the rules have some: dark, flat … */
  own: readonly string[];
  /** Of what the sky of the images is made: "field" or "super". */
  sky?: string | undefined;
}

export interface RunOptions {
  host: Host;
  /** Threads that work on bands, this one included. */
  jobs: number;
  /** Bytes for band buffers over all threads. */
  mem: number;
  signal?: AbortSignal | undefined;
  force: boolean;
  /** Stop after the first failure. */
  failFast?: boolean | undefined;
}
