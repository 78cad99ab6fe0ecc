/** One band of one product: read, run the fused steps in place, write where the rows belong. */
import { closeSync, openSync } from "node:fs";
import type { Image, Ramp, Reference } from "../data/kinds.js";
import { quantumOf } from "../data/ramp.js";
import type { Alloc } from "../kernels/alloc.js";
import { kernelMemory } from "../kernels/memory.js";
import type { AnyStep, Extension, ExtensionDecls, RefDecls } from "../step/define.js";
import type { Outcome } from "../step/outcome.js";
import type { Grid, Piece } from "../report/blocks.js";
import { loadStep } from "../step/registry.js";
import type { Onto } from "../step/regrid.js";
import { haloOf, withHalo, type Band } from "./bands.js";
import { sampledRamp, type Sums } from "./sums.js";
import type { PlannedInput, PlannedProduct, PlannedStep } from "./plan-types.js";
import {
  closeSource,
  openReference,
  openSource,
  readExtension,
  readExposure,
  readReference,
  readWholeReference,
  takeHashes,
  type ReferenceSource,
  type Source,
} from "./source.js";
import { gridInput, rowsFor } from "./regrid.js";
import { guarded, merged, reportOf, type StepReport } from "./step-report.js";
import { extremesOf, type Extremes } from "./extremes.js";
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
  /** Rows of the product: as many, unless it has a grid of its own. */
  rows: number;
  /** What steps have made of whole frames before the bands, by exposure and step. */
  prepared: Record<string, unknown>;
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
  /** The part of a grid of its own that the product is to fill. */
  onto?: Onto;
}

/** The files and steps of one job, open in this thread until `close`. */
export class JobRunner {
  readonly #job: Job;
  readonly #sources = new Map<string, Source>();
  readonly #references = new Map<string, ReferenceSource>();
  readonly #planes = new Map<string, Extension | null>();
  readonly #loaded = new Map<string, LoadedStep>();
  #halo: number | null = null;
  #fd: number | null = null;

  private constructor(job: Job) {
    this.#job = job;
  }

  static async open(job: Job): Promise<JobRunner> {
    const runner = new JobRunner(job);
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
      const { grid, sink, product, rows, steps } = this.#job;
      const halo = product.grid ? haloOf(this.#chain(steps), product.inputs[0]!.exposure) : this.halo;
      const read = withHalo(band, halo, rows);
      const pass: Pass = { read, own: band, memory, cut: new Map(), reports: [], ...this.#onto(read) };
      const made = this.#product(pass, this.#job.steps.length);
      const datasums = this.#write(made, pass);
      return {
        steps: merged(pass.reports),
        unit: "unit" in made ? made.unit : "DN",
        piece: grid && sink.to === "file" && "nz" in made ? pieceOf(grid, made, read, band) : null,
        extremes: extremesOf(made, read, band),
        quantum: "ngroups" in made ? quantumOf(made) : null,
        datasums,
        // Bands of a grid read overlapping rows of their inputs: those are hashed at the end.
        hashes: product.grid ? [] : this.#takeHashes(),
      };
    } finally {
      memory.release(mark);
    }
  }

  #onto(rows: Band): { onto?: Onto } {
    const { grid, inputs } = this.#job.product;
    if (!grid) return {};
    return { onto: { grid, inputs: inputs.map((input) => gridInput(this.#source(input))), ...rows } };
  }

  /** Of every exposure the rows that the band of `onto` needs, with the halos that its own steps need. */
  #regridded(pass: Pass, onto: Onto): Product[] {
    const { step, planned } = this.#chain(this.#job.steps).find((loaded) => loaded.step.regrid)!;
    const { reports, memory } = pass;
    return this.#job.product.inputs.map((input, k) => {
      const rows = rowsFor(step, planned, onto, k);
      const read = withHalo(rows, this.halo, onto.inputs[k]!.ny);
      const own = { y0: read.y0, ny: 0 };
      return crop(this.#reduce(input, { read, own, memory, cut: new Map(), reports }), rows, memory);
    });
  }

  /** Runs further steps on a whole image; `use` gets what they made, which is forgotten afterwards. */
  runWhole(
    image: Image,
    steps: readonly PlannedStep[],
    use: (image: Image, reports: StepReport[], hashes: BandReport["hashes"]) => void,
  ): void {
    const memory = kernelMemory();
    const mark = memory.mark();
    try {
      const frame: Band = { y0: 0, ny: image.ny };
      const pass: Pass = {
        read: frame,
        own: frame,
        memory,
        cut: new Map(),
        reports: [],
        ...this.#onto(frame),
      };
      const made = this.#steps([image], this.#job.product.inputs[0]!, this.#chain(steps), pass);
      use(made as Image, pass.reports, this.#takeHashes());
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
  get halo(): number {
    const { inputs, members } = this.#job.product;
    const own = [...inputs, ...Object.values(members).flat()].map(({ steps, exposure }) =>
      haloOf(this.#chain(steps), exposure),
    );
    return (this.#halo ??= haloOf(this.#chain(this.#job.steps), inputs[0]!.exposure) + Math.max(...own));
  }

  /** Lets the steps that want it look at whole frames, each after the steps before it. What they make is plain data. */
  prepare(): Record<string, unknown> {
    const { product, steps } = this.#job;
    for (const input of [...product.inputs, ...Object.values(product.members).flat()])
      input.steps.forEach((planned, i) => {
        this.#lookAhead(planned, input, (pass) => this.#reduce(input, pass, i));
      });
    steps.forEach((planned, i) => {
      this.#lookAhead(planned, product.inputs[0]!, (pass) => this.#product(pass, i));
    });
    return this.#job.prepared;
  }

  #lookAhead(planned: PlannedStep, input: PlannedInput, reduce: (pass: Pass) => Product): void {
    const [loaded] = this.#chain([planned]);
    const prepare = loaded?.step.prepare;
    if (!loaded || !prepare) return;
    const { size, prepared } = this.#job;
    const { header } = this.#source(input);
    const facts = { size, params: loaded.params, header, exposure: input.exposure };
    const memory = kernelMemory();
    const halo = this.halo;
    prepared[preparedKey(input, planned)] = guarded(loaded.step, input.path, () => {
      const taken = prepare.rows(facts).map((rows): unknown => {
        const mark = memory.mark();
        try {
          const read = withHalo(rows, halo, size.ny);
          const pass: Pass = { read, own: { y0: rows.y0, ny: 0 }, memory, cut: new Map(), reports: [] };
          const piece = crop(reduce(pass), rows, memory);
          const refs = this.#refs(loaded, input, { ...pass, read: rows, cut: new Map() });
          return prepare.take(piece, { ...facts, refs, alloc: memory });
        } finally {
          memory.release(mark);
        }
      });
      return prepare.make(taken, facts) as unknown;
    });
  }

  /** The exposures, and then the first `count` of the product's steps. */
  #product(pass: Pass, count: number): Product {
    const { inputs } = this.#job.product;
    const started = pass.onto
      ? this.#regridded(pass, pass.onto)
      : inputs.map((input) => this.#reduce(input, pass));
    return this.#steps(started, inputs[0]!, this.#chain(this.#job.steps.slice(0, count)), pass);
  }

  /** One exposure read and taken through its own steps, or the first `count` of them. */
  #reduce(input: PlannedInput, pass: Pass, count = input.steps.length): Product {
    const { sums, size } = this.#job;
    const exposure = sums
      ? sampledRamp(sums, input, size, pass.read, pass.memory)
      : readExposure(this.#source(input), pass.read, pass.own, pass.memory);
    return this.#steps([exposure], input, this.#chain(input.steps.slice(0, count)), pass);
  }

  /** Runs steps on one product, or lets a group step make one of several. */
  #steps(given: readonly Product[], input: PlannedInput, chain: readonly LoadedStep[], pass: Pass): Product {
    let products = given;
    for (const loaded of chain) {
      const { step, planned, params } = loaded;
      const context = {
        params,
        prepared: this.#job.prepared[preparedKey(input, planned)],
        refs: this.#refs(loaded, input, pass),
        members: this.#members(step, pass),
        exposure: input.exposure,
        header: { ...this.#source(input).header, ...pass.onto?.grid.keywords },
        onto: pass.onto,
        extensions: step.extensions && this.#extensions(step.extensions, input),
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

  /** Each is read once per thread. */
  #extensions(declared: ExtensionDecls, input: PlannedInput): Record<string, Extension | null> {
    const source = this.#source(input);
    return Object.fromEntries(
      Object.entries(declared).map(([key, { name }]) => {
        const place = `${input.path} ${name}`;
        if (!this.#planes.has(place)) this.#planes.set(place, readExtension(source, name));
        return [key, this.#planes.get(place) ?? null];
      }),
    );
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

  #refs({ step, planned }: LoadedStep, input: PlannedInput, pass: Pass): Record<string, Reference | null> {
    const declared = step.refs as RefDecls;
    return Object.fromEntries(
      planned.refs.map(({ key, path }) => [
        key,
        path === null ? null : this.#reference(path, declared[key]!.whole ?? false, input, pass),
      ]),
    );
  }

  #reference(path: string, whole: boolean, input: PlannedInput, { read, memory, cut }: Pass): Reference {
    const { exposure } = input;
    const { x, y } = exposure.subarray;
    const key = whole ? path : `${path}@${x},${y}`;
    let band = cut.get(key);
    if (!band) {
      let reference = this.#references.get(path);
      if (!reference) this.#references.set(path, (reference = openReference(path)));
      band = whole
        ? readWholeReference(reference, exposure, memory)
        : readReference(reference, exposure, this.#job.size, read, memory);
      cut.set(key, band);
    }
    return band;
  }

  /** Rows of the halo are dropped here. */
  #write(product: Product, { read, own, memory }: Pass): [number, number][] {
    const { sink, rows } = this.#job;
    if (sink.to === "memory") {
      storeRows(product as Image, sink.image, read, own);
      return [];
    }
    this.#fd ??= openSync(sink.path, "r+");
    return writePlanes(this.#fd, sink.path, product, sink.planes, read, own, rows, memory);
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

function storeRows(from: Image, to: SharedImage, read: Band, band: Band): void {
  for (const plane of ["sci", "err", "dq", "varPoisson", "varRnoise", "weight"] as const) {
    const [source, target] = [from[plane], to[plane]];
    if (!source || !target) continue;
    for (let z = 0; z < to.nz; z++) {
      const first = (z * read.ny + band.y0 - read.y0) * from.nx;
      target.set(source.subarray(first, first + band.ny * from.nx), (z * to.ny + band.y0) * to.nx);
    }
  }
}

/** The rows `band` of a product, copied. */
function crop(product: Product, band: Band, alloc: Alloc): Product {
  const { nx, ny, y0 } = product;
  if (band.y0 === y0 && band.ny === ny) return product;
  const cut: Record<string, unknown> = { ...product, ...band };
  const [first, length] = [(band.y0 - y0) * nx, band.ny * nx];
  const rowsOf = (source: Uint8Array, bytes: number): Uint8Array => {
    const planes = source.length / (nx * ny * bytes);
    const out = alloc.raw(planes * length * bytes);
    for (let z = 0; z < planes; z++) {
      const at = (z * nx * ny + first) * bytes;
      out.set(source.subarray(at, at + length * bytes), z * length * bytes);
    }
    return out;
  };
  for (const [key, value] of Object.entries(product) as [string, unknown][])
    if (value instanceof Float32Array || value instanceof Uint32Array || value instanceof Uint8Array) {
      const { BYTES_PER_ELEMENT: width, buffer, byteOffset, byteLength } = value;
      const rows = rowsOf(new Uint8Array(buffer, byteOffset, byteLength), width);
      const Plane = value.constructor as new (b: ArrayBufferLike, at: number, n: number) => unknown;
      cut[key] = new Plane(rows.buffer, rows.byteOffset, rows.length / width);
    }
  if ("raw" in product && product.raw) {
    const { bytes, bitpix, bscale, bzero, blank } = product.raw;
    cut["raw"] = { bytes: rowsOf(bytes, Math.abs(bitpix) / 8), bitpix, bscale, bzero, blank };
  }
  return cut as unknown as Product;
}

const preparedKey = ({ path }: PlannedInput, step: PlannedStep): string => `${path} ${keyOf(step)}`;

const keyOf = ({ name, module }: PlannedStep): string => `${module ?? ""}:${name}`;
