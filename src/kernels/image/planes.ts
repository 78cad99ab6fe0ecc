/**
 * The arithmetic that all references share: out of one plane, in quadrature into its error, into its flags.
 *
 * `at` is where the reference's plane starts in the target, so that one reference serves every plane of a stack.
 * A NaN in a reference counts as 0: it never turns a good pixel bad.
 */

import { simdFor } from "../memory.js";

/** d ← d − k·r. */
export function subtractPlane(sci: Float32Array, at: number, ref: Float32Array, k: number): void {
  const simd = simdFor(sci, ref);
  if (simd) simd.subtractPlane(sci.byteOffset + 4 * at, ref.byteOffset, ref.length, k);
  else subtractPlanePlain(sci, at, ref, k);
}

export function subtractPlanePlain(sci: Float32Array, at: number, ref: Float32Array, k: number): void {
  for (let i = 0; i < ref.length; i++) {
    const r = ref[i]!;
    if (r === r) sci[at + i]! -= k * r;
  }
}

/** e ← √(e² + (k·r)²). */
export function addInQuadrature(err: Float32Array, at: number, ref: Float32Array, k: number): void {
  const simd = simdFor(err, ref);
  if (simd) simd.addInQuadrature(err.byteOffset + 4 * at, ref.byteOffset, ref.length, k);
  else addInQuadraturePlain(err, at, ref, k);
}

export function addInQuadraturePlain(err: Float32Array, at: number, ref: Float32Array, k: number): void {
  for (let i = 0; i < ref.length; i++) {
    const r = ref[i]!;
    if (r !== r) continue;
    const e = err[at + i]!;
    const b = k * r;
    err[at + i] = Math.sqrt(e * e + b * b);
  }
}

/** q ← q | r. */
export function orFlags(dq: Uint32Array, at: number, ref: Uint32Array): void {
  const simd = simdFor(dq, ref);
  if (simd) simd.orFlags(dq.byteOffset + 4 * at, ref.byteOffset, ref.length);
  else orFlagsPlain(dq, at, ref);
}

export function orFlagsPlain(dq: Uint32Array, at: number, ref: Uint32Array): void {
  for (let i = 0; i < ref.length; i++) dq[at + i]! |= ref[i]!;
}

/** q ← q | bit where r is NaN. */
export function flagUnknown(dq: Uint32Array, at: number, ref: Float32Array, bit: number): void {
  for (let i = 0; i < ref.length; i++) if (ref[i] !== ref[i]) dq[at + i]! |= bit;
}

/** d ← d / f and, for variances, v ← v / f². */
export function dividePlane(plane: Float32Array, factor: number): void {
  for (let i = 0; i < plane.length; i++) plane[i]! /= factor;
}
