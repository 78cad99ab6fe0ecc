/** The size of a frame on its way through steps of which one may make another frame of it. */
import type { PlannedStep } from "./plan-types.js";

/** Index of the last step of these that runs and makes another frame; −1 when none does. */
export const lastReframe = (steps: readonly PlannedStep[]): number =>
  steps.findLastIndex(({ skip, reframe }) => skip === null && reframe !== undefined);

/** NAXIS after these steps. */
export function axesAfter(axes: readonly number[], steps: readonly PlannedStep[]): readonly number[] {
  const frame = steps[lastReframe(steps)]?.reframe;
  return frame ? [frame.nx, frame.ny, ...axes.slice(2)] : axes;
}
