/**
 * A reduction step is plain data: what it takes and gives, which references and parameters it has, and `run`.
 *
 * `run` gets arrays, parameters and references and returns arrays and an outcome. It never touches a file, the
 * clock or the log, and can't tell a band of rows from a whole frame.
 */
import * as v from "valibot";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Image, Port, Ports, Reference } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";
import type { Outcome } from "./outcome.js";
import type { Joint } from "./joint.js";
import type { Reframe, ReframeRows } from "./reframe.js";
import type { GridInput, Onto, Regrid } from "./regrid.js";

/**
 * What a step needs to see at once: a pixel through all its planes, a whole row, the whole frame, the same rows of every
 * exposure of a group that becomes one product, or of every exposure what lies on the same sky (`joint`: each is given
 * back). All but `frame` stream through bands.
 */
export type Locality = "pixel" | "row" | "frame" | "group" | "joint";

export interface RefDecl {
  /** CRDS reference type, upper case. */
  type: string;
  doc: string;
  /** Other types of which a file that the user names serves, too. */
  kin?: readonly string[];
  /** The step runs without it, and sees null. */
  optional?: boolean;
  /** A ramp, whose planes `readPlane` gives one by one: they aren't held all at once. Without `err`. */
  apart?: boolean;
  /** Planes that belong together, such as the powers of a polynomial; a map of the detector has one otherwise. */
  stack?: boolean;
  /** Why it can't serve this exposure though it covers its pixels. */
  misfit?: (reference: RefFacts, served: Served) => string | undefined;
  /** Only what the user names: calibration rules have none. */
  byName?: boolean;
  /** Not a map of the detector, such as a kernel: it is neither compared with the frame nor cut. May depend on its planes. */
  whole?: boolean | ((facts: Pick<RefFacts, "nz">) => boolean);
  /** A table, in FITS or as text: `Reference.table` has its columns. Goes with `whole`. */
  table?: boolean;
  /** Arrays of numbers in an ASDF file: `Reference.arrays` has them. Goes with `whole`. */
  arrays?: boolean;
  /** Asked for with these parameters only; the step sees null otherwise. */
  when?: (params: Readonly<Record<string, unknown>>) => boolean;
}

export const isWhole = ({ whole = false }: Pick<RefDecl, "whole">, facts: Pick<RefFacts, "nz">): boolean =>
  typeof whole === "function" ? whole(facts) : whole;

export type RefDecls = Readonly<Record<string, RefDecl>>;

/** Other exposures that the step uses, by their role in an association; reduced up to this step like the science. */
export type MemberDecls = Readonly<Record<string, MemberDecl>>;

export interface MemberDecl {
  doc: string;
  /** The step runs without any, and sees an empty list. */
  optional?: boolean;
  /** Parameter that says how many it gets at most, those nearest in time. */
  nearest?: string;
  /** It gets none where there are exposures of this role. */
  unless?: string;
}

/** Other planes of the exposure's own file, by the name of their extension. */
export type ExtensionDecls = Readonly<Record<string, { name: string; doc: string }>>;

/** An extension as it stands in the file, whole; never written to. */
export interface Extension {
  nx: number;
  ny: number;
  data: ArrayLike<number>;
}

export type ParamSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** What is known of a reference before its pixels are read. */
export interface RefFacts {
  name: string;
  nx: number;
  ny: number;
  nz: number;
  header: Keywords;
}

/** What is known of an exposure before its pixels are read: all that `skip` may decide on. */
export interface Facts<R extends RefDecls = RefDecls, P extends ParamSchema = ParamSchema> {
  exposure: Exposure;
  header: Keywords;
  /** NAXIS of the science data. */
  axes: readonly number[];
  params: v.InferOutput<P>;
  refs: { readonly [K in keyof R]: RefFacts | null };
  members: Readonly<Record<string, number>>;
}

/** What a reference is to serve. */
export type Served = Pick<Facts, "exposure" | "axes" | "params">;

export interface Surroundings<
  R extends RefDecls,
  P extends ParamSchema,
  M extends MemberDecls = MemberDecls,
> {
  params: v.InferOutput<P>;
  refs: { readonly [K in keyof R]: R[K]["optional"] extends true ? Reference | null : Reference };
  members: { readonly [K in keyof M]: readonly Image[] };
  exposure: Exposure;
  header: Keywords;
  /** For a step with `regrid`: the product's grid, and the rows of it that are wanted. */
  onto?: Onto | undefined;
  /** For a step with `reframe`: the frame that it makes, and the rows of it that are wanted. */
  into?: ReframeRows | undefined;
  /** For a joint step: what is known of each exposure, in the order of the images. */
  inputs?: readonly GridInput[] | undefined;
  /** What the step's `extensions` name; null for those that the exposure's file doesn't have. */
  extensions?: Readonly<Record<string, Extension | null>> | undefined;
  /** Scratch and new planes in the kernels' memory; they live as long as the band. */
  alloc: Alloc;
}

/** What a step runs with; `prepared` is what its `prepare` made of the whole frame. */
export type Context<
  R extends RefDecls,
  P extends ParamSchema,
  M extends MemberDecls = MemberDecls,
  Q = unknown,
> = Surroundings<R, P, M> & (Q extends undefined ? { prepared?: undefined } : { prepared: Q });

/** An image of the product's frame, or a stack of such, that a step gives beside its product when asked to. */
export interface ExtraPlane {
  /** EXTNAME. */
  name: string;
  /** Numbers of planes: NAXIS3, NAXIS4. */
  axes: number[];
  type: "f32" | "u32";
  /** BUNIT, and what is said beside it. */
  unit: string;
  comment: string;
}

/** Rows of a frame, from y0 on. */
export interface RowRange {
  y0: number;
  ny: number;
}

/** What a look at the frame may depend on. */
export interface PrepareFacts<P extends ParamSchema> {
  /** The whole frame. */
  size: { nx: number; ny: number };
  params: v.InferOutput<P>;
  header: Keywords;
  exposure: Exposure;
  /** For a group or joint step, which looks at every exposure: all of them, and which of them this is. */
  inputs?: readonly GridInput[] | undefined;
  index?: number | undefined;
}

/** What `make` made of the look before this one; null at the first. Its type can't be told before `make`'s own. */
interface Earlier {
  before: unknown;
}

/**
 * What a step has to know of the whole frame before it sees any band. It is made once per exposure, from rows that
 * the steps before have been through; plain data, so that it reaches every thread. A group or joint step looks at each
 * exposure as it was before any joint step, and makes one thing of all.
 */
export interface Prepare<I extends Port, R extends RefDecls, P extends ParamSchema, T, Q> {
  rows(facts: PrepareFacts<P>): readonly RowRange[];
  /** Whether the frame must be gone through once more, with what is known so far. */
  again?(made: unknown): boolean;
  /** What matters of some of these rows; the rows themselves are forgotten afterwards. */
  take(piece: Ports[I], context: Omit<Surroundings<R, P>, "members"> & PrepareFacts<P> & Earlier): T;
  make(taken: readonly T[], facts: PrepareFacts<P> & Earlier): Q;
}

type Input<L extends Locality, I extends Port> = L extends "group" | "joint" ? readonly Ports[I][] : Ports[I];
type Output<L extends Locality, O extends Port> = L extends "joint" ? readonly Ports[O][] : Ports[O];

export interface Step<
  L extends Locality = Locality,
  I extends Port = Port,
  O extends Port = Port,
  R extends RefDecls = RefDecls,
  P extends ParamSchema = ParamSchema,
  M extends MemberDecls = MemberDecls,
  T = unknown,
  Q = unknown,
> {
  name: string;
  summary: string;
  input: I;
  output: O;
  locality: L;
  refs: R;
  params: P;
  members: M;
  /** Status keyword, S_…, that says COMPLETE or SKIPPED in the product. */
  status: string;
  /** Raised when the numbers that the step gives change: products made by an older one are stale. */
  version: number;
  /** One or two lines of mathematics for `iris step describe`. */
  equation: string;
  /** Endings of the files that `run` gives beside the product. Only of a step that sees the whole frame. */
  beside?: readonly string[];
  /** It gives its input back as it was, and only says what it saw: a product is the same without it. */
  measures?: true;
  /** It leaves the planes alone: what an earlier step gives beside them stays. */
  keepsPlanes?: true;
  /** The product is the same thing on another scale: a pipeline that is cut short before it ends alike. */
  rescales?: true;
  /** Its product is something else than its input with its noise: variances of photon and read noise end with it. */
  endsVariances?: true;
  /** DQ bits that the step may set. */
  flags: readonly string[];
  /** Rows of context that a band needs above and below the rows that it gives. */
  halo?: (params: v.InferOutput<P>, exposure: Exposure) => number;
  /**
   * Whether the reads of an unflagged 16-bit ramp, where this is the first step, are taken one by one with
   * `RawSamples.readPlane`: a band then doesn't hold them all.
   */
  readByRead?: (params: v.InferOutput<P>, exposure: Exposure) => boolean;
  /** Why this exposure goes through unchanged, decided before the run; undefined to run. */
  skip?: (facts: Facts<R, P>) => string | undefined;
  /** Planes of the image that is made of a ramp with these NAXIS; 1 unless it says otherwise. */
  planes?: (params: v.InferOutput<P>, axes: readonly number[]) => number;
  /**
   * What an image made of so many exposures with these NAXIS has beside its planes, in `extras`, where only steps that
   * measure, or leave the planes alone, come after this one.
   */
  extras?: (params: v.InferOutput<P>, axes: readonly number[], count: number) => readonly ExtraPlane[];
  prepare?: Prepare<I, R, P, T, Q>;
  extensions?: ExtensionDecls;
  /** For a pixel or row step whose product is another frame, pieced together of its input; null: the same. */
  reframe?: (facts: Facts<R, P>) => Reframe | null;
  /** For a group step: in what its exposures may differ, though they are combined. */
  mixes?: readonly "EXPTIME"[];
  /** For a group step whose product isn't a frame like its inputs. */
  regrid?: Regrid<v.InferOutput<P>>;
  /** For a joint step. */
  joint?: Joint<v.InferOutput<P>>;
  run(input: Input<L, I>, context: Context<R, P, M, Q>): Outcome<Output<L, O>>;
}

type Optional = "refs" | "params" | "members" | "version" | "equation" | "flags";

/** Freezes a step's declaration, with nothing declared where nothing is said. */
export function defineStep<
  L extends Locality,
  I extends Port,
  O extends Port,
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  R extends RefDecls = {},
  P extends ParamSchema = ParamSchema,
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  M extends MemberDecls = {},
  T = undefined,
  Q = undefined,
>(
  step: Omit<Step<L, I, O, R, P, M, T, Q>, Optional> & Partial<Pick<Step<L, I, O, R, P, M, T, Q>, Optional>>,
): Step<L, I, O, R, P, M, T, Q> {
  return Object.freeze({
    refs: {} as R,
    params: v.object({}) as unknown as P,
    members: {} as M,
    version: 1,
    equation: "",
    flags: [],
    ...step,
  });
}

/** A step whose declaration is known but not its types: what the registry, the planner and the engine handle. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyStep = Step<any, any, any, any, any, any, any, any>;
