/** Files of a folder of which nothing is to be made: nobody named them, so they are listed and left alone. */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { isIrisError } from "../errors.js";
import { sha256File } from "./hashes.js";
import { isForeign, type Opened } from "./inputs.js";
import type { Openings } from "./openings.js";
import type { Passed } from "./plan-types.js";
import { isExposureError } from "./problems.js";
import type { Request } from "./request.js";

/** Parts the inputs: those that were named, or are exposures to reduce, and the others with the reason. */
export function passOver(
  { inputs, found, pipeline, step }: Pick<Request, "inputs" | "found" | "pipeline" | "step">,
  { open }: Pick<Openings, "open">,
): { inputs: string[]; passed: Passed[] } {
  const kept: string[] = [];
  const passed: Passed[] = [];
  const names = new Set(inputs.map((path) => basename(path)));
  const originals = new Map<string, string>();
  const isChosen = pipeline !== undefined || step !== undefined;
  for (const path of inputs) {
    const why = found?.has(path)
      ? (whyPassed(path, open, names, isChosen) ?? whyCopy(path, open, originals))
      : null;
    if (why === null) kept.push(path);
    else passed.push({ input: path, why });
  }
  return { inputs: kept, passed };
}

/** null: it is to be reduced, or something is wrong with it that must be said. */
function whyPassed(
  path: string,
  open: Openings["open"],
  names: ReadonlySet<string>,
  isChosen: boolean,
): string | null {
  let opened: Opened;
  try {
    opened = open(path);
  } catch (error) {
    if (!isIrisError(error) || !isExposureError(error)) throw error;
    return isForeign(path) ? "of an instrument that iris doesn't know" : null;
  }
  const { instrument, tags, header, exposure } = opened;
  if (isChosen) return null;
  if (exposure.obstype === "REFERENCE") return "a calibration reference";
  if (exposure.obstype === "TRUTH") return "the truth of a simulation";
  const parents = Object.entries(header).filter(([keyword]) => /^PARENT\d+$/.test(keyword));
  if (
    header["IRISFP"] !== undefined &&
    parents.length > 0 &&
    parents.every(([, name]) => names.has(String(name)))
  )
    return `a product of ${String(parents[0]![1])}${parents.length > 1 ? " and others" : ""}, found here, too`;
  const hasPipeline = instrument.pipelines.some((row) => row.tags.every((tag) => tags.has(tag)));
  return hasPipeline ? null : `no pipeline takes it: ${[...tags].join(" ")}`;
}

/** The same exposure again, byte by byte: it must not count twice. `originals`: those seen so far, by what copies share. */
function whyCopy(path: string, open: Openings["open"], originals: Map<string, string>): string | null {
  let opened: Opened;
  try {
    opened = open(path);
  } catch {
    // What is wrong with it is said where it is used.
    return null;
  }
  // One of several files of an exposure says nothing of the others.
  if (opened.layout !== null && opened.layout.files.length > 1) return null;
  const { dateObs, detector } = opened.exposure;
  const key = [statSync(path).size, detector, dateObs].join(" ");
  const original = originals.get(key);
  if (original === undefined) originals.set(key, path);
  return original !== undefined && sha256File(original) === sha256File(path)
    ? `a copy of ${basename(original)}`
    : null;
}
