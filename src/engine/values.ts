/** The plain parameter values of a planned step. */
import type { PlannedStep } from "./plan-types.js";

export const valuesOf = (step: PlannedStep): Record<string, unknown> =>
  Object.fromEntries(Object.entries(step.params).map(([name, { value }]) => [name, value]));
