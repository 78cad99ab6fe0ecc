/** Small images for tests: literal planes, cut into bands, and a seeded normal deviate. */
import type { Image } from "../../src/data/kinds.js";
import type { Planes } from "../acceptance/imager/case.js";
import { imageOf } from "../acceptance/imager/steps.js";

type Keywords = Planes["header"];

/** One row unless nx is given. Errors default to 0, flags to good. */
export function planes(
  sci: readonly number[],
  {
    err,
    dq,
    nx = sci.length,
    header = {},
  }: { err?: readonly number[]; dq?: readonly number[]; nx?: number; header?: Keywords } = {},
): Planes {
  return {
    header,
    nx,
    ny: sci.length / nx,
    nz: 1,
    sci: Float32Array.from(sci),
    err: Float32Array.from(err ?? sci.map(() => 0)),
    dq: Uint32Array.from(dq ?? sci.map(() => 0)),
  };
}

export const image = (...of: Parameters<typeof planes>): Image => imageOf(planes(...of));

/** Rows [y0, y0 + ny) of planes, as a band has them. */
export function bandOf(frame: Planes, y0: number, ny: number): Planes {
  const [from, to] = [y0 * frame.nx, (y0 + ny) * frame.nx];
  return {
    ...frame,
    ny,
    sci: frame.sci.slice(from, to),
    err: frame.err.slice(from, to),
    dq: frame.dq.slice(from, to),
  };
}

/** Uniform deviates in [0, 1), the same in every run (Park and Miller's generator). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** Normal deviates of mean 0 and variance 1 (Box and Muller). */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

export const close = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): boolean =>
  actual.length === expected.length &&
  expected.every((e, i) => {
    const a = actual[i]!;
    return (Number.isNaN(a) && Number.isNaN(e)) || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
  });
