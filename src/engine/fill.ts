/** Computes and writes the planes of a product: in bands up to the first step that needs the frame, whole from there. */
import { closeSync, openSync } from "node:fs";
import type { Image } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { addDatasum, type FitsWriter } from "../fits/index.js";
import { heap } from "../kernels/alloc.js";
import { kernelMemory } from "../kernels/memory.js";
import type { Quicklook } from "../report/quicklook.js";
import type { Outcome } from "../step/outcome.js";
import { loadStep } from "../step/registry.js";
import { merged, reportOf, type BandReport, type Job, type SharedImage, type StepReport } from "./band.js";
import { bandHeight, cutBands, type Band } from "./bands.js";
import { addHashes } from "./hashes.js";
import type { PlannedProduct, PlannedStep } from "./plan-types.js";
import type { Pool } from "./pool.js";
import type { ProductFrame } from "./product.js";
import { closeSource, openReference, openSource, readReference } from "./source.js";
import { valuesOf } from "./values.js";
import { writePlanes, type PlanePlace } from "./write-planes.js";

/** What the bands have said, added up. */
export interface Filled {
  reports: StepReport[];
  unit: string;
  /** Some pixel has a value. */
  usable: boolean;
  quantum: number | null;
  datasums: number[];
  hashes: Map<string, Map<number, bigint>>;
}

export interface FillContext {
  pool: Pick<Pool, "run">;
  /** Band buffers per thread, bytes. */
  mem: number;
  /** Called after every band. */
  progress(step: string, done: number, total: number): void;
}

let nextJob = 0;

export async function fill(
  product: PlannedProduct,
  frame: ProductFrame,
  places: readonly PlanePlace[],
  writer: FitsWriter,
  look: Quicklook | null,
  context: FillContext,
): Promise<Filled> {
  const localities = new Map<string, string>();
  for (const { name, module } of product.steps) localities.set(name, (await loadStep(name, module)).locality);
  const whole = product.steps.findIndex(
    ({ name, skip }) => skip === null && localities.get(name) === "frame",
  );
  const size = { nx: frame.nx, ny: frame.ny };
  const image = whole < 0 ? null : sharedImage(frame);
  const job: Job = {
    id: nextJob++,
    product,
    steps: whole < 0 ? product.steps : product.steps.slice(0, whole),
    size,
    grid: look?.grid ?? null,
    sink: image ? { to: "memory", image } : { to: "file", path: writer.tmpPath, planes: [...places] },
  };
  const filled: Filled = {
    reports: [],
    unit: "",
    usable: false,
    quantum: null,
    datasums: places.map(() => 0),
    hashes: new Map(),
  };
  const { height, bytes } = bandsOf(product, frame, context.mem);
  const bands = cutBands(frame.ny, height);
  const step = job.steps.findLast(({ skip }) => skip === null)?.name ?? product.pipeline;
  let count = 0;
  await context.pool.run(job, bands, bytes, (report) => {
    addReport(filled, report);
    if (report.piece) look?.add(report.piece);
    context.progress(step, ++count, bands.length);
  });
  filled.reports = merged(filled.reports);
  if (image) await finishWhole(product, product.steps.slice(whole), image, places, writer, look, filled);
  return filled;
}

function bandsOf(
  product: PlannedProduct,
  frame: ProductFrame,
  mem: number,
): { height: number; bytes: number } {
  const { kind } = product.inputs[0]!;
  const refs = product.steps.reduce((sum, { refs, skip }) => sum + (skip === null ? refs.length : 0), 0);
  const others = product.inputs.length - 1 + Object.values(product.members).flat().length;
  const planes = kind === "ramp" ? rampPlanes(product) : frame.axes.slice(2).reduce((a, b) => a * b, 1);
  const cost = { kind, nx: frame.nx, planes, companions: refs + others * (kind === "ramp" ? planes / 2 : 1) };
  const height = bandHeight(cost, frame.ny, mem);
  const depth = kind === "ramp" ? planes * 2 : planes * 12;
  return { height, bytes: height * frame.nx * (depth + 12 * (refs + others)) };
}

const rampPlanes = ({ inputs }: PlannedProduct): number => inputs[0]!.exposure.readout?.times.length ?? 1;

function addReport(filled: Filled, report: BandReport): void {
  filled.reports.push(...report.steps);
  filled.unit = report.unit;
  filled.quantum = report.quantum;
  filled.usable ||= report.usable;
  for (const [hdu, sum] of report.datasums)
    filled.datasums[hdu - 1] = addDatasum(filled.datasums[hdu - 1]!, sum);
  for (const [path, hdu, hash] of report.hashes) {
    let byHdu = filled.hashes.get(path);
    if (!byHdu) filled.hashes.set(path, (byHdu = new Map<number, bigint>()));
    byHdu.set(hdu, addHashes(byHdu.get(hdu) ?? 0n, hash));
  }
}

function sharedImage({ nx, ny, axes, hasVariances }: ProductFrame): SharedImage {
  const nz = axes.slice(2).reduce((a, b) => a * b, 1);
  const floats = () => new Float32Array(new SharedArrayBuffer(4 * nx * ny * nz));
  return {
    nx,
    ny,
    nz,
    sci: floats(),
    err: floats(),
    dq: new Uint32Array(new SharedArrayBuffer(4 * nx * ny * nz)),
    varPoisson: hasVariances ? floats() : null,
    varRnoise: hasVariances ? floats() : null,
  };
}

/** The steps from the first that needs the frame on, over whole planes. */
async function finishWhole(
  product: PlannedProduct,
  steps: readonly PlannedStep[],
  planes: SharedImage,
  places: readonly PlanePlace[],
  writer: FitsWriter,
  look: Quicklook | null,
  filled: Filled,
): Promise<void> {
  const input = product.inputs[0]!;
  const source = openSource(input);
  try {
    const frame: Band = { y0: 0, ny: planes.ny };
    const size = { nx: planes.nx, ny: planes.ny };
    let image: Image = { ...planes, y0: 0, exposure: input.exposure, unit: filled.unit };
    for (const planned of steps) {
      if (planned.skip !== null) continue;
      const step = await loadStep(planned.name, planned.module);
      const refs = planned.refs.map(({ key, path }) => {
        if (path === null) return [key, null];
        const reference = openReference(path);
        try {
          return [key, readReference(reference, input.exposure, size, frame, heap)];
        } finally {
          reference.file.close();
        }
      });
      if (Object.keys(step.members as object).length > 0)
        throw new StepError(
          `${step.name} uses other exposures and can't follow a step that needs the whole frame`,
          {
            hint: `iris pipeline show ${product.pipeline}`,
          },
        );
      const outcome = step.run(image, {
        params: valuesOf(planned),
        refs: Object.fromEntries(refs),
        members: {},
        exposure: input.exposure,
        header: source.header,
        alloc: heap,
      }) as Outcome<Image>;
      image = outcome.product;
      filled.reports = merged([...filled.reports, reportOf(step.name, outcome)]);
    }
    filled.unit = image.unit;
    writeWhole(image, places, writer, filled);
    const plane = image.nx * image.ny;
    look?.addRows(0, image.ny, image.sci.subarray(0, plane), image.dq.subarray(0, plane));
  } finally {
    closeSource(source);
  }
}

function writeWhole(image: Image, places: readonly PlanePlace[], writer: FitsWriter, filled: Filled): void {
  const fd = openSync(writer.tmpPath, "r+");
  const memory = kernelMemory();
  const mark = memory.mark();
  try {
    const frame: Band = { y0: 0, ny: image.ny };
    for (const [hdu, sum] of writePlanes(fd, writer.tmpPath, image, places, frame, frame, image.ny, memory))
      filled.datasums[hdu - 1] = addDatasum(filled.datasums[hdu - 1]!, sum);
  } finally {
    memory.release(mark);
    closeSync(fd);
  }
}
