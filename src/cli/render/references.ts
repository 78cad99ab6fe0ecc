/** The references of a plan, each once, with the rule that chose it. */
import { basename } from "node:path";
import type { PlannedProduct, PlannedRef } from "../../engine/plan-types.js";
import { stepsOf, type PlanView } from "./planned-product.js";
import { count, formatTable } from "./table.js";

/** One line of the table, and the products that it is about. */
interface Use {
  type: string;
  names: Set<string>;
  rule: string;
  products: Set<PlannedProduct>;
}

const refsOf = (product: PlannedProduct): PlannedRef[] =>
  [
    ...stepsOf(product),
    ...Object.values(product.members).flatMap((members) => members.flatMap(({ steps }) => steps)),
  ]
    .filter(({ skip }) => skip === null)
    .flatMap(({ refs }) => refs);

/**
 * The whole chain of rules with -v, and how many products use each. `isFolded`: references of one rule in one line, and
 * those that the plan itself makes left out, for they stand with what they serve.
 */
export function referenceLines(
  products: readonly PlannedProduct[],
  { wide, isFolded }: Pick<PlanView, "wide"> & { isFolded: boolean },
): string[] {
  const made = new Set(products.map(({ output }) => output));
  const uses = new Map<string, Use>();
  for (const product of products)
    for (const { type, path, why } of refsOf(product)) {
      if (isFolded && path !== null && made.has(path)) continue;
      const rule = wide ? why : why.split(" → ").at(-1)!;
      const key = isFolded ? [type, path === null, rule].join("\n") : [type, path, why].join("\n");
      const use = uses.get(key) ?? { type, names: new Set(), rule, products: new Set() };
      uses.set(key, use);
      use.names.add(path === null ? "none" : basename(path));
      use.products.add(product);
    }
  if (uses.size === 0) return [];
  const rows = [...uses.values()].map(({ type, names, rule, products: users }) => {
    const [first, ...others] = names;
    return [
      type,
      others.length === 0 ? first! : `${first!} and ${count(others.length, "other")}`,
      rule,
      users.size === products.length ? "" : count(users.size, "product"),
    ];
  });
  return ["references", formatTable(rows)];
}
