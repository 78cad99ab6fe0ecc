/** Runs a step with a grid of its own, in bands of the product, with of each exposure only the rows that it asks for. */
import * as v from "valibot";
import type { Image } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import type { AnyStep } from "../../src/step/define.js";
import type { Outcome } from "../../src/step/outcome.js";
import type { GridRef, OutputGrid } from "../../src/step/regrid.js";
import type { Planes } from "../acceptance/imager/case.js";
import { imageOf } from "../acceptance/imager/steps.js";
import { bandOf } from "./images.js";

export interface Regridded {
  grid: OutputGrid;
  image: Image & { weight: Float32Array };
  outcome: Outcome<Image>;
}

export function regrid(
  step: AnyStep,
  frames: readonly Planes[],
  given: Record<string, unknown> = {},
  height = Infinity,
  unit = "electron/s",
  refs: Readonly<Record<string, GridRef | null>> = {},
): Regridded {
  const params: unknown = v.parse(step.params as v.GenericSchema, given);
  const inputs = frames.map((frame, k) => {
    const { header, nx, ny } = frame;
    return { name: `f${k}.fits`, exposure: imageOf(frame).exposure, header, nx, ny };
  });
  const grid = step.regrid!.plan(inputs, params, refs);
  const pixels = grid.nx * grid.ny;
  const image = {
    ...imageOf(frames[0]!, unit),
    nx: grid.nx,
    ny: grid.ny,
    sci: new Float32Array(pixels),
    err: new Float32Array(pixels),
    dq: new Uint32Array(pixels),
    weight: new Float32Array(pixels),
  };
  const extras: Record<string, Uint32Array> = {};
  let outcome!: Outcome<Image>;
  for (let y0 = 0; y0 < grid.ny; y0 += height) {
    const onto = { grid, inputs, y0, ny: Math.min(height, grid.ny - y0) };
    const images = frames.map((frame, k) => {
      const rows = step.regrid!.rows(onto, k, params);
      const first = Math.min(Math.max(0, rows.y0), frame.ny - 1);
      const last = Math.min(frame.ny, Math.max(first + 1, rows.y0 + rows.ny));
      return { ...imageOf(bandOf(frame, first, last - first), unit), y0: first };
    });
    outcome = step.run(images, {
      params,
      prepared: undefined,
      refs: {},
      members: {},
      exposure: images[0]!.exposure,
      header: frames[0]!.header,
      onto,
      alloc: heap,
    }) as Outcome<Image>;
    const { product } = outcome;
    image.sci.set(product.sci, y0 * grid.nx);
    image.err.set(product.err, y0 * grid.nx);
    image.dq.set(product.dq, y0 * grid.nx);
    if (product.weight) image.weight.set(product.weight, y0 * grid.nx);
    for (const [name, rows] of Object.entries(product.extras ?? {})) {
      const planes = rows.length / (grid.nx * product.ny);
      const whole = (extras[name] ??= new Uint32Array(pixels * planes));
      for (let p = 0; p < planes; p++)
        whole.set(
          rows.subarray(p * grid.nx * product.ny, (p + 1) * grid.nx * product.ny),
          p * pixels + y0 * grid.nx,
        );
    }
  }
  return { grid, image: { ...image, extras }, outcome };
}
