/** One recorded case: parameters and keywords from case.json, arrays from in.fits and expected.fits. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openFits, readImage, type TypedArray } from "../../../src/fits/index.js";
import { readPeerPulls, type Pulls } from "./pulls.js";

export interface Plane {
  shape: number[];
  data: TypedArray;
}

type Tolerance = "exact" | { rtol: number; atol: number };

export interface Case {
  id: string;
  params: Record<string, unknown>;
  keywords: Record<string, number>;
  tolerance: Record<string, Tolerance>;
  inputs: Record<string, Plane>;
  expected: Record<string, Plane>;
  /** Pulls of the peer's algorithms against the truth; null where they weren't recorded. */
  peers: Readonly<Record<string, Pulls>> | null;
}

export function readCase(folder: string): Case {
  const json = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as Omit<
    Case,
    "inputs" | "expected" | "peers"
  >;
  return {
    ...json,
    id: `${basename(join(folder, ".."))}/${basename(folder)}`,
    inputs: readPlanes(join(folder, "in.fits")),
    expected: readPlanes(join(folder, "expected.fits")),
    peers: readPeerPulls(join(folder, ".."), basename(folder)),
  };
}

function readPlanes(path: string): Record<string, Plane> {
  if (!existsSync(path)) return {};
  const file = openFits(path);
  try {
    return Object.fromEntries(
      file.hdus.filter(({ image }) => image).map((hdu) => [hdu.name, readImage(file, hdu)]),
    );
  } finally {
    file.close();
  }
}

/** Names every difference beyond |got − expected| ≤ atol + rtol·|expected|; NaN must meet NaN. */
export function compare(
  name: string,
  got: ArrayLike<number>,
  expected: Plane,
  tolerance: Tolerance | undefined,
  skip: (i: number) => boolean = () => false,
): string[] {
  if (!tolerance) return [`${name}: the case gives no tolerance`];
  if (got.length !== expected.data.length)
    return [`${name}: ${got.length} values, expected ${expected.data.length}`];
  let wrong = 0;
  let first = "";
  for (let i = 0; i < got.length; i++) {
    const [a, b] = [got[i]!, Number(expected.data[i]!)];
    const limit = tolerance === "exact" ? 0 : tolerance.atol + tolerance.rtol * Math.abs(b);
    if (skip(i) || a === b || Math.abs(a - b) <= limit || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (wrong++ === 0) first = `[${i}] is ${a}, expected ${b}`;
  }
  return wrong === 0 ? [] : [`${name}: ${wrong} of ${got.length} differ, the first ${first}`];
}

/** Compares every expected array; one that nothing was made for is a difference too. */
export function compareAll({ expected, tolerance }: Case, got: Record<string, ArrayLike<number>>): string[] {
  return Object.entries(expected).flatMap(([name, plane]) =>
    got[name] ? compare(name, got[name], plane, tolerance[name]) : [`${name}: nothing to compare it with`],
  );
}
