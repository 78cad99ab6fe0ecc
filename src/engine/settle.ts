/** What a plan couldn't know of a product before those that it needs were made. */
import { basename } from "node:path";
import { CalibrationError } from "../errors.js";
import { loadStep } from "../step/registry.js";
import { judge } from "./freshness.js";
import type { HashMemory } from "./hashes.js";
import { describeInput } from "./inputs.js";
import { settleReferences, withoutLost } from "./needs.js";
import type { PlannedProduct } from "./plan-types.js";
import { planGrid } from "./regrid.js";
import type { Needed } from "./schedule.js";
import type { RunOptions } from "./request.js";

/**
 * The product as it can be made now: without the exposures that are lost, its new references hashed, its grid laid
 * over coordinates that now stand in files. One that was planned only because others would be made before it is
 * compared again: their pixels may be the old ones.
 *
 * @throws CalibrationError when something is lost that it can't be made without.
 */
export async function settle(
  planned: PlannedProduct,
  needed: readonly Needed[],
  memory: HashMemory,
  { force }: RunOptions,
): Promise<PlannedProduct> {
  const lost = needed.filter(({ isMade }) => !isMade);
  const left = lost.length === 0 ? planned : withoutLost(planned, new Set(lost.map(({ output }) => output)));
  if (left === null) {
    const names = lost.map(({ output }) => basename(output)).join(", ");
    throw new CalibrationError(
      `cannot make ${basename(planned.output)} of ${planned.inputs[0]!.path} — it needs ${names}, which failed`,
    );
  }
  settleReferences(left, memory);
  const product = left.grid && needed.length > 0 ? { ...left, grid: await gridOf(left) } : left;
  if (planned.reasons.every((reason) => reason === "upstream")) judge(product, memory, force);
  return product;
}

/** The grid from the headers as they are now. */
async function gridOf(product: PlannedProduct): Promise<NonNullable<PlannedProduct["grid"]>> {
  const chain = await Promise.all(
    product.steps.map(async (planned) => ({ step: await loadStep(planned.name, planned.module), planned })),
  );
  return planGrid(
    product.inputs.map(({ path }) => describeInput(path)),
    // That none of the exposures' own steps forbids a grid was seen in the plan.
    [],
    chain,
  )!;
}
