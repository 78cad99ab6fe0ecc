/** Family of the drizzle kernels. */
import type { Keywords } from "../../../src/data/exposure.js";
import { drizzle, type Drizzled, type DrizzleKernel } from "../../../src/kernels/image/drizzle.js";
import { pixelToSky, readWcs, skyToPixel, type Wcs } from "../../../src/wcs/index.js";
import { compare, firstOf, readPlanes, toleranceOf, type Case } from "./case.js";
import type { Check } from "./spine.js";
import { dataOf } from "./statistics.js";

type Whole = Drizzled & { context: Int32Array };

function wcsOf(header: Keywords): Wcs {
  const wcs = readWcs(header);
  if ("none" in wcs) throw new Error(wcs.none);
  return wcs;
}

function mapOf(from: Wcs, to: Wcs, nx: number, ny: number): { x: Float64Array; y: Float64Array } {
  const [x, y] = [new Float64Array(nx * ny), new Float64Array(nx * ny)];
  for (let i = 0; i < nx * ny; i++) {
    const [ra, dec] = pixelToSky(from, i % nx, Math.floor(i / nx));
    [x[i], y[i]] = skyToPixel(to, ra, dec);
  }
  return { x, y };
}

/** All exposures of a case on its output grid, their positions shifted by (dx, dy) output pixels. */
function drizzleAll(c: Case, dx: number, dy: number): Whole {
  const p = c.params as Record<string, unknown>;
  const [ny, nx] = c.inputs["output_shape"] as [number, number];
  const output = wcsOf(c.inputs["output_wcs"] as Keywords);
  const n = nx * ny;
  const out = {
    nx,
    ny,
    y0: 0,
    sci: new Float32Array(n),
    variance: new Float32Array(n),
    weight: new Float32Array(n),
    context: new Int32Array(n),
    dq: new Uint32Array(n),
  };
  (c.inputs["images"] as string[]).forEach((name, index) => {
    const image = readPlanes(c, name);
    const { x, y } = mapOf(wcsOf(image.header), output, image.nx, image.ny);
    const plane = (extension: string): Float32Array =>
      Float32Array.from(dataOf(c, name, extension) as ArrayLike<number>);
    const input = {
      ...image,
      x: x.map((value) => value + dx),
      y: y.map((value) => value + dy),
      weight: plane("WHT"),
      variance: plane("VAR"),
    };
    drizzle(out, input, {
      kernel: p["kernel"] as DrizzleKernel,
      pixfrac: Number(p["pixfrac"]),
      iscale: Number(p["iscale"]),
      scaleRatio: Number(p["pixel_scale_ratio"]),
      index,
    });
  });
  return out;
}

const drizzled: Check = (c) => {
  const first = readPlanes(c, (c.inputs["images"] as string[])[0]);
  const output = wcsOf(c.inputs["output_wcs"] as Keywords);
  const map = mapOf(wcsOf(first.header), output, first.nx, first.ny);
  const near = { rtol: 0, atol: 1e-6 };
  return firstOf(
    compare("pixel map x", map.x, dataOf(c, c.expected["pixmap0"], "X"), near),
    compare("pixel map y", map.y, dataOf(c, c.expected["pixmap0"], "Y"), near),
    compareProducts(c, drizzleAll(c, 0, 0)),
  );
};

/** Output pixels: how well positions are known. */
const ROUNDING = 1e-4;

/**
 * Our bits, but the peer's where they lie between those of drops moved by a ten-thousandth of a pixel: which pixels a
 * drop touches that ends on their border is a matter of rounding.
 */
function settled(
  out: Whole,
  around: readonly Whole[],
  plane: "context" | "dq",
  expected: ArrayLike<number>,
): number[] {
  return Array.from(out[plane], (bits, i) => {
    const peer = expected[i]!;
    const all = around.reduce((and, moved) => and & moved[plane][i]!, bits);
    const any = around.reduce((or, moved) => or | moved[plane][i]!, bits);
    return (peer & ~any) === 0 && (all & ~peer) === 0 ? peer : bits;
  });
}

function compareProducts(c: Case, out: Whole): string | undefined {
  const border = Number((c.tolerance as Record<string, unknown>)["ignore_output_border_px"]);
  const weight = dataOf(c, c.expected["result"], "WHT");
  const inner = (i: number): boolean => {
    const [x, y] = [i % out.nx, Math.floor(i / out.nx)];
    return x >= border && y >= border && x < out.nx - border && y < out.ny - border;
  };
  const kept = (values: ArrayLike<number>, least = -Infinity): number[] =>
    Array.from(values).filter((_, i) => inner(i) && weight[i]! > least);
  const expected = (name: string) => dataOf(c, c.expected["result"], name);
  const around = [-1, 1].flatMap((dx) => [-1, 1].map((dy) => drizzleAll(c, dx * ROUNDING, dy * ROUNDING)));
  const exact = { rtol: 0, atol: 0 };
  // With a weight that rounding made there is no value to compare.
  return firstOf(
    compare("WHT", kept(out.weight), kept(weight), toleranceOf(c, "wht")),
    compare("SCI", kept(out.sci, 1e-5), kept(expected("SCI"), 1e-5), toleranceOf(c, "sci")),
    compare("VAR", kept(out.variance, 1e-5), kept(expected("VAR"), 1e-5), toleranceOf(c, "var")),
    compare(
      "CTX",
      kept(settled(out, around, "context", expected("CTX")), 1e-5),
      kept(expected("CTX"), 1e-5),
      exact,
    ),
    compare("DQ", kept(settled(out, around, "dq", expected("DQ"))), kept(expected("DQ")), exact),
  );
}

export const resamplingFamilies: Readonly<Record<string, Check>> = { drizzle: drizzled };
