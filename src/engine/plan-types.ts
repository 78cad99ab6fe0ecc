/** The plan: plain JSON that says what will be done and why, before the first pixel. */
import type { Assembly } from "../data/assembly.js";
import type { Exposure, KeywordValue } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";
import type { Layout } from "../data/layout.js";
import type { Setting } from "../config/layers.js";
import type { ExtraPlane } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import type { Reframe } from "../step/reframe.js";
import type { OutputGrid } from "../step/regrid.js";

/** Why a product is (re)made. */
export type Reason =
  "missing" | "inputChanged" | "paramsChanged" | "refsChanged" | "codeChanged" | "forced" | "upstream";

export interface PlannedRef {
  /** Key in the step's `refs`. */
  key: string;
  type: string;
  /** null: none applies (N/A, from "crds" then) or none was found and the user allowed it. */
  path: string | null;
  sha256: string | null;
  /** "crds" with the mapping that chose it, "override", or "none". */
  from: "crds" | "override" | "none";
  why: string;
}

export interface PlannedStep {
  name: string;
  /** Module of a plug-in step; null for a built-in one. */
  module: string | null;
  version: number;
  status: string;
  /** null: it runs; else why it doesn't. */
  skip: string | null;
  /** The user wants this very step, by itself or where its pipeline leaves it out: that it doesn't run is a caveat. */
  asked?: true;
  params: Record<string, Setting>;
  refs: PlannedRef[];
  /** The frame that it makes, where that isn't its input's. */
  reframe?: Reframe;
}

/** One file to read, and the steps that it goes through on its own before it joins the others. */
export interface PlannedInput {
  path: string;
  kind: Kind;
  exposure: Exposure;
  tags: string[];
  /** Where its samples lie, when they aren't one array in one HDU. */
  layout?: Layout;
  /** The HDUs that make its frame, when that isn't one. */
  assembly?: Assembly;
  steps: PlannedStep[];
}

/** Of a round that may not be needed: who says so, and what stands for its product then. */
export interface Unless {
  /** A product of the plan, or what stands for it, with `keyword` = T in its header. */
  file: string;
  keyword: string;
  instead: string;
}

export interface PlannedProduct {
  /** Of a night: what it is, to which stage it belongs, and why it is made of these; a sentence each. */
  title?: string;
  stage?: Stage;
  because?: string[];
  unless?: Unless;
  /** What stands for it, where it isn't needed; else left out. */
  spared?: string;
  /** Science file or files: several only for a group step, each reduced on its own up to that step or to its own frame. */
  inputs: PlannedInput[];
  /** The steps that make the product: all of them, or those after the inputs' own. */
  steps: PlannedStep[];
  /** Exposures used by role (background …), reduced up to the step that uses them. */
  members: Record<string, PlannedInput[]>;
  pipeline: string;
  output: string;
  quicklook: string | null;
  /** Files that its steps write beside it. */
  beside?: string[];
  kind: Kind;
  /** A calibration of a type for which the context has no rules: it is used by its name. */
  uncached?: true;
  /** A step combines the exposures, be it one: their variances of photon and read noise become one error. */
  joint?: true;
  /** A step ends the variances of its exposure: the product has ERR alone. */
  noVariances?: true;
  /** Planes of an image that keeps the ramps of its exposure apart. */
  planes?: number;
  /** Planes beside those of the kind that the last step gives when asked to. */
  extras?: ExtraPlane[];
  /** Where the product isn't a frame like its inputs. */
  grid?: OutputGrid;
  suffix: string;
  level: number;
  /** CRDS context of its references, where it isn't the plan's: exposures of several observatories. */
  context?: string | null;
  /** Keywords that the association or the request adds. */
  keywords: Record<string, KeywordValue>;
  /** What was assumed or left out, known before the run. */
  caveats: Caveat[];
  /** Identity of the product: inputs, step versions, parameters, reference hashes; null while an input isn't hashed. */
  fingerprint: string | null;
  /** Empty: up to date. */
  reasons: Reason[];
  /** What changed, in words: "flat_field.inverse false → true". */
  detail: string;
}

/** An exposure that can't be reduced, with the error that says why. */
export interface Problem {
  input: string;
  code: string;
  message: string;
  hint: string | null;
  exit: 1 | 2 | 3;
}

/** A file found in a folder that has no part in the plan. */
export interface Passed {
  input: string;
  why: string;
}

/** The stages of a night, in their order. */
export const stages = ["calibrations", "images", "mosaics"] as const;

export type Stage = (typeof stages)[number];

export interface Plan {
  v: 1;
  type: "plan";
  context: string | null;
  observatory: string | null;
  cache: string | null;
  command: string;
  products: PlannedProduct[];
  problems: Problem[];
  /** Files found in folders that are left alone. */
  passed: Passed[];
}
