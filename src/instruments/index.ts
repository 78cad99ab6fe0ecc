/** The instruments that `iris` knows. A new one is a folder here and a line in this list. */
import type { Keywords } from "../data/exposure.js";
import type { Instrument } from "./define.js";
import { ccd } from "./ccd/index.js";
import { generic } from "./generic/index.js";
import { iris } from "./iris/index.js";
import { jwst } from "./jwst/index.js";
import { liger } from "./liger/index.js";
import { wfc3 } from "./wfc3/index.js";

export { defineInstrument, type Instrument, type RawFacts, type ReadFacts } from "./define.js";
export { readFacts } from "./facts.js";

export const instruments: readonly Instrument[] = [iris, liger, jwst, wfc3, ccd, generic];

/** The instrument that says a header is its own; undefined when none does. */
export const recognise = (header: Keywords): Instrument | undefined =>
  instruments.find((instrument) => instrument.recognise(header));

/** By name, in any case. */
export const instrumentNamed = (name: string): Instrument | undefined =>
  instruments.find((instrument) => instrument.name.toLowerCase() === name.toLowerCase());
