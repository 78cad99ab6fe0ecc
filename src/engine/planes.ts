/** How many planes a product has, and which beside those of its kind: as its steps say by their parameters. */
import type { ExtraPlane } from "../step/define.js";
import type { PlannedEntry } from "./chain.js";
import { valuesOf } from "./values.js";

/** Planes of the image: what the step that makes it of a ramp says. */
export const planesOf = (chain: readonly PlannedEntry[], axes: readonly number[]): number =>
  chain.reduce(
    (planes, { step, planned }) =>
      planned.skip === null ? (step.planes?.(valuesOf(planned), axes) ?? planes) : planes,
    1,
  );

/** What the last step that changes something gives beside its product; others after it would leave these planes behind. */
export function extrasOf(
  chain: readonly PlannedEntry[],
  axes: readonly number[],
  count: number,
): readonly ExtraPlane[] {
  const last = chain.findLast(
    ({ step, planned }) => planned.skip === null && !step.measures && !step.keepsPlanes,
  );
  return last?.step.extras?.(valuesOf(last.planned), axes, count) ?? [];
}
