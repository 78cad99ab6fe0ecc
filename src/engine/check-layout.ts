/** Checks that parameters of an edited plan make the planes and frames that it has laid out; grids are laid anew. */
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { wrong } from "../config/parameters.js";
import type { PlannedEntry } from "./chain.js";
import { axesOf, describeInput, type Opened } from "./inputs.js";
import { extrasOf, planesOf } from "./planes.js";
import type { PlannedProduct } from "./plan-types.js";
import { isExposureError } from "./problems.js";
import { axesAfter } from "./reframe.js";
import { checkRoom, planGrid } from "./regrid.js";
import { valuesOf } from "./values.js";

/**
 * The product with its grid as its parameters want it. `own`: the steps of its first input, `chain`: those after them.
 * What is still to be made can't be looked at yet: its grid is laid when it is there, and it has no ramps.
 *
 * @throws ConfigError where names and sizes would be others
 */
export function checkLayout(
  product: PlannedProduct,
  own: readonly PlannedEntry[],
  chain: readonly PlannedEntry[],
  origin: string,
): PlannedProduct {
  const { inputs, planes = 1, extras = [] } = product;
  const opened = inputs.flatMap(({ path }) => lookAt(path) ?? []);
  if (opened.length < inputs.length) return product;
  const [input, { header, axes: given }] = [inputs[0]!, opened[0]!];
  const axes = input.layout ? axesOf(input.layout, given) : given;
  const all = [...own, ...chain];
  checkFrames({ ...input, header, axes }, all, origin);
  if (planesOf(all, axes) !== planes || !isDeepStrictEqual(extrasOf(chain, axes, inputs.length), extras))
    throw other("the steps make other planes than", origin);
  if (product.grid === undefined) return product;
  const grid = planGrid(opened, own, chain);
  if (grid === null) throw other("the step that lays the grid is left out, and", origin);
  checkRoom(grid, chain);
  return { ...product, grid };
}

/** null for what isn't there yet, and for what can't be read, which fails by itself. */
function lookAt(path: string): Opened | null {
  if (!existsSync(path)) return null;
  try {
    return describeInput(path);
  } catch (error) {
    if (isExposureError(error)) return null;
    throw error;
  }
}

function checkFrames(
  { exposure, header, axes }: Pick<Opened, "exposure" | "header" | "axes">,
  chain: readonly PlannedEntry[],
  origin: string,
): void {
  const before: PlannedEntry["planned"][] = [];
  for (const { step, planned } of chain) {
    const facts = { exposure, header, params: valuesOf(planned), refs: {}, members: {} };
    const frame =
      planned.skip === null ? step.reframe?.({ ...facts, axes: axesAfter(axes, before) }) : undefined;
    if (!isDeepStrictEqual(frame ?? undefined, planned.reframe))
      throw other(`${step.name} makes another frame than`, origin);
    before.push(planned);
  }
}

const other = (what: string, origin: string) =>
  wrong(
    origin,
    `${what} the plan is laid out for`,
    "plan anew, with the parameters: iris plan FILES -s STEP.PARAMETER=VALUE -o plan.json",
  );
