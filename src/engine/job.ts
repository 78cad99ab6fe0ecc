/** What a thread needs to know of a product to work on its bands, and what it says of each: plain data. */
import type { Image } from "../data/kinds.js";
import type { Grid, Piece } from "../report/blocks.js";
import type { Extremes } from "./extremes.js";
import type { PlannedProduct, PlannedStep } from "./plan-types.js";
import type { StepReport } from "./step-report.js";
import type { Sums } from "./sums.js";
import type { PlanePlace } from "./write-planes.js";

/** Whole planes in shared memory, for steps that need the frame at once. */
export type SharedImage = Omit<Image, "y0" | "exposure" | "unit">;

export interface Job {
  id: number;
  product: PlannedProduct;
  /** Steps of the product to run on bands: the others need the whole frame. */
  steps: PlannedStep[];
  /** Size of the science frame. */
  size: { nx: number; ny: number };
  /** Rows of the product: as many, unless it has a grid of its own. */
  rows: number;
  /** What steps have made of whole frames before the bands, by exposure and step. */
  prepared: Record<string, unknown>;
  /** Threads that may hold a band of it at once, by the memory: bands of many reads are large however few their rows. */
  threads: number;
  /** Blocks of the picture beside the product. */
  grid: Grid | null;
  /** The only exposure's reads, where they were summed as they came. */
  sums?: Sums;
  sink: { to: "file"; path: string; planes: PlanePlace[] } | { to: "memory"; image: SharedImage };
}

export interface BandReport {
  steps: StepReport[];
  unit: string;
  extremes: Extremes;
  /** Step of the digitised samples of a ramp, DN; null for other products and unknown steps. */
  quantum: number | null;
  /** What the band adds to the picture. */
  piece: Piece | null;
  /** HDU index, contribution to its DATASUM. */
  datasums: [number, number][];
  /** File, HDU index, contribution to its content hash. */
  hashes: [string, number, bigint][];
}
