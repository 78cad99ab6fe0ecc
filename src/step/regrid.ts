/** The contract of steps whose product lies on a grid of its own: mosaics and resampled images. */
import type { Exposure, Keywords, KeywordValue } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";

/** Size of the product, and the coordinates that say where it lies. Plain data: it is part of the plan. */
export interface OutputGrid {
  nx: number;
  ny: number;
  keywords: Record<string, KeywordValue>;
  /** Where each exposure lies on it, where all are moved by whole pixels. */
  places?: readonly Place[];
  /** The product tells in WHT what each pixel is made of. */
  weighted: boolean;
}

/** The pixel of a grid on which an exposure's first one lies. */
export interface Place {
  x: number;
  y: number;
  /** Pixels by which the exposure then lies off the grid, where that is most. */
  off: number;
}

/** A reference of the step, before any pixel is read: header and size, or the columns of a table. */
export type GridRef = Pick<Reference, "name" | "nx" | "ny" | "header" | "table">;

/** What is known of one of the exposures before its pixels are read. */
export interface GridInput {
  /** Of its file, without the folder. */
  name: string;
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
  plan(inputs: readonly GridInput[], params: P, refs: Readonly<Record<string, GridRef | null>>): OutputGrid;
  /** Rows of exposure `k` that the rows of `onto` need; those beyond the exposure are cut off by the engine. */
  rows(onto: Onto, k: number, params: P): { y0: number; ny: number };
}
