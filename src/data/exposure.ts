/** What an exposure is, in the field's vocabulary: descriptors computed from its headers by its instrument. */
import type { Amplifier } from "./parts.js";

export type KeywordValue = string | number | boolean;

/** Header facts by keyword, primary and science header merged (the science header wins). */
export type Keywords = Readonly<Record<string, KeywordValue>>;

/** A rectangle of the detector, 1-based as in SUBSTRT1/2, SUBSIZE1/2. */
export interface Subarray {
  name: string;
  x: number;
  y: number;
  nx: number;
  ny: number;
}

/** Columns and rows without light at the edges of a frame, for reference. */
export interface Border {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** How the detector was read. Times in seconds since the reset that starts the ramp. */
export interface Readout {
  /** Reads averaged into one group, and reads dropped between groups. */
  nframes: number;
  groupgap: number;
  tframe: number;
  tgroup: number;
  /** Numbers, from 1, of the reads averaged into each group, where the groups aren't all alike. */
  pattern?: readonly (readonly number[])[];
  /** Mean time of each group; evenly spaced unless reads are missing. */
  times: readonly number[];
}

export interface Exposure {
  instrument: string;
  telescope: string;
  detector: string;
  /** Instrument mode: IMG, SLICER, LENSLET … */
  mode: string;
  filter: string;
  pupil: string;
  /** SCI, SKY, DARK, FLAT, BIAS, ARC … */
  obstype: string;
  object: string;
  exptime: number;
  /** ISO 8601 UTC. */
  dateObs: string;
  obsid: string;
  groupid: string;
  readmode: string;
  subarray: Subarray;
  /** Reference pixels of this frame; absent when its instrument isn't known to deliver any. */
  border?: Border;
  /** null when the data aren't reads. */
  readout: Readout | null;
  /** e⁻/DN and single-read noise in e⁻ from the header, when it has them; references win. */
  gain: number | null;
  readNoise: number | null;
  /** The parts of a CCD's frame by amplifier; absent where one reads all of it, or nothing is known. */
  amplifiers?: readonly Amplifier[];
  /** DN from which a sample is at its limit, when the header says so. */
  saturation?: number;
  /** Sentences on keywords that were missing and what was taken instead. */
  assumed: readonly string[];
}
