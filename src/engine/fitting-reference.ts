/** Windows share a name in the rules: a reference that doesn't hold an exposure's gives way to the one before it. */
import { verifiedReference, type BestRef } from "../crds/index.js";
import { isWhole, type RefDecl } from "../step/define.js";
import type { Calibrations } from "./calibrations.js";
import type { Opened } from "./inputs.js";
import { shapeMisfit } from "./misfit.js";

export interface Fitting {
  answer: BestRef | undefined;
  /** Why those that the rules put before it don't serve. */
  misfits: string[];
}

/** The rules' answer where it serves, or where nothing does; else what they answer without those that don't. */
export function fittingAnswer(
  decl: Pick<RefDecl, "type" | "whole">,
  opened: Opened,
  answer: BestRef | undefined,
  calibrations: Calibrations,
): Fitting {
  const misfits: string[] = [];
  const passed: string[] = [];
  const { exposure, axes, instrument } = opened;
  let next = exposure.subarray.name === "FULL" ? undefined : answer;
  while (next?.kind === "file") {
    const path = verifiedReference(calibrations.cache!, instrument.observatory!, next.name);
    if (path === undefined) break;
    const facts = calibrations.facts(path);
    const misfit = isWhole(decl, facts) ? undefined : shapeMisfit(facts, exposure, axes);
    if (misfit === undefined) return { answer: next, misfits };
    misfits.push(misfit);
    passed.push(next.name);
    next = calibrations.best(opened, [decl.type], passed)[decl.type.toLowerCase()];
  }
  return { answer, misfits: [] };
}
