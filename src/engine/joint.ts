/** Steps that see several exposures at once and give each back: whose rows they need to give those that are wanted. */
import type { GridInput } from "../step/regrid.js";
import type { Band } from "./bands.js";
import { sourceOf, type LoadedStep, type OpenJob } from "./open-job.js";
import type { PlannedInput } from "./plan-types.js";
import { gridInput } from "./regrid.js";

/** The exposures of a product, or the one of it and its companions. */
export const everyInput = ({ job: { product } }: OpenJob): readonly PlannedInput[] => [
  ...product.inputs,
  ...(product.members["repeat"] ?? []),
];

export const factsOfAll = (open: OpenJob): GridInput[] =>
  everyInput(open).map((input) => gridInput(sourceOf(open, input)));

/** What the last step wants, asked back through the steps before it, cut at the exposures' edges; ny 0: nothing. */
export function rowsTogether(
  chain: readonly LoadedStep[],
  inputs: readonly GridInput[],
  wanted: readonly Band[],
): Band[] {
  let rows: readonly Band[] = wanted;
  for (const { step, params } of chain.toReversed())
    if (step.joint) rows = step.joint.rows(inputs, rows, params);
  return rows.map(({ y0, ny }, k) => {
    const whole = inputs[k]!.ny;
    const first = Math.min(Math.max(0, y0), whole - 1);
    return { y0: first, ny: Math.max(0, Math.min(whole, y0 + ny) - first) };
  });
}
