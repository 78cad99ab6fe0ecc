/** A frame whose amplifiers are looked for, and what is found. */
import type { Keywords } from "../../data/exposure.js";
import type { Amplifier } from "../../data/parts.js";

export interface Geometry {
  amplifiers: Amplifier[];
  assumed: string[];
}

export interface Frame {
  header: Keywords;
  nx: number;
  ny: number;
  /** Cut and joined already: overscans are gone. */
  isTrimmed: boolean;
}
