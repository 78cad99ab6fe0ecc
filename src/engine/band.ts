/** One band of one product: read, run the fused steps in place, write where the rows belong. */
import { closeSync, openSync } from "node:fs";
import type { KeywordValue } from "../data/exposure.js";
import type { Image, Ramp, Reference } from "../data/kinds.js";
import { quantumOf } from "../data/ramp.js";
import { StepError, isIrisError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { kernelMemory } from "../kernels/memory.js";
import type { AnyStep } from "../step/define.js";
import type { Caveat, Outcome } from "../step/outcome.js";
import type { Grid, Piece } from "../report/blocks.js";
import { loadStep } from "../step/registry.js";
import { haloOf, withHalo, type Band } from "./bands.js";
import type { PlannedInput, PlannedProduct, PlannedStep } from "./plan-types.js";
import {
  closeSource,
  openReference,
  openSource,
  readExposure,
  readReference,
  takeHashes,
  type ReferenceSource,
  type Source,
} from "./source.js";
import { valuesOf } from "./values.js";
import { writePlanes, type PlanePlace } from "./write-planes.js";
import { pieceOf } from "./write-quicklook.js";

/** Whole planes in shared memory, for steps that need the frame at once. */
export type SharedImage = Omit<Image, "y0" | "exposure" | "unit">;

/** What a thread needs to know of a product to work on its bands; plain data. */
export interface Job {
  id: number;
  product: PlannedProduct;
  /** Steps of the product to run on bands: the others need the whole frame. */
  steps: PlannedStep[];
  /** Size of the science frame. */
  size: { nx: number; ny: number };
  /** Blocks of the picture beside the product. */
  grid: Grid | null;
  sink: { to: "file"; path: string; planes: PlanePlace[] } | { to: "memory"; image: SharedImage };
}

export interface StepReport {
  name: string;
  status: "complete" | "skipped" | "partial";
  reason: string | null;
  caveats: Caveat[];
  keywords: Record<string, KeywordValue>;
}

export interface BandReport {
  steps: StepReport[];
  unit: string;
  /** Some pixel has a value. */
  usable: boolean;
  /** Step of the digitised samples of a ramp, DN; null for other products and unknown steps. */
  quantum: number | null;
  /** What the band adds to the picture. */
  piece: Piece | null;
  /** HDU index, contribution to its DATASUM. */
  datasums: [number, number][];
  /** File, HDU index, contribution to its content hash. */
  hashes: [string, number, bigint][];
}

type Product = Ramp | Image;

interface LoadedStep {
  step: AnyStep;
  planned: PlannedStep;
  params: Record<string, unknown>;
}

/** One band on its way: what is read, what of it counts, and what has been made and said so far. */
interface Pass {
  /** Rows read: those that count and their halo. */
  read: Band;
  own: Band;
  memory: Alloc;
  /** References cut to the rows read, by file and corner. */
  cut: Map<string, Reference>;
  reports: StepReport[];
}

/** The files and steps of one job, open in this thread until `close`. */
export class JobRunner {
  readonly #job: Job;
  readonly #read: typeof readExposure;
  readonly #sources = new Map<string, Source>();
  readonly #references = new Map<string, ReferenceSource>();
  readonly #loaded = new Map<string, LoadedStep>();
  #fd: number | null = null;

  private constructor(job: Job, read: typeof readExposure) {
    this.#job = job;
    this.#read = read;
  }

  /** `read` gives the rows of an exposure, where they aren't simply read from its files. */
  static async open(job: Job, read: typeof readExposure = readExposure): Promise<JobRunner> {
    const runner = new JobRunner(job, read);
    const { product } = job;
    const planned = [
      ...product.inputs.flatMap(({ steps }) => steps),
      ...Object.values(product.members).flatMap((members) => members.flatMap(({ steps }) => steps)),
      ...product.steps,
    ];
    for (const item of planned) {
      if (item.skip !== null) continue;
      const step = await loadStep(item.name, item.module);
      runner.#loaded.set(keyOf(item), { step, planned: item, params: valuesOf(item) });
    }
    return runner;
  }

  /**
   * Reads, reduces and writes one band, without giving way to anything else in this thread: the kernels' memory is
   * one stack, and everything that the band allocates is forgotten at the end.
   */
  run(band: Band): BandReport {
    const memory = kernelMemory();
    const mark = memory.mark();
    try {
      const { product, size, grid, sink } = this.#job;
      const read = withHalo(band, this.#halo(), size.ny);
      const pass: Pass = { read, own: band, memory, cut: new Map(), reports: [] };
      const started = product.inputs.map((input) => this.#reduce(input, pass));
      const made = this.#steps(started, product.inputs[0]!, this.#chain(this.#job.steps), pass);
      const datasums = this.#write(made, pass);
      return {
        steps: merged(pass.reports),
        unit: "unit" in made ? made.unit : "DN",
        piece: grid && sink.to === "file" && "nz" in made ? pieceOf(grid, made, read, band) : null,
        usable: hasValue(made),
        quantum: "ngroups" in made ? quantumOf(made) : null,
        datasums,
        hashes: this.#takeHashes(),
      };
    } finally {
      memory.release(mark);
    }
  }

  #chain(steps: readonly PlannedStep[]): LoadedStep[] {
    return steps
      .filter(({ skip }) => skip === null)
      .map((planned) => ({ ...this.#loaded.get(keyOf(planned))!, planned, params: valuesOf(planned) }));
  }

  /** Rows that the product's steps need, and before them the most that any exposure's own steps need. */
  #halo(): number {
    const { inputs, members } = this.#job.product;
    const own = [...inputs, ...Object.values(members).flat()].map(({ steps }) => haloOf(this.#chain(steps)));
    return haloOf(this.#chain(this.#job.steps)) + Math.max(...own);
  }

  /** One exposure read and taken through its own steps. */
  #reduce(input: PlannedInput, pass: Pass): Product {
    const exposure = this.#read(this.#source(input), pass.read, pass.own, pass.memory);
    return this.#steps([exposure], input, this.#chain(input.steps), pass);
  }

  /** Runs steps on one product, or lets a group step make one of several. */
  #steps(given: readonly Product[], input: PlannedInput, chain: readonly LoadedStep[], pass: Pass): Product {
    let products = given;
    for (const { step, planned, params } of chain) {
      const context = {
        params,
        refs: Object.fromEntries(
          planned.refs.map(({ key, path }) => [
            key,
            path === null ? null : this.#reference(path, input, pass),
          ]),
        ),
        members: this.#members(step, pass),
        exposure: input.exposure,
        header: this.#source(input).header,
        alloc: pass.memory,
      };
      const outcome = guarded(step, input.path, () =>
        step.run(step.locality === "group" ? products : products[0], context),
      ) as Outcome<Product>;
      products = [outcome.product];
      pass.reports.push(reportOf(step.name, outcome));
    }
    return products[0]!;
  }

  /** The other exposures that a step uses, reduced up to it; what their own steps say isn't about the product. */
  #members(step: AnyStep, pass: Pass): Record<string, Image[]> {
    const { members } = this.#job.product;
    const quiet = { ...pass, reports: [] };
    return Object.fromEntries(
      Object.keys(step.members as object).map((role) => [
        role,
        (members[role] ?? []).map((member) => this.#reduce(member, quiet) as Image),
      ]),
    );
  }

  #source(input: PlannedInput): Source {
    let source = this.#sources.get(input.path);
    if (!source) this.#sources.set(input.path, (source = openSource(input)));
    return source;
  }

  #reference(path: string, { exposure }: PlannedInput, { read, memory, cut }: Pass): Reference {
    const { x, y } = exposure.subarray;
    const key = `${path}@${x},${y}`;
    let band = cut.get(key);
    if (!band) {
      let reference = this.#references.get(path);
      if (!reference) this.#references.set(path, (reference = openReference(path)));
      cut.set(key, (band = readReference(reference, exposure, this.#job.size, read, memory)));
    }
    return band;
  }

  /** Rows of the halo are dropped here. */
  #write(product: Product, { read, own, memory }: Pass): [number, number][] {
    const { sink, size } = this.#job;
    if (sink.to === "memory") {
      storeRows(product as Image, sink.image, read, own);
      return [];
    }
    this.#fd ??= openSync(sink.path, "r+");
    return writePlanes(this.#fd, sink.path, product, sink.planes, read, own, size.ny, memory);
  }

  #takeHashes(): [string, number, bigint][] {
    const hashes: [string, number, bigint][] = [];
    for (const source of this.#sources.values()) hashes.push(...takeHashes(source));
    return hashes;
  }

  close(): void {
    for (const source of this.#sources.values()) closeSource(source);
    for (const { file } of this.#references.values()) file.close();
    if (this.#fd !== null) closeSync(this.#fd);
  }
}

/** Raw integers are values without a look at them. */
const hasValue = (product: Product): boolean => product.sci?.some(Number.isFinite) ?? true;

function storeRows(from: Image, to: SharedImage, read: Band, band: Band): void {
  for (const plane of ["sci", "err", "dq", "varPoisson", "varRnoise"] as const) {
    const [source, target] = [from[plane], to[plane]];
    if (!source || !target) continue;
    for (let z = 0; z < to.nz; z++) {
      const first = (z * read.ny + band.y0 - read.y0) * from.nx;
      target.set(source.subarray(first, first + band.ny * from.nx), (z * to.ny + band.y0) * to.nx);
    }
  }
}

/** A step's own words on failure, or the step's name before somebody else's. */
function guarded<T>(step: AnyStep, path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (isIrisError(cause)) throw cause;
    throw new StepError(`${step.name} failed on ${path} — ${(cause as Error).message}`, {
      cause,
      hint: `iris step describe ${step.name}`,
    });
  }
}

export const reportOf = (name: string, outcome: Outcome<unknown>): StepReport => ({
  name,
  status: outcome.status,
  reason: outcome.status === "skipped" ? outcome.reason : null,
  caveats: outcome.status === "partial" ? outcome.caveats : [],
  keywords: outcome.keywords,
});

/** One report per step: of several inputs or bands the worst status, every caveat once, the first keywords. */
export function merged(reports: readonly StepReport[]): StepReport[] {
  const byName = new Map<string, StepReport>();
  const rank = { complete: 0, partial: 1, skipped: 2 };
  for (const report of reports) {
    const had = byName.get(report.name);
    if (!had) {
      byName.set(report.name, { ...report, caveats: [...report.caveats] });
      continue;
    }
    if (rank[report.status] > rank[had.status]) [had.status, had.reason] = [report.status, report.reason];
    for (const caveat of report.caveats)
      if (!had.caveats.some(({ code, message }) => code === caveat.code && message === caveat.message))
        had.caveats.push(caveat);
  }
  return [...byName.values()];
}

const keyOf = ({ name, module }: PlannedStep): string => `${module ?? ""}:${name}`;
