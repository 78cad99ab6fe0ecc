/**
 * Product kinds: the ports through which steps join.
 *
 * Every product is a set of planes in row-major order, x fastest. The same types hold a whole frame or a band
 * of its rows; `y0` is the first row's place in the frame, and nothing else tells the two apart.
 */
import type { Arrays } from "./asdf.js";
import type { Columns } from "./columns.js";
import type { Exposure } from "./exposure.js";

interface Rows {
  /** Columns. */
  nx: number;
  /** Rows held here. */
  ny: number;
  /** Row of the frame that is row 0 here. */
  y0: number;
  exposure: Exposure;
}

/** One calibrated or count-rate exposure. Planes are [nz][ny][nx]; nz is 1 but for stacks of equal planes. */
export interface Image extends Rows {
  nz: number;
  sci: Float32Array;
  /** 1σ, same unit as sci. */
  err: Float32Array;
  dq: Uint32Array;
  /** Variances of photon and read noise where they are known apart, unit of sci squared. */
  varPoisson: Float32Array | null;
  varRnoise: Float32Array | null;
  /** What each pixel is made of, on a grid of its own: weight, or number of exposures. */
  weight?: Float32Array;
  /** What a step was asked to give beside these planes: by name, [planes][ny][nx]. */
  extras?: Readonly<Record<string, Float32Array | Uint32Array>>;
  /** BUNIT of sci: "DN", "DN/s", "electron/s" … */
  unit: string;
}

/** Samples as they stand in the file, big-endian, not yet decoded. */
export interface RawSamples {
  /** [nints][ngroups][ny][nx]; may be read when they are first asked for. */
  readonly bytes: Uint8Array;
  /** Reads one plane [ny][nx] of `bytes` that are still in the file: for who needs each sample just once. */
  readPlane?: (plane: number, into: Uint8Array) => void;
  bitpix: 8 | 16 | 32 | -32 | -64;
  bscale: number;
  bzero: number;
  blank: number | null;
  /** [nints][ngroups]: 1 where a ramp has no such read. What stands there in `bytes` means nothing, its samples are NaN. */
  absent?: Uint8Array;
}

/** Samples of one group, whole rows of it. */
export interface Piece {
  integration: number;
  group: number;
  /** Pixel of the plane [ny][nx] that the piece begins with, and its place in [nints][ngroups][ny][nx]. */
  from: number;
  at: number;
}

/** A change of the samples of a pixel, in place, that no other pixel matters to. */
export type Correction = (samples: Float32Array, piece: Piece) => void;

/** Up-the-ramp reads. Use `samples(ramp)` and `groupFlags(ramp)`: both planes are made when first asked for. */
export interface Ramp extends Rows {
  nints: number;
  ngroups: number;
  raw: RawSamples | null;
  /** [nints][ngroups][ny][nx] in DN; null until decoded. */
  sci: Float32Array | null;
  /** Corrections that `samples` is to make, in turn, and of what: `raw` and `sci` are null until then. */
  waiting?: {
    raw: RawSamples | null;
    sci: Float32Array | null;
    corrections: readonly Correction[];
  } | null;
  /** Rows held here that the step at hand or a later one needs; the others needn't be right. All, unless it is said. */
  needed?: { from: number; to: number };
  /** [nints][ngroups][ny][nx], the low 8 DQ bits; null while every read is good. */
  groupdq: Uint8Array | null;
  /** [ny][nx]. */
  pixeldq: Uint32Array;
  /** Step of the digitised samples in DN where `raw` doesn't say it: decoded ones, or QUANTUM of the file. */
  quantum?: number;
  /** [nints][ny][nx]: the very first read of groups that average several, where the file has it; 0 = none. */
  zeroframe?: Float32Array;
  /** [nints][ny][nx]: Σ w_k s_k of a linear sampling, where the reads were summed as they came and aren't here. */
  sampled?: Float64Array;
}

/** A calibration plane set, cut to the rows (and subarray) of the exposure it serves. Never written to. */
export interface Reference {
  /** File name, as it stands in the product's header. */
  name: string;
  nx: number;
  ny: number;
  y0: number;
  /** Planes of sci: groups of a dark ramp, orders of a polynomial, else 1. */
  nz: number;
  /** [nz][ny][nx]; empty for a mask, and where `readPlane` is given. */
  sci: Float32Array;
  /** Reads a piece of a plane of sci, whole rows from pixel `from` on: of a reference whose planes come one by one. */
  readPlane?: (plane: number, from: number, into: Float32Array) => void;
  err: Float32Array | null;
  /** [ny][nx], bits already translated to our names through the file's DQ_DEF. */
  dq: Uint32Array | null;
  header: Readonly<Record<string, string | number | boolean>>;
  /** Columns of a table; it has no planes then. */
  table?: Columns;
  /** Arrays of an ASDF file; it has no planes then. */
  arrays?: Arrays;
}

export interface Products {
  ramp: Ramp;
  rate: Image;
  image: Image;
}

export type Kind = keyof Products;

/** What steps take and give: a product, or with `exposure` whichever comes, which they give back as the same. */
export interface Ports extends Products {
  exposure: Ramp | Image;
}

export type Port = keyof Ports;

/** A count rate is an image; everything else only joins its like. What `exposure` gives isn't known before the plan. */
export const accepts = (wanted: Port, given: Port): boolean =>
  wanted === given ||
  wanted === "exposure" ||
  given === "exposure" ||
  (wanted === "image" && given === "rate");

/** What a step with this output makes of a product. */
export const kindAfter = (output: Port, given: Kind): Kind => (output === "exposure" ? given : output);
