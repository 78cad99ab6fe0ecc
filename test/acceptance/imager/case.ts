/** One recorded case of the peers: its parameters, its files, and how close an answer must come. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keywordsOf, openFits, readImage } from "../../../src/fits/index.js";
import type { Keywords } from "../../../src/data/exposure.js";

export type Numbers = Readonly<Record<number, number>> & { readonly length: number };

export interface Tolerance {
  rtol: number;
  atol: number;
}

export interface Case {
  id: string;
  folder: string;
  variant: string;
  params: Record<string, unknown>;
  inputs: Record<string, unknown>;
  expected: Record<string, unknown>;
  tolerance: Record<string, unknown> | string;
}

export function readCase(folder: string): Case {
  const written = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as Partial<Case>;
  return {
    id: written.id ?? folder,
    folder,
    variant: written.variant ?? "",
    params: written.params ?? {},
    inputs: written.inputs ?? {},
    expected: written.expected ?? {},
    tolerance: written.tolerance ?? "exact",
  };
}

export interface Planes {
  header: Keywords;
  nx: number;
  ny: number;
  nz: number;
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/** SCI or DATA with ERR and DQ; zeros where the file has none. Primary and science header merged. */
export function readPlanes(c: Case, name: unknown): Planes {
  const file = openFits(join(c.folder, String(name)));
  const hdu = file.hdu("SCI") ?? file.hdu("DATA") ?? file.hdus.find(({ image }) => image !== null);
  if (!hdu) throw new Error(`${String(name)} has no image`);
  const { data, shape } = readImage(file, hdu);
  const [ny, nx] = [shape.at(-2) ?? 1, shape.at(-1)!];
  const plane = (extension: string): Numbers | undefined => {
    const found = file.hdu(extension);
    return found?.image ? (readImage(file, found).data as unknown as Numbers) : undefined;
  };
  const planes: Planes = {
    header: { ...keywordsOf(file.hdus[0]!.header), ...keywordsOf(hdu.header) },
    nx,
    ny,
    nz: data.length / (nx * ny),
    sci: Float32Array.from(data as unknown as ArrayLike<number>),
    err: Float32Array.from(plane("ERR") ?? new Float32Array(data.length)),
    dq: Uint32Array.from(plane("DQ") ?? new Uint32Array(data.length)),
  };
  file.close();
  return planes;
}

/** The tolerance of a quantity: numbers, "exact", or one for all. */
export function toleranceOf(c: Case, quantity: string): Tolerance {
  const given = typeof c.tolerance === "string" ? c.tolerance : c.tolerance[quantity];
  if (given !== null && typeof given === "object") return { rtol: 0, atol: 0, ...given };
  return { rtol: 0, atol: 0 };
}

/** What differs, with the worst place; undefined when |actual − expected| ≤ atol + rtol·|expected| everywhere. */
export function compare(
  quantity: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): string | undefined {
  if (actual.length !== expected.length)
    return `${quantity}: ${String(actual.length)} values, not ${String(expected.length)}`;
  let count = 0;
  let worst = 0;
  let place = 0;
  for (let i = 0; i < actual.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const excess = Math.abs(a - e) - (atol + rtol * Math.abs(e));
    if (excess <= 0) continue;
    count++;
    if (!(excess <= worst)) [worst, place] = [excess, i];
  }
  if (count === 0) return undefined;
  return `${quantity}: ${String(count)} of ${String(actual.length)} differ, worst at ${String(place)}: ${String(actual[place])}, not ${String(expected[place])}`;
}

/** Keywords that the case expects and the product doesn't have. */
export function compareHeader(c: Case, header: Keywords): string | undefined {
  const wanted = c.expected["header"];
  if (wanted === undefined) return undefined;
  for (const [keyword, value] of Object.entries(wanted as Keywords)) {
    const got = header[keyword];
    const same =
      typeof value === "number" && typeof got === "number" ? Math.abs(got - value) < 1e-8 : got === value;
    if (!same) return `${keyword} = ${String(got)}, not ${String(value)}`;
  }
  return undefined;
}

export const firstOf = (...found: (string | undefined)[]): string | undefined =>
  found.find((difference) => difference !== undefined);
