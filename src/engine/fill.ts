/** Computes and writes the planes of a product: in bands up to the first step that needs the frame, whole from there. */
import { closeSync, openSync } from "node:fs";
import type { Image } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { addDatasum, type FitsWriter } from "../fits/index.js";
import { kernelMemory } from "../kernels/memory.js";
import type { Quicklook } from "../report/quicklook.js";
import type { AnyStep, ExtraPlane } from "../step/define.js";
import { loadStep } from "../step/registry.js";
import { runWhole } from "./band.js";
import { bandBytes, bandHeight, cutBands, type Band } from "./bands.js";
import { extremesOf, joinExtremes, noExtremes, type Extremes } from "./extremes.js";
import { addHashes } from "./hashes.js";
import type { BandReport, Job, SharedImage } from "./job.js";
import { closeJob, openJob, type OpenJob } from "./open-job.js";
import type { PlannedProduct, PlannedStep } from "./plan-types.js";
import type { Pool } from "./pool.js";
import { prepare, type Looks } from "./prepare.js";
import { heldBytes } from "./regrid.js";
import type { ProductFrame } from "./product-frame.js";
import { merged, type StepReport } from "./step-report.js";
import { valuesOf } from "./values.js";
import { writePlanes, type PlanePlace } from "./write-planes.js";

/** What the bands have said, added up. */
export interface Filled {
  reports: StepReport[];
  unit: string;
  extremes: Extremes;
  quantum: number | null;
  datasums: number[];
  hashes: Map<string, Map<number, bigint>>;
}

export interface FillContext {
  pool: Pick<Pool, "run">;
  /** Band buffers of all threads, bytes. */
  mem: number;
  jobs: number;
  /** What this run has seen of exposures that serve each other. */
  looks: Looks;
  /** Called after every band. */
  progress(step: string, done: number, total: number): void;
}

/** The first exposure as the steps will find it. */
interface Frames {
  nx: number;
  ny: number;
  planes: number;
  /** Its reads can be had one by one. */
  isReadByRead: boolean;
}

let nextJob = 0;

export async function fill(
  product: PlannedProduct,
  frame: ProductFrame,
  input: Frames,
  places: readonly PlanePlace[],
  writer: FitsWriter,
  look: Quicklook | null,
  context: FillContext,
): Promise<Filled> {
  const running = await runningSteps(product);
  const whole = product.steps.findIndex((planned) => {
    const step = running.get(planned);
    return step?.locality === "frame" && step.input !== "ramp";
  });
  const direct = whole >= 0 && isReadAtOnce(product, frame, whole);
  const image = whole < 0 || direct ? null : sharedImage(frame, product);
  const job: Job = {
    id: nextJob++,
    product,
    steps: whole < 0 ? product.steps : product.steps.slice(0, whole),
    size: product.grid ? { nx: input.nx, ny: input.ny } : { nx: frame.nx, ny: frame.ny },
    rows: frame.ny,
    prepared: {},
    threads: 1,
    grid: look?.grid ?? null,
    sink: image ? { to: "memory", image } : { to: "file", path: writer.tmpPath, planes: [...places] },
  };
  const filled: Filled = {
    reports: [],
    unit: "",
    extremes: noExtremes,
    quantum: null,
    datasums: places.map(() => 0),
    hashes: new Map(),
  };
  // A mosaic that is held whole leaves the bands less, but always enough to go on.
  const mem = product.grid && image ? Math.max(context.mem / 4, context.mem - heldBytes(frame)) : context.mem;
  const { height, bytes, held } = bandsOf(product, frame, input, mem / context.jobs, running);
  job.threads = Math.max(1, Math.floor(mem / held));
  if ([...running.values()].some(({ prepare }) => prepare !== undefined))
    await withJob(job, (open) => {
      prepare(open, context.looks);
    });
  if (direct) {
    await finishWhole(job, product.steps.slice(whole), null, places, writer, look, filled);
    context.progress(product.steps[whole]!.name, 1, 1);
    return filled;
  }
  const bands = cutBands(frame.ny, height);
  const step = job.steps.findLast(({ skip }) => skip === null)?.name ?? product.pipeline;
  let count = 0;
  await context.pool.run(job, bands, bytes, (report) => {
    addReport(filled, report);
    if (report.piece) look?.add(report.piece);
    context.progress(step, ++count, bands.length);
    if (count === bands.length >> 1) writer.flush();
  });
  filled.reports = merged(filled.reports);
  if (image) await finishWhole(job, product.steps.slice(whole), image, places, writer, look, filled);
  return filled;
}

/** An image that nothing happens to before step `whole`: bands would only copy it from thread to thread. */
function isReadAtOnce(
  { kind, inputs, steps, grid }: PlannedProduct,
  { nx, ny, axes }: ProductFrame,
  whole: number,
): boolean {
  const [input, ...others] = inputs;
  const before = [...input!.steps, ...steps.slice(0, whole)];
  const planes = axes.slice(2).reduce((a, b) => a * b, 1);
  return (
    kind === "image" &&
    input!.kind === "image" &&
    others.length === 0 &&
    grid === undefined &&
    before.every(({ skip }) => skip !== null) &&
    bandBytes({ kind, nx, planes, companions: 0 }, ny) < LARGEST_FRAME / 4
  );
}

/** Every step that will run for this product, be it on one of its exposures or on the product. */
async function runningSteps({
  inputs,
  members,
  steps,
}: PlannedProduct): Promise<ReadonlyMap<PlannedStep, AnyStep>> {
  const running = new Map<PlannedStep, AnyStep>();
  for (const planned of [
    ...[...inputs, ...Object.values(members).flat()].flatMap(({ steps }) => steps),
    ...steps,
  ])
    if (planned.skip === null) running.set(planned, await loadStep(planned.name, planned.module));
  return running;
}

async function withJob(job: Job, use: (open: OpenJob) => void): Promise<void> {
  const open = await openJob(job);
  try {
    use(open);
  } finally {
    closeJob(open);
  }
}

function bandsOf(
  product: PlannedProduct,
  frame: ProductFrame,
  input: Frames,
  mem: number,
  running: ReadonlyMap<PlannedStep, AnyStep>,
): { height: number; bytes: number; held: number } {
  const { kind, exposure, path } = product.inputs[0]!;
  const refs = product.steps
    .filter(({ skip }) => skip === null)
    .flatMap(({ refs }) => refs)
    .filter(({ path }) => path !== null).length;
  const others = product.inputs.length - 1 + Object.values(product.members).flat().length;
  const planes = kind === "ramp" ? input.planes : frame.axes.slice(2).reduce((a, b) => a * b, 1);
  const optional = (product.extras ?? []).reduce((sum, { axes }) => sum + axes.reduce((a, b) => a * b, 1), 0);
  // On a grid of its own a product is wider than the exposures that lie on it.
  const width = product.grid ? input.nx / frame.nx : 1;
  const companions = refs + others * width * (kind === "ramp" ? planes / 2 : 1) + optional / 6;
  const [first] = running;
  const inTurn = input.isReadByRead && first?.[1].readByRead?.(valuesOf(first[0]), exposure);
  const cost = { kind, nx: frame.nx, planes: inTurn ? SUMMED : planes, companions };
  const entire = [...running].find(
    ([planned, step]) =>
      (step.locality === "frame" && step.input === "ramp") ||
      (step.halo?.(valuesOf(planned), exposure) ?? 0) >= frame.ny,
  );
  const halo = [...running].reduce(
    (sum, [planned, step]) =>
      sum + (step.halo?.(valuesOf(planned), exposure) ?? 0) + (step.joint?.margin ?? 0),
    0,
  );
  const height = entire ? frame.ny : bandHeight(cost, frame.ny, mem, halo);
  if (entire && bandBytes(cost, frame.ny) > LARGEST_FRAME)
    throw new StepError(
      `${entire[1].name} failed on ${path} — it needs the whole frame at once, ` +
        `${Math.ceil(bandBytes(cost, frame.ny) / 1e9)} GB of at most ${LARGEST_FRAME / 1e9}`,
      { hint: `leave it out: --skip ${entire[1].name}` },
    );
  const depth = kind === "ramp" ? planes * 2 : planes * 12;
  const bytes = height * frame.nx * (depth + 12 * (refs + others));
  return { height, bytes, held: bandBytes(cost, Math.min(height + 2 * halo, frame.ny)) };
}

/** Reads that are in memory together where each is added to a sum when it comes; the sum is as large as some more. */
const SUMMED = 4;

/** A band lives in one WebAssembly memory of at most 4 GiB. */
const LARGEST_FRAME = 4e9;

function addReport(filled: Filled, report: BandReport): void {
  filled.reports.push(...report.steps);
  filled.unit = report.unit;
  filled.quantum = report.quantum;
  filled.extremes = joinExtremes(filled.extremes, report.extremes);
  for (const [hdu, sum] of report.datasums)
    filled.datasums[hdu - 1] = addDatasum(filled.datasums[hdu - 1]!, sum);
  addLeaves(filled, report.hashes);
}

function addLeaves({ hashes }: Filled, leaves: BandReport["hashes"]): void {
  for (const [path, hdu, hash] of leaves) {
    let byHdu = hashes.get(path);
    if (!byHdu) hashes.set(path, (byHdu = new Map<number, bigint>()));
    byHdu.set(hdu, addHashes(byHdu.get(hdu) ?? 0n, hash));
  }
}

function sharedImage(
  { nx, ny, axes, hasVariances }: ProductFrame,
  { grid, extras }: PlannedProduct,
): SharedImage {
  const nz = axes.slice(2).reduce((a, b) => a * b, 1);
  const room = (planes: number) => new SharedArrayBuffer(4 * nx * ny * planes);
  const floats = () => new Float32Array(room(nz));
  const extra = ({ name, type, axes: own }: ExtraPlane) => {
    const bytes = room(own.reduce((a, b) => a * b, 1));
    return [name, type === "f32" ? new Float32Array(bytes) : new Uint32Array(bytes)] as const;
  };
  return {
    nx,
    ny,
    nz,
    sci: floats(),
    err: floats(),
    dq: new Uint32Array(room(nz)),
    varPoisson: hasVariances ? floats() : null,
    varRnoise: hasVariances ? floats() : null,
    ...(grid?.weighted ? { weight: floats() } : {}),
    ...(extras ? { extras: Object.fromEntries(extras.map(extra)) } : {}),
  };
}

/** The steps from the first that needs the frame on, over whole planes. */
async function finishWhole(
  job: Job,
  steps: readonly PlannedStep[],
  planes: SharedImage | null,
  places: readonly PlanePlace[],
  writer: FitsWriter,
  look: Quicklook | null,
  filled: Filled,
): Promise<void> {
  const { exposure } = job.product.inputs[0]!;
  await withJob(job, (open) => {
    const image = planes && { ...planes, y0: 0, exposure, unit: filled.unit };
    runWhole(open, image, steps, filled.reports, (image, reports, hashes) => {
      filled.reports = merged(reports);
      filled.unit = image.unit;
      const frame = { y0: 0, ny: image.ny };
      filled.extremes = extremesOf(image, frame, frame);
      addLeaves(filled, hashes);
      writeWhole(image, places, writer, filled);
      const plane = image.nx * image.ny;
      look?.addRows(0, image.ny, image.sci.subarray(0, plane), image.dq.subarray(0, plane));
    });
  });
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
