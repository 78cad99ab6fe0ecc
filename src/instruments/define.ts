/** An instrument is data: how to recognise and describe its headers, its tags, and what to do with each exposure. */
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";

/** What the reader found in a file: all that an instrument may look at. */
export interface RawFacts {
  path: string;
  /** Primary and science header merged, science wins. */
  header: Keywords;
  /** EXTNAME (upper case, "" when absent) and NAXISn of every HDU, in order. */
  hdus: readonly { name: string; axes: readonly number[]; bitpix: number }[];
  /** Index of the science HDU: SCI, DATA, else the first image with data. */
  science: number;
}

export interface Instrument {
  name: string;
  title: string;
  /** CRDS observatory of its calibrations. */
  observatory: string;
  recognise(header: Keywords): boolean;
  /** What the science array holds; throws InputError naming axes expected and found. */
  kind(facts: RawFacts): Kind;
  describe(facts: RawFacts): Exposure;
  tags(exposure: Exposure, kind: Kind): ReadonlySet<string>;
  /** The header as the calibration rules want it. */
  crdsHeader(exposure: Exposure, header: Keywords): Record<string, string | number | boolean>;
  /** The first row whose tags are all present names the pipeline. */
  pipelines: readonly { tags: readonly string[]; pipeline: string }[];
  /** Class names and aliases of the peers' steps and pipelines → ours. */
  aliases: Readonly<Record<string, string>>;
  /** DATAMODL of a product of this kind. */
  models: Readonly<Partial<Record<Kind | "dark" | "flat", string>>>;
}

export const defineInstrument = (instrument: Instrument): Instrument => Object.freeze(instrument);
