/** The contract of steps whose product lies on a grid of its own: mosaics and resampled images. */
import type { Exposure, Keywords, KeywordValue } from "../data/exposure.js";

/** Size of the product, and the coordinates that say where it lies. Plain data: it is part of the plan. */
export interface OutputGrid {
  nx: number;
  ny: number;
  keywords: Record<string, KeywordValue>;
  /** The product tells in WHT what each pixel is made of. */
  weighted: boolean;
}

/** What is known of one of the exposures before its pixels are read. */
export interface GridInput {
  exposure: Exposure;
  /** With what the steps before say of its coordinates. */
  header: Keywords;
  nx: number;
  ny: number;
}

/** What a step sees of the grid when it runs: the whole grid, and the rows of it that it is to give now. */
export interface Onto {
  grid: OutputGrid;
  inputs: readonly GridInput[];
  y0: number;
  ny: number;
}

export interface Regrid<P> {
  /** Evaluated in the plan, from headers. */
  plan(inputs: readonly GridInput[], params: P): OutputGrid;
  /** Rows of exposure `k` that the rows of `onto` need; those beyond the exposure are cut off by the engine. */
  rows(onto: Onto, k: number, params: P): { y0: number; ny: number };
}
