/** The files and steps of one job, open in one thread. */
import { closeSync, openSync } from "node:fs";
import type { Reference } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import {
  isWhole,
  type AnyStep,
  type Extension,
  type ExtensionDecls,
  type RefDecl,
  type RefDecls,
} from "../step/define.js";
import { loadStep } from "../step/registry.js";
import { haloOf, type Band } from "./bands.js";
import type { BandReport, Job } from "./job.js";
import type { PlannedInput, PlannedStep } from "./plan-types.js";
import { readExtension } from "./read-exposure.js";
import {
  openReference,
  readArrayReference,
  readReference,
  readTableReference,
  readWholeReference,
  sizeOfReference,
  type ReferenceSource,
} from "./reference-source.js";
import { axesAfter, lastReframe } from "./reframe.js";
import { closeSource, openSource, takeHashes, type Source } from "./source.js";
import { valuesOf } from "./values.js";

export interface LoadedStep {
  step: AnyStep;
  planned: PlannedStep;
  params: Record<string, unknown>;
}

export interface OpenJob {
  job: Job;
  /** By path. */
  sources: Map<string, Source>;
  references: Map<string, ReferenceSource>;
  /** References that are ASDF files, read. */
  arrays: Map<string, Reference>;
  /** Extensions of the exposures' own files, by path and name. */
  extensions: Map<string, Extension | null>;
  steps: Map<string, AnyStep>;
  /** Rows around its own that a band needs: for the product's steps, and before them the most that any exposure's need. */
  halo: number;
  /** The product that is being written, once a band has been. */
  fd: number | null;
}

export async function openJob(job: Job): Promise<OpenJob> {
  const { product } = job;
  const steps = new Map<string, AnyStep>();
  const planned = [
    ...product.inputs.flatMap(({ steps }) => steps),
    ...Object.values(product.members).flatMap((members) => members.flatMap(({ steps }) => steps)),
    ...product.steps,
  ];
  for (const item of planned)
    if (item.skip === null) steps.set(keyOf(item), await loadStep(item.name, item.module));
  const halo = haloOfJob(job, steps);
  return {
    ...{ job, sources: new Map(), references: new Map(), arrays: new Map(), extensions: new Map() },
    ...{ steps, halo, fd: null },
  };
}

export function closeJob({ sources, references, fd }: OpenJob): void {
  for (const source of sources.values()) closeSource(source);
  for (const { file } of references.values()) file.close();
  if (fd !== null) closeSync(fd);
}

/** Those of the steps that run, with their code and parameters. */
export function loaded({ steps }: Pick<OpenJob, "steps">, planned: readonly PlannedStep[]): LoadedStep[] {
  return planned
    .filter(({ skip }) => skip === null)
    .map((item) => ({ step: steps.get(keyOf(item))!, planned: item, params: valuesOf(item) }));
}

function haloOfJob({ product, steps: last }: Job, steps: OpenJob["steps"]): number {
  const { inputs, members } = product;
  const own = [...inputs, ...Object.values(members).flat()].map(({ steps: first, exposure }) =>
    haloOf(loaded({ steps }, first), exposure),
  );
  return haloOf(loaded({ steps }, last), inputs[0]!.exposure) + Math.max(...own);
}

export function sourceOf({ sources }: OpenJob, input: PlannedInput): Source {
  let source = sources.get(input.path);
  if (!source) sources.set(input.path, (source = openSource(input)));
  return source;
}

/** The file that the bands go to. */
export function sinkOf(open: OpenJob, path: string): number {
  return (open.fd ??= openSync(path, "r+"));
}

/** Hashes of what was read since the last call; none where rows are cut off: such exposures are hashed at the end. */
export function hashesOf({ sources, job }: OpenJob): BandReport["hashes"] {
  const { inputs, members } = job.product;
  const isCut = [...inputs, ...Object.values(members).flat()].some(({ steps }) => lastReframe(steps) >= 0);
  return isCut ? [] : [...sources.values()].flatMap((source) => takeHashes(source));
}

/** The frame that step `i` of an exposure gets. */
export function sizeBefore(open: OpenJob, input: PlannedInput, i: number): { nx: number; ny: number } {
  if (lastReframe(input.steps) < 0) return open.job.size;
  const [nx, ny] = axesAfter(sourceOf(open, input).axes, input.steps.slice(0, i)) as [number, number];
  return { nx, ny };
}

/** Each is read once per thread. */
export function extensionsOf(
  open: OpenJob,
  declared: ExtensionDecls,
  input: PlannedInput,
): Record<string, Extension | null> {
  const { extensions } = open;
  return Object.fromEntries(
    Object.entries(declared).map(([key, { name }]) => {
      const place = `${input.path} ${name}`;
      if (!extensions.has(place)) extensions.set(place, readExtension(sourceOf(open, input), name));
      return [key, extensions.get(place) ?? null];
    }),
  );
}

/** References cut to the rows read, by file and corner; they live as long as the band. */
export type Cut = Map<string, Reference>;

/**
 * The references of a step under the rows `read` of an exposure that has become a frame of `size`; each is read when the
 * step asks for it: what only a look at the frame needs isn't read for every band.
 */
export function referencesOf(
  open: OpenJob,
  { step, planned }: LoadedStep,
  { exposure }: PlannedInput,
  { read, size, memory, cut }: { read: Band; size: { nx: number; ny: number }; memory: Alloc; cut: Cut },
): Record<string, Reference | null> {
  const declared = step.refs as RefDecls;
  const { x, y } = exposure.subarray;
  const reference = (path: string, declared: RefDecl): Reference => {
    const { table = false, arrays = false, apart = false } = declared;
    if (table) return readTableReference(path);
    if (arrays) {
      const known = open.arrays.get(path) ?? readArrayReference(path);
      open.arrays.set(path, known);
      return known;
    }
    let source = open.references.get(path);
    if (!source) open.references.set(path, (source = openReference(path)));
    const whole = isWhole(declared, { nz: sizeOfReference(source).planes });
    const key = whole ? path : `${path}@${x},${y}${apart ? " apart" : ""}`;
    let rows = cut.get(key);
    if (rows) return rows;
    rows = whole
      ? readWholeReference(source, exposure, memory)
      : readReference(source, exposure, size, read, memory, apart);
    cut.set(key, rows);
    return rows;
  };
  const references: Record<string, Reference | null> = Object.fromEntries(
    Object.keys(declared).map((key) => [key, null]),
  );
  for (const { key, path } of planned.refs)
    Object.defineProperty(references, key, {
      enumerable: true,
      get: () => (path === null ? null : reference(path, declared[key]!)),
    });
  return references;
}

const keyOf = ({ name, module }: PlannedStep): string => `${module ?? ""}:${name}`;

/** Where `job.prepared` holds what a step has made of an exposure's whole frame. */
export const preparedKey = ({ path }: PlannedInput, step: PlannedStep): string => `${path} ${keyOf(step)}`;
