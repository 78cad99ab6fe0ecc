/** The contract of steps that see several exposures at once and give every one of them back, changed or flagged. */
import type { GridInput } from "./regrid.js";

/** Rows of one exposure; ny 0: none. */
export interface Rows {
  y0: number;
  ny: number;
}

export interface Joint<P> {
  /** Rows beside those wanted that it works on again in the next band, about: bands are high enough to make these few. */
  margin: number;
  /**
   * Rows of every exposure that the step must see to give the rows `wanted` of each; those beyond an exposure are cut
   * off by the engine. What it gives for other rows than these is thrown away.
   */
  rows(inputs: readonly GridInput[], wanted: readonly Rows[], params: P): readonly Rows[];
}
