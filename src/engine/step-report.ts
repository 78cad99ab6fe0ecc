/** What a step said of its part of a product, or why it failed. */
import type { KeywordValue } from "../data/exposure.js";
import { StepError, isIrisError } from "../errors.js";
import type { AnyStep } from "../step/define.js";
import type { Beside, Caveat, Outcome } from "../step/outcome.js";

export interface StepReport {
  name: string;
  status: "complete" | "skipped" | "partial";
  reason: string | null;
  caveats: Caveat[];
  keywords: Record<string, KeywordValue>;
  beside: readonly Beside[];
  /** Lines for HISTORY. */
  history: readonly string[];
  /** What their own steps said of the members that it used, by path. */
  members?: Readonly<Record<string, readonly string[]>>;
}

/** A step's own words on failure, or the step's name before somebody else's. */
export function guarded<T>(step: AnyStep, path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (isIrisError(cause)) throw cause;
    throw new StepError(`${step.name} failed on ${path} — ${(cause as Error).message}`, {
      cause,
      hint: `iris step describe ${step.name}`,
    });
  }
}

export const reportOf = (name: string, outcome: Outcome<unknown>): StepReport => ({
  name,
  status: outcome.status,
  reason: outcome.status === "skipped" ? outcome.reason : null,
  caveats: outcome.status === "partial" ? outcome.caveats : [],
  keywords: outcome.keywords,
  beside: outcome.beside ?? [],
  history: outcome.history ?? [],
});

/** One report per step: of several inputs or bands the worst status, every caveat once, the first keywords. */
export function merged(reports: readonly StepReport[]): StepReport[] {
  const byName = new Map<string, StepReport>();
  const rank = { complete: 0, partial: 1, skipped: 2 };
  for (const report of reports) {
    const had = byName.get(report.name);
    if (!had) {
      byName.set(report.name, { ...report, caveats: [...report.caveats] });
      continue;
    }
    if (rank[report.status] > rank[had.status]) [had.status, had.reason] = [report.status, report.reason];
    for (const caveat of report.caveats)
      if (!had.caveats.some(({ code, message }) => code === caveat.code && message === caveat.message))
        had.caveats.push(caveat);
  }
  return [...byName.values()];
}
