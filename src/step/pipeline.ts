/** A pipeline is a list of steps whose kinds join, with what it changes in their parameters. */
import { accepts, type Port } from "../data/kinds.js";
import type { Exposure, KeywordValue } from "../data/exposure.js";
import { ConfigError } from "../errors.js";
import type { AnyStep } from "./define.js";

export interface Entry<S extends AnyStep = AnyStep> {
  step: S;
  /** Pipeline defaults: above the step's own, below the user's. */
  params?: Record<string, unknown>;
  /** Off unless asked for with `-s STEP.skip=false`; the sentence says why. */
  off?: string;
  /** Types of references without which the step is left out, with a caveat, and the reduction goes on. */
  lacks?: readonly string[];
  /** Runs only for these exposures; evaluated in the plan. */
  when?: { says: string; test(tags: ReadonlySet<string>, exposure: Exposure): boolean };
}

/**
 * The pipeline needs what a mosaic of its own products shows: rounds are made before it, each of images and their mosaic,
 * which is a reference of the next. The plan has all of them, and a run leaves out those that a mosaic says aren't needed.
 */
export interface Rounds {
  /** Pipelines of the images of a round, and of their mosaic. */
  images: string;
  mosaic: string;
  /** Type of the reference that the mosaic is. */
  reftype: string;
  /** Keyword of the mosaic, true where another round would change nothing that matters. */
  settled: string;
  /** How often the products are made at most: a parameter of one of the steps. */
  most: { step: string; param: string };
}

export interface Pipeline {
  name: string;
  summary: string;
  input: Port;
  output: Port;
  /** Ending of the product's name: `rate`, `cal`, `dark` … */
  suffix: string;
  /** DATALVL of the product; null keeps the input's. */
  level: number | null;
  /** What the pipeline says of its product in the header: REFTYPE, IMTYPE … */
  keywords: Readonly<Record<string, KeywordValue>>;
  /** A calibration of this type: the product is named for what it is, not for its input. */
  reftype: string | undefined;
  /** Exposures without which the calibration isn't fit for use. */
  least?: number | undefined;
  /** What its exposures are (OBSTYPE): a calibration of others isn't fit for use. */
  of?: readonly string[] | undefined;
  rounds?: Rounds | undefined;
  entries: readonly Entry[];
}

type StepOf<E> = E extends { step: infer S } ? S : E;
type In<E> = StepOf<E> extends { input: infer I } ? I : never;
type Out<E> = StepOf<E> extends { output: infer O } ? O : never;
type Takes<Wanted, Given> = "exposure" extends Wanted | Given
  ? true
  : Given extends Wanted
    ? true
    : Given extends "rate"
      ? Wanted extends "image"
        ? true
        : false
      : false;

/** Each entry, or the sentence that says why it can't follow the one before it. */
export type Joined<T extends readonly unknown[]> = T extends readonly [infer A, infer B, ...infer Rest]
  ? Takes<In<B>, Out<A>> extends true
    ? readonly [A, ...Joined<readonly [B, ...Rest]>]
    : readonly [A, `cannot take a ${Out<A> & string}; it needs a ${In<B> & string}`, ...Rest]
  : T;

type StepOrEntry = AnyStep | Entry;

export const entry = (item: StepOrEntry): Entry => ("step" in item ? item : { step: item });

/** What steps take together: those that take whatever comes leave it to the next. */
export const inputOf = (steps: readonly AnyStep[]): Port =>
  (steps.find(({ input }) => input !== "exposure") ?? steps[0]!).input as Port;

/** The sentence for two steps that don't join, the same at compile time and for plug-ins at load. */
export function misfit(steps: readonly AnyStep[], start: Port = inputOf(steps)): string | undefined {
  let given = start;
  for (const { name, input, output } of steps as readonly { name: string; input: Port; output: Port }[]) {
    if (!accepts(input, given)) return `${name} cannot take a ${given}; it needs a ${input}`;
    if (output !== "exposure") given = output;
  }
  return undefined;
}

/** Makes a pipeline; steps that don't join are a compile error, and a ConfigError when they come from plug-ins. */
export function definePipeline<const T extends readonly StepOrEntry[]>(definition: {
  name: string;
  summary: string;
  suffix: string;
  level: number | null;
  keywords?: Readonly<Record<string, KeywordValue>>;
  reftype?: string;
  least?: number;
  of?: readonly string[];
  rounds?: Rounds;
  steps: T & Joined<T>;
}): Pipeline {
  const entries = (definition.steps as readonly StepOrEntry[]).map(entry);
  const steps = entries.map(({ step }) => step);
  const why = misfit(steps);
  if (why) throw new ConfigError(`pipeline ${definition.name}: ${why}`);
  return Object.freeze({
    name: definition.name,
    summary: definition.summary,
    suffix: definition.suffix,
    level: definition.level,
    keywords: definition.keywords ?? {},
    reftype: definition.reftype,
    least: definition.least,
    of: definition.of,
    rounds: definition.rounds,
    input: inputOf(steps),
    output: steps.at(-1)!.output,
    entries,
  });
}

/** Two pipelines as one: what the first gives, the second takes. A step of both is the first's. @throws ConfigError when they don't join. */
export function chain(name: string, summary: string, first: Pipeline, second: Pipeline): Pipeline {
  const known = new Set(first.entries.map(({ step }) => step.name as string));
  const entries = [...first.entries, ...second.entries.filter(({ step }) => !known.has(step.name as string))];
  const why = misfit(entries.map(({ step }) => step));
  if (why) throw new ConfigError(`pipeline ${name}: ${why}`);
  return Object.freeze({ ...second, name, summary, input: first.input, entries });
}
