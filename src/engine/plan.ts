/** What will be done and why, as plain data, before the first pixel. */
import { resolve } from "node:path";
import { referencePath } from "../crds/index.js";
import { loadPlugin } from "../step/plugin.js";
import { openCalibrations } from "./calibrations.js";
import type { ChainContext } from "./chain.js";
import { foresee, type Foreseen } from "./foresee.js";
import { gather, type Chosen } from "./groups.js";
import { openHashMemory } from "./hashes.js";
import type { Opened } from "./inputs.js";
import { planExposures } from "./night/index.js";
import { addRounds, partRounds } from "./night/named.js";
import { judgeInOrder } from "./judge-in-order.js";
import { makeOpenings } from "./openings.js";
import { passOver } from "./passed.js";
import { checkFolder, checkOutputs } from "./outputs.js";
import type { Plan, PlannedProduct, Problem } from "./plan-types.js";
import { isExposureError, problemOf } from "./problems.js";
import { parseReject } from "./reject.js";
import type { Request } from "./request.js";
import { planProduct } from "./plan-product.js";

/**
 * Describes each input, picks its pipeline, resolves references and parameters, names the outputs and compares with
 * what stands there. Reads headers, and pixels only of inputs whose product may be up to date and whose hash isn't known.
 *
 * `reads` are files of single reads that were described while they came.
 *
 * Throws UsageError, ConfigError and OutputError; what is wrong with one exposure becomes a problem of the plan.
 */
export async function plan(request: Request, reads?: ReadonlyMap<string, Opened>): Promise<Plan> {
  const { host, force } = request;
  const memory = openHashMemory(host);
  const calibrations = openCalibrations(host, memory, request.context);
  const modules = new Map<string, string>();
  for (const path of request.plugins) modules.set((await loadPlugin(path)).name, path);
  if (request.step?.module) modules.set(request.step.name, request.step.module);
  checkFolder(resolve(host.cwd, request.out));

  const products: PlannedProduct[] = [];
  const problems: Problem[] = [];
  const openings = makeOpenings(parseReject(request.reject ?? []), reads);
  const { open } = openings;
  const context: Omit<ChainContext, "pipeline" | "members"> = {
    layers: request.layers,
    modules,
    calibrations,
    allowMissing: new Map(
      request.allowMissing.map((type) => [type.toUpperCase(), "allowed by --allow-missing"]),
    ),
    force,
    alone: request.step !== undefined,
  };
  const { inputs, passed } = passOver({ ...request, inputs: openings.join(request.inputs) }, openings);
  const exposures = { ...request, inputs };
  const isTaken = (name: string): boolean =>
    calibrations.cache !== null && referencePath(calibrations.cache, name) !== undefined;
  const judgeNext = judgeInOrder({ memory, force, isTaken });
  const judge = (product: PlannedProduct): void => {
    const own = calibrations.contextOf(open(product.inputs[0]!.path));
    if (own !== calibrations.context) product.context = own;
    judgeNext(product);
  };
  const add = async ({ group, pipeline }: Chosen): Promise<PlannedProduct | null> => {
    try {
      const product = await planProduct(group, pipeline, request, open, context);
      products.push(product);
      return product;
    } catch (error) {
      if (!isExposureError(error)) throw error;
      problems.push(problemOf(group.inputs[0]!, error));
      return null;
    }
  };
  const foreseen = new Map<string, Foreseen>();
  // What needs a product must know its name, which for a calibration depends on the versions that there are.
  const addJudged = async (chosen: Chosen): Promise<PlannedProduct | null> => {
    const product = await add(chosen);
    if (product) judge(product);
    return product;
  };
  const foreknow = (product: PlannedProduct): void => {
    const future = foresee(product, calibrations.context, foreseen, host.now());
    foreseen.set(product.output, future);
    openings.foresee(future.opened);
    calibrations.foresee(product.output, future.facts);
  };
  const bench = { openings, context, problems, add: addJudged, foreknow };
  if (request.night) {
    passed.push(...(await planExposures(exposures, request.night, bench)));
    checkOutputs(products, new Set(foreseen.keys()));
  } else {
    const chosen = await gather(exposures, modules, openings, problems);
    const { alone, inRounds } = partRounds(chosen, request.layers, request.from);
    for (const each of alone) await add(each);
    checkOutputs(products, new Set());
    products.forEach(judge);
    await addRounds(inRounds, bench);
    checkOutputs(products, new Set(foreseen.keys()));
  }
  return {
    v: 1,
    type: "plan",
    context: calibrations.context,
    observatory: calibrations.cache?.observatory ?? null,
    cache: calibrations.cache?.path ?? null,
    command: request.command,
    products,
    problems,
    passed,
  };
}
