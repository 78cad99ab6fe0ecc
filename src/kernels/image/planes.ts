/**
 * The arithmetic that all references share: out of one plane, in quadrature into its error, into its flags.
 *
 * `at` is where the reference's plane starts in the target, so that one reference serves every plane of a stack.
 * A NaN in a reference counts as 0: it never turns a good pixel bad.
 */

/** d ← d − k·r. */
export function subtractPlane(sci: Float32Array, at: number, ref: Float32Array, k: number): void {
  for (let i = 0; i < ref.length; i++) {
    const r = ref[i]!;
    if (r === r) sci[at + i]! -= k * r;
  }
}

/** e ← √(e² + (k·r)²). */
export function addInQuadrature(err: Float32Array, at: number, ref: Float32Array, k: number): void {
  for (let i = 0; i < ref.length; i++) {
    const r = k * ref[i]!;
    if (r === r) {
      const e = err[at + i]!;
      err[at + i] = Math.sqrt(e * e + r * r);
    }
  }
}

/** q ← q | r. */
export function orFlags(dq: Uint32Array, at: number, ref: Uint32Array): void {
  for (let i = 0; i < ref.length; i++) dq[at + i]! |= ref[i]!;
}

/** d ← d / f and, for variances, v ← v / f². */
export function dividePlane(plane: Float32Array, factor: number): void {
  for (let i = 0; i < plane.length; i++) plane[i]! /= factor;
}
