/** What a plan couldn't know of a product before those that it needs were made. */
import { basename } from "node:path";
import { CalibrationError } from "../errors.js";
import { loadStep } from "../step/registry.js";
import { judge } from "./freshness.js";
import type { HashMemory } from "./hashes.js";
import { describeInput } from "./inputs.js";
import { settleReferences, withoutLost } from "./needs.js";
import { checkSpace } from "./outputs.js";
import type { PlannedProduct } from "./plan-types.js";
import { planGrid } from "./regrid.js";
import type { Needed } from "./schedule.js";
import type { RunOptions } from "./request.js";
import { spareOf, withStandIns, type StandIns } from "./unless.js";

/**
 * The product as it can be made now: without the exposures that are lost, its new references hashed, its grid laid
 * over coordinates that now stand in files. One that was planned only because others would be made before it is
 * compared again: their pixels may be the old ones. A round that isn't needed is given back as `spared`.
 *
 * @throws CalibrationError when something is lost that it can't be made without.
 */
export async function settle(
  planned: PlannedProduct,
  needed: readonly Needed[],
  memory: HashMemory,
  { force }: RunOptions,
): Promise<PlannedProduct> {
  const standIns: StandIns = new Map();
  for (const { output, instead } of needed) if (instead !== undefined) standIns.set(output, instead);
  const lost = needed.filter(({ isMade }) => !isMade);
  const isDecided = !lost.some(({ output }) => output === planned.unless?.file);
  const spared = isDecided ? spareOf(planned, standIns) : null;
  if (spared !== null) return { ...planned, spared };
  const present = withStandIns(planned, standIns);
  const left = lost.length === 0 ? present : withoutLost(present, new Set(lost.map(({ output }) => output)));
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
  const grid = planGrid(
    product.inputs.map(({ path }) => describeInput(path)),
    // That none of the exposures' own steps forbids a grid was seen in the plan.
    [],
    chain,
  )!;
  checkSpace(grid, product.output);
  return grid;
}
