/** What the planner of a night takes and gives: files by their descriptors, and jobs that wait for each other. */
import type { Exposure } from "../../data/exposure.js";
import type { Rounds } from "../../step/pipeline.js";
import type { Caveat } from "../../step/outcome.js";
import type { Stage } from "../plan-types.js";

/** An exposure of the folder. */
export interface NightFile {
  path: string;
  exposure: Exposure;
  tags: ReadonlySet<string>;
  /** Pipeline that the instrument's table gives for it. */
  pipeline: string;
}

/** What one product is made of and why. Jobs name each other, and stand after those that they name. */
export interface NightJob {
  stage: Stage;
  /** "dark IMG1 32 s", for sentences about it. */
  title: string;
  pipeline: string;
  /** Files, or the products of jobs. */
  inputs: readonly (NightFile | NightJob)[];
  /** Role → exposures that it uses. */
  members: Readonly<Record<string, readonly (NightFile | NightJob)[]>>;
  /** Type of reference → the calibration of this night that serves as it, and why. */
  refs: Readonly<Record<string, { job: NightJob; why: string }>>;
  /** Types of references that the night makes but can't have here, with the reason. */
  without: Readonly<Record<string, string>>;
  /** Base name of the product, where it isn't its input's or its calibration's. */
  name?: string;
  /** Ending of its name, where that isn't the pipeline's. */
  ending?: string;
  /** It isn't needed, and `instead` stands for it, where the product of `job` says so in this keyword. */
  unless?: { job: NightJob; keyword: string; instead: NightJob };
  /** A picture is worth drawing. */
  picture: boolean;
  /** Why it is made, and of these; a sentence each. */
  because: readonly string[];
  caveats: readonly Caveat[];
}

/** The exposure behind a job: the first file of those that it begins with. */
export const firstFile = ({ inputs }: NightJob): NightFile => {
  const first = inputs[0]!;
  return isJob(first) ? firstFile(first) : first;
};

export const isJob = (item: NightFile | NightJob): item is NightJob => "stage" in item;

/** What the planner must know of pipelines and the calibration rules. */
export interface Workshop {
  /**
   * Types of references that the steps of a pipeline want for this exposure and that neither the user nor the rules
   * give, with the reason.
   */
  lacks(file: NightFile, pipeline: string): Readonly<Record<string, string>>;
  /** Can the pipeline begin with this file as it is? */
  takes(file: NightFile, pipeline: string): boolean;
  /** How often a pipeline that goes in rounds is gone through at most. */
  rounds(pipeline: string): { rounds: Rounds | undefined; most: number };
  /** Roles of the exposures that the steps of a pipeline use. */
  roles(pipeline: string): readonly string[];
}

/** Which part of the night is wanted; everything when nothing is said. */
export interface Choice {
  /** OBJECT of the science, in any case. */
  target?: string | undefined;
  /** Names of calibrations and members, "science" and "mosaic". */
  kinds: readonly string[];
  /** Facts that exposures must have: "detector" → ["IMG1", "IMG2"]. */
  facts: Readonly<Record<string, readonly string[]>>;
  until?: Stage | undefined;
  /** Of what the sky of the images is made; undefined: as their own pipeline does. */
  sky?: OwnSky | undefined;
}

/** The sky of the field itself, between its objects, or of the exposures of empty sky with their objects masked. */
export const ownSkies = ["field", "super"] as const;

export type OwnSky = (typeof ownSkies)[number];
