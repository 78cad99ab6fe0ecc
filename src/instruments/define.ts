/** An instrument is data: how to recognise and describe its headers, its tags, and what to do with each exposure. */
import type { Assembly } from "../data/assembly.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";
import type { Layout } from "../data/layout.js";

export interface HduFacts {
  /** EXTNAME, upper case, "" when absent. */
  name: string;
  /** NAXISn. */
  axes: readonly number[];
  bitpix: number;
  /** EXTVER, 1 when absent. */
  version?: number;
  /** This HDU's own keywords. */
  header?: Keywords;
}

/** What the reader found in a file: all that an instrument may look at. */
export interface RawFacts {
  path: string;
  /** Primary and science header merged, science wins. */
  header: Keywords;
  /** Every HDU, in order. */
  hdus: readonly HduFacts[];
  /** Index of the science HDU: SCI, DATA, else the first image with data. */
  science: number;
  /** Values of a small image such as read times, scaled; only while the file is open. */
  values?(hdu: number): ArrayLike<number>;
}

/** What a file with one read of a ramp says of it. */
export interface ReadFacts {
  /** Files of equal key belong to one exposure. */
  exposure: string;
  ramp: number;
  /** READ_NO. */
  read: number;
  /** Seconds since the reset. */
  time: number;
  /** Seconds that a read takes, when the header says so. */
  tframe: number | null;
  /** False: the read was broken off. */
  complete: boolean;
  /** Reads of the ramp, when the header says so. */
  reads: number | null;
}

/** Facts of an exposure by which exposures are matched. */
export type Descriptor = "detector" | "mode" | "filter" | "pupil" | "exptime" | "readmode" | "obsid";

/** How an exposure finds what serves it: never without `same`, better with `alike`. */
export interface MatchRule {
  same: readonly Descriptor[];
  alike: readonly Descriptor[];
}

/** A calibration that can be made of the exposures of a folder. */
export interface CalibrationRule extends MatchRule {
  /** What people call it: bias, dark, flat. */
  name: string;
  /** Type of reference, upper case, as which steps ask for it. */
  reftype: string;
  /** Type of the exposures that it is made of. */
  of: string;
  /** Fewest exposures of which it can be made; 1 when left out. */
  atLeast?: number;
  /** Exposures go on without it, with a caveat, when the night has too little for it. */
  optional?: true;
  pipeline: string;
  /** What itself uses by other rules than exposures do: type of reference → descriptors that must be the same. */
  uses?: Readonly<Record<string, MatchRule["same"]>>;
}

/** Exposures that the science uses beside it, such as the sky. */
export interface MemberRule extends MatchRule {
  /** The role that a step knows it by. */
  role: string;
  /** Type of the exposures. */
  of: string;
  /** So many at most, those nearest in time. */
  most: number;
}

/** One product of all images of a target. */
export interface JointRule {
  /** What people call it: mosaic, combined. */
  title: string;
  /** Types of the exposures, and tags that they have. */
  of: readonly string[];
  tags: readonly string[];
  /** What images that are joined have in common beside the target. */
  same: readonly Descriptor[];
  /** They are joined pixel by pixel, and so of one window; left out: as they lie on the sky. */
  pixels?: true;
  pipeline: string;
}

/** Images whose sky can be made of themselves. */
export interface SkyRule {
  of: readonly string[];
  tags: readonly string[];
  /** What the images of a field have in common beside the target. */
  same: readonly Descriptor[];
  pipeline: string;
  /** Role of the exposures of empty sky. */
  role: string;
}

/** How the exposures of a folder serve each other. */
export interface NightRules {
  /** In the order of making: each may use those before it, and so may the exposures that it is made of. */
  calibrations: readonly CalibrationRule[];
  members: readonly MemberRule[];
  /** What joins the images of one target; for each exposure the first of these that takes it. */
  joint: readonly JointRule[];
  /** What subtracts the sky of the field itself, or of exposures of empty sky with masks, when that is asked for. */
  sky?: SkyRule;
}

export interface Instrument {
  name: string;
  title: string;
  /** CRDS observatory of its calibrations; null: there are no rules, references are named by the user. */
  observatory: string | null;
  recognise(header: Keywords): boolean;
  /** What the science array holds; throws InputError naming axes expected and found. */
  kind(facts: RawFacts): Kind;
  describe(facts: RawFacts): Exposure;
  /** Where the samples lie, when they aren't [ramp][group][y][x] in the science HDU. */
  layout?(facts: RawFacts): Layout | null;
  /** Which HDUs make the frame of an image, when it isn't the science HDU alone. */
  assembly?(facts: RawFacts): Assembly | null;
  /** How the planes of a reference of this instrument lie, as in a layout; one after the other when left out. */
  referenceOrder?(facts: RawFacts): Layout["order"];
  /** The read that a file holds, when each has a file of its own; null otherwise. */
  read?(facts: RawFacts): ReadFacts | null;
  /** Status keywords that other software's headers stand for: S_NLCORR = COMPLETE and so on. */
  done?(header: Keywords, facts: RawFacts): Keywords;
  tags(exposure: Exposure, kind: Kind, header: Keywords): ReadonlySet<string>;
  /** The header as the calibration rules want it. */
  crdsHeader(exposure: Exposure, header: Keywords): Record<string, string | number | boolean>;
  /** Reference types that its rules call otherwise: ours → theirs, upper case. */
  reftypes?: Readonly<Record<string, string>>;
  /** The first row whose tags are all present names the pipeline. */
  pipelines: readonly { tags: readonly string[]; pipeline: string }[];
  /** Left out: the files of a folder have nothing to do with each other. */
  night?: NightRules;
  /** Class names and aliases of the peers' steps and pipelines → ours. */
  aliases: Readonly<Record<string, string>>;
  /** DATAMODL of a product of this kind. */
  models: Readonly<Partial<Record<Kind | "dark" | "flat", string>>>;
}

export const defineInstrument = (instrument: Instrument): Instrument => Object.freeze(instrument);
