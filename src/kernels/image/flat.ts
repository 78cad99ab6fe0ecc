/**
 * Division by a flat field, with the three ways in use of carrying its error.
 *
 * Pixels whose flat is NaN, 0 or flagged are left uncorrected (F = 1, e_F = 0) and flagged. Work goes through
 * short float64 buffers, so that the policy on bad pixels stands once and each variant is one small loop.
 */
import { simdFor } from "../memory.js";

const CHUNK = 2048;
const F = new Float64Array(CHUNK);
/** e_F/F, the flat's relative error. */
const R = new Float64Array(CHUNK);

/** iris: e/F. liger: √(e²+(d·e_F/F)²)/F. jwst: √(e²/F² + (d/F)²·e_F²/F²), the variances kept apart. */
export type FlatVariant = "iris" | "liger" | "jwst";

export interface FlatPlanes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
  varPoisson: Float32Array | null;
  varRnoise: Float32Array | null;
}

export interface FlatPolicy {
  variant: FlatVariant;
  /** Multiply by the flat instead. */
  inverse: boolean;
  /** Bits given to pixels whose flat is NaN or 0. */
  badBits: number;
  /** Pixels whose flat carries one of these bits are not corrected. */
  resetBits: number;
}

/** Corrects the plane that starts at `at`; `flatErr` and `flatDq` are zeros where the reference has none. */
export function applyFlat(
  planes: FlatPlanes,
  at: number,
  flat: Float32Array,
  flatErr: Float32Array,
  flatDq: Uint32Array,
  policy: FlatPolicy,
): void {
  const { sci, err, dq, varPoisson, varRnoise } = planes;
  const used = [err, dq, varPoisson, varRnoise, flat, flatErr, flatDq];
  const inside = used.every((plane) => plane === null || simdFor(sci, plane) !== null);
  const simd = policy.variant === "liger" && flat.length % 2 === 0 && inside ? simdFor(sci, flat) : null;
  if (!simd) return applyFlatPlain(planes, at, flat, flatErr, flatDq, policy);
  const place = (plane: Float32Array | Uint32Array | null): number => (plane ? plane.byteOffset + 4 * at : 0);
  simd.flatLiger(
    ...[sci, err, dq, varPoisson, varRnoise].map(place),
    ...[flat, flatErr, flatDq].map((plane) => plane.byteOffset),
    flat.length,
    policy.badBits,
    policy.resetBits,
    policy.inverse ? 1 : 0,
  );
}

export function applyFlatPlain(
  planes: FlatPlanes,
  at: number,
  flat: Float32Array,
  flatErr: Float32Array,
  flatDq: Uint32Array,
  policy: FlatPolicy,
): void {
  const divideErrors =
    policy.variant === "iris" ? irisErrors : policy.variant === "liger" ? ligerErrors : jwstErrors;
  const { sci, dq, varPoisson, varRnoise } = planes;
  for (let from = 0; from < flat.length; from += CHUNK) {
    const n = Math.min(CHUNK, flat.length - from);
    resolve(dq, at + from, flat, flatErr, flatDq, from, n, policy);
    if (varPoisson) divideVariance(varPoisson, at + from, n);
    if (varRnoise) divideVariance(varRnoise, at + from, n);
    divideErrors(planes, at + from, n);
    for (let i = 0, j = at + from; i < n; i++, j++) sci[j]! /= F[i]!;
  }
}

function resolve(
  dq: Uint32Array,
  at: number,
  flat: Float32Array,
  flatErr: Float32Array,
  flatDq: Uint32Array,
  from: number,
  n: number,
  { inverse, badBits, resetBits }: FlatPolicy,
): void {
  for (let i = 0; i < n; i++) {
    const f = flat[from + i]!;
    let q = flatDq[from + i]!;
    if (f !== f || f === 0) q |= badBits;
    dq[at + i]! |= q;
    if (q & resetBits) {
      F[i] = 1;
      R[i] = 0;
    } else {
      const relative = flatErr[from + i]! / f;
      F[i] = f;
      R[i] = relative === relative ? relative : 0;
    }
  }
  if (inverse) for (let i = 0; i < n; i++) F[i] = 1 / F[i]!;
}

function irisErrors({ err }: FlatPlanes, at: number, n: number): void {
  for (let i = 0, j = at; i < n; i++, j++) err[j]! /= F[i]!;
}

function ligerErrors({ sci, err }: FlatPlanes, at: number, n: number): void {
  for (let i = 0, j = at; i < n; i++, j++) {
    const e = err[j]!;
    const s = sci[j]! * R[i]!;
    err[j] = Math.sqrt(e * e + s * s) / Math.abs(F[i]!);
  }
}

/** Where photon and read noise aren't known apart, e² stands for their sum. */
function jwstErrors(planes: FlatPlanes, at: number, n: number): void {
  const { sci, err, varPoisson, varRnoise } = planes;
  for (let i = 0, j = at; i < n; i++, j++) {
    const f = F[i]!;
    const e = err[j]! / f;
    const v = varPoisson && varRnoise ? varPoisson[j]! + varRnoise[j]! : e * e;
    const s = (sci[j]! / f) * R[i]!;
    err[j] = Math.sqrt(v + s * s);
  }
}

function divideVariance(variance: Float32Array, at: number, n: number): void {
  for (let i = 0, j = at; i < n; i++, j++) variance[j]! /= F[i]! * F[i]!;
}
