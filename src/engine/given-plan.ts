/** A plan that was read from a file, edited or not, made ready to run: moved where it is wanted, and judged anew. */
import { basename, dirname, join } from "node:path";
import type { Host } from "../host.js";
import { findCache, referencePath } from "../crds/index.js";
import { openHashMemory } from "./hashes.js";
import { judgeInOrder } from "./judge-in-order.js";
import { bundledCache } from "../package.js";
import { forgetHashes } from "./needs.js";
import { quicklookPath } from "./naming.js";
import { checkFolder, checkOutputs } from "./outputs.js";
import type { Plan, PlannedInput, PlannedProduct, PlannedStep } from "./plan-types.js";

/**
 * The plan with its products in `out` where that is said. Steps, parameters and references are as they stand in it:
 * what was edited is seen by comparison with the products that exist.
 *
 * @throws OutputError, UsageError
 */
export function readyPlan(plan: Plan, host: Host, { out, force }: { out?: string; force: boolean }): Plan {
  const planned = out === undefined ? plan.products : renamed(plan.products, placesIn(plan.products, out));
  if (out !== undefined) checkFolder(out);
  checkOutputs(planned, new Set(planned.map(({ output }) => output)));
  const wasForced = planned.some(({ reasons }) => reasons.includes("forced"));
  const cache = plan.cache === null ? null : findCache(host, bundledCache);
  const judge = judgeInOrder({
    memory: openHashMemory(host),
    force: force || wasForced,
    isTaken: (name) => cache !== null && referencePath(cache, name) !== undefined,
  });
  const names = new Map<string, string>();
  const products = planned.map((each) => {
    const [product] = renamed([each], names) as [PlannedProduct];
    forgetHashes(product);
    judge(product);
    names.set(each.output, product.output);
    return product;
  });
  return { ...plan, products };
}

const placesIn = (products: readonly PlannedProduct[], out: string): Map<string, string> =>
  new Map(products.map(({ output }) => [output, join(out, basename(output))]));

/** Products by other names; those that are made of them know the names. */
function renamed(products: readonly PlannedProduct[], names: ReadonlyMap<string, string>): PlannedProduct[] {
  const place = (path: string): string => names.get(path) ?? path;
  const step = (each: PlannedStep): PlannedStep => ({
    ...each,
    refs: each.refs.map((ref) => (ref.path === null ? ref : { ...ref, path: place(ref.path) })),
  });
  const input = (each: PlannedInput): PlannedInput => ({
    ...each,
    path: place(each.path),
    steps: each.steps.map(step),
  });
  return products.map((product) => ({
    ...product,
    inputs: product.inputs.map(input),
    members: Object.fromEntries(
      Object.entries(product.members).map(([role, given]) => [role, given.map(input)]),
    ),
    steps: product.steps.map(step),
    output: place(product.output),
    quicklook: product.quicklook === null ? null : quicklookPath(place(product.output)),
    ...(product.beside
      ? { beside: product.beside.map((path) => join(dirname(place(product.output)), basename(path))) }
      : {}),
  }));
}
