/** A plan that was read from a file, edited or not, made ready to run: moved where it is wanted, and judged anew. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../errors.js";
import type { Host } from "../host.js";
import { findCache, referencePath } from "../crds/index.js";
import { checkPlan } from "./check-plan.js";
import { openHashMemory } from "./hashes.js";
import { judgeInOrder } from "./judge-in-order.js";
import { bundledCache } from "../package.js";
import { forgetHashes } from "./needs.js";
import { quicklookPath } from "./naming.js";
import { checkFolder, checkOutputs, checkSpace } from "./outputs.js";
import type { Plan, PlannedProduct } from "./plan-types.js";
import { withPaths } from "./unless.js";

interface Wishes {
  /** Where the plan stands, for what is wrong in it. */
  origin: string;
  /** Folder of the products, where it isn't the planned one. */
  out?: string;
  force: boolean;
  /** The command that runs it: the one that made the plan would make what stood in it before it was edited. */
  command: string;
}

/**
 * The plan, checked, with its products in `out` where that is said. Steps, parameters and references are as they stand
 * in it: what was edited is seen by comparison with the products that exist.
 *
 * @throws OutputError, UsageError, ConfigError for what can't be, and when a product needs a file that neither the plan
 * makes nor is there
 */
export async function readyPlan(
  given: unknown,
  host: Host,
  { origin, out, force, command }: Wishes,
): Promise<Plan> {
  const plan = await checkPlan(given, origin);
  const planned = out === undefined ? plan.products : renamed(plan.products, placesIn(plan.products, out));
  if (out !== undefined) checkFolder(out);
  const outputs = new Set(planned.map(({ output }) => output));
  checkSources(planned, outputs);
  checkOutputs(planned, outputs);
  for (const { grid, output } of planned) if (grid) checkSpace(grid, output);
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
  return { ...plan, command, products };
}

/** A product that was taken out of a plan by hand may still be what another is made of. @throws ConfigError */
function checkSources(products: readonly PlannedProduct[], outputs: ReadonlySet<string>): void {
  for (const { output, inputs, members, steps } of products) {
    const sources = [...inputs, ...Object.values(members).flat(), ...steps.flatMap(({ refs }) => refs)];
    const lost = sources.find(({ path }) => path !== null && !outputs.has(path) && !existsSync(path));
    if (lost)
      throw new ConfigError(
        `cannot use this plan: ${basename(output)} needs ${lost.path!} — no product of the plan makes it, and there is no such file`,
        {
          hint: `take it out of what ${basename(output)} is made of, too, or plan anew: iris plan FILES -o plan.json`,
        },
      );
  }
}

const placesIn = (products: readonly PlannedProduct[], out: string): Map<string, string> =>
  new Map(products.map(({ output }) => [output, join(out, basename(output))]));

/** Products by other names; those that are made of them know the names. */
function renamed(products: readonly PlannedProduct[], names: ReadonlyMap<string, string>): PlannedProduct[] {
  const place = (path: string): string => names.get(path) ?? path;
  return products.map((product) => ({
    ...withPaths(product, place),
    output: place(product.output),
    quicklook: product.quicklook === null ? null : quicklookPath(place(product.output)),
    ...(product.beside
      ? { beside: product.beside.map((path) => join(dirname(place(product.output)), basename(path))) }
      : {}),
    ...(product.unless
      ? {
          unless: {
            ...product.unless,
            file: place(product.unless.file),
            instead: place(product.unless.instead),
          },
        }
      : {}),
  }));
}
