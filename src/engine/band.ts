/** One band of one product: read, run the fused steps in place, write where the rows belong. */
import type { Image } from "../data/kinds.js";
import { quantumOf } from "../data/ramp.js";
import { inMemory } from "../kernels/memory.js";
import { haloOf, withHalo, type Band } from "./bands.js";
import { storeRows } from "./cut-rows.js";
import { extremesOf } from "./extremes.js";
import type { BandReport } from "./job.js";
import { hashesOf, loaded, sinkOf, type OpenJob } from "./open-job.js";
import type { PlannedStep } from "./plan-types.js";
import { makePass, makeProduct, runSteps, type Pass, type Product } from "./reduce-rows.js";
import { merged, type StepReport } from "./step-report.js";
import { writePlanes } from "./write-planes.js";
import { pieceOf } from "./write-quicklook.js";

/**
 * Reads, reduces and writes one band, without giving way to anything else in this thread: the kernels' memory is
 * one stack, and everything that the band allocates is forgotten at the end.
 */
export function runBand(open: OpenJob, band: Band): BandReport {
  return inMemory((memory) => {
    const { grid, sink, product, rows, steps } = open.job;
    const halo = product.grid ? haloOf(loaded(open, steps), product.inputs[0]!.exposure) : open.halo;
    const read = withHalo(band, halo, rows);
    const pass = makePass(open, read, band, memory);
    const made = makeProduct(open, pass, steps.length);
    const datasums = write(open, made, pass);
    return {
      steps: merged(pass.reports),
      unit: "unit" in made ? made.unit : "DN",
      piece: grid && sink.to === "file" && "nz" in made ? pieceOf(grid, made, read, band) : null,
      extremes: extremesOf(made, read, band),
      quantum: "ngroups" in made ? quantumOf(made) : null,
      datasums,
      // Bands of a grid read overlapping rows of their inputs: those are hashed at the end.
      hashes: product.grid ? [] : hashesOf(open),
    };
  });
}

/**
 * Runs further steps on a whole image, or on the exposure itself, read at once, where there is none yet; `use` gets what
 * they made, forgotten afterwards, and all reports.
 */
export function runWhole(
  open: OpenJob,
  image: Image | null,
  steps: readonly PlannedStep[],
  before: readonly StepReport[],
  use: (image: Image, reports: StepReport[], hashes: BandReport["hashes"]) => void,
): void {
  inMemory((memory) => {
    const frame: Band = { y0: 0, ny: open.job.rows };
    const pass = makePass(open, frame, frame, memory);
    pass.reports.push(...before);
    const given = image ?? makeProduct(open, pass, 0);
    const made = runSteps(open, [given], open.job.product.inputs[0]!, loaded(open, steps), pass);
    use(made as Image, pass.reports, hashesOf(open));
  });
}

/** Rows of the halo are dropped here. */
function write(open: OpenJob, product: Product, { read, own, memory }: Pass): [number, number][] {
  const { sink, rows } = open.job;
  if (sink.to === "memory") {
    storeRows(product as Image, sink.image, read, own);
    return [];
  }
  return writePlanes(sinkOf(open, sink.path), sink.path, product, sink.planes, read, own, rows, memory);
}
