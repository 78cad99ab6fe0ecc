/** Why a reference can't serve an exposure: another type, another kind of file, pixels of another shape, or the step's own reason. */
import type { Exposure } from "../data/exposure.js";
import { CalibrationError } from "../errors.js";
import { instruments } from "../instruments/index.js";
import { isWhole, type RefDecl, type RefFacts } from "../step/define.js";
import type { Opened } from "./inputs.js";
import { isAsdf, rectangleIn } from "./reference-source.js";

/** The reason in words, or undefined where nothing speaks against it. */
export function misfitOf(
  decl: RefDecl,
  facts: RefFacts,
  { exposure, axes }: Opened,
  params: Readonly<Record<string, unknown>>,
): string | undefined {
  const { table = false, arrays = false, apart = false, stack = apart } = decl;
  const [held, wanted] = [holding(facts), arrays ? "arrays in ASDF" : table ? "a table" : "images"];
  if (held !== wanted) return `it holds ${held}, ${wanted} ${wanted === "a table" ? "is" : "are"} wanted`;
  const another = typeMisfit(decl, facts);
  if (another !== undefined || isWhole(decl, facts)) return another;
  if (facts.nz > 1 && !stack) return `it has ${facts.nz} planes, one is wanted`;
  return shapeMisfit(facts, exposure, axes) ?? decl.misfit?.(facts, { exposure, axes, params });
}

const holding = ({ name, nx }: RefFacts): string =>
  isAsdf(name) ? "arrays in ASDF" : nx === 0 ? "a table" : "images";

/** A file says by REFTYPE what it is, under our name or an observatory's; one that doesn't is believed. */
function typeMisfit({ type, kin = [] }: RefDecl, { header }: RefFacts): string | undefined {
  const said = header["REFTYPE"];
  if (typeof said !== "string" || said.trim() === "") return undefined;
  const names = [type, ...kin, ...instruments.flatMap(({ reftypes }) => reftypes?.[type] ?? [])];
  return names.includes(said.trim().toUpperCase()) ? undefined : `its REFTYPE is ${said.trim()}, not ${type}`;
}

/** Why a reference can't serve this exposure's pixels, or undefined. */
export function shapeMisfit(ref: RefFacts, exposure: Exposure, axes: readonly number[]): string | undefined {
  try {
    rectangleIn(exposure, { nx: axes[0]!, ny: axes[1]! }, ref);
    return undefined;
  } catch (error) {
    if (error instanceof CalibrationError) return error.message;
    throw error;
  }
}
