/** Whether a new calibration is fit for the cache, from what its steps and the plan say of it. */
import type { Caveat } from "../step/outcome.js";
import { FOUND, UNFIT } from "../step/verdict.js";
import type { PlannedProduct } from "./plan-types.js";
import type { StepReport } from "./step-report.js";

export interface Verdict {
  fit: boolean;
  why: string;
  /** REFTYPE. */
  type: string;
  /** Does the context have rules for this type, so that a cache can take it? */
  cacheable: boolean;
}

/** null for a product that isn't a calibration. One that no step has checked isn't fit. */
export function verdictOf(
  { keywords, uncached }: PlannedProduct,
  reports: readonly StepReport[],
  caveats: readonly Caveat[],
): Verdict | null {
  if (keywords["REFTYPE"] === undefined) return null;
  const about = { type: String(keywords["REFTYPE"]), cacheable: !uncached };
  const against = caveats.filter(({ code }) => code === UNFIT).map(({ message }) => message);
  if (against.length > 0) return { ...about, fit: false, why: against.join("; ") };
  const found = reports.flatMap(({ keywords: said }) =>
    said[FOUND] === undefined ? [] : [String(said[FOUND])],
  );
  return found.length > 0
    ? { ...about, fit: true, why: found.join("; ") }
    : { ...about, fit: false, why: "no step has checked it" };
}
