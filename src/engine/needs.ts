/** Which products of a plan wait for which: what one is made of, or calibrated with, another makes. */
import { filesOf } from "./fingerprint.js";
import { sha256File, type HashMemory } from "./hashes.js";
import type { PlannedInput, PlannedProduct, PlannedRef } from "./plan-types.js";

const stepsOf = ({ steps, inputs, members }: PlannedProduct) => [
  ...steps,
  ...[...inputs, ...Object.values(members).flat()].flatMap((input) => input.steps),
];

const refsOf = (product: PlannedProduct): PlannedRef[] => stepsOf(product).flatMap(({ refs }) => refs);

/** Files that must be there when a product is made: exposures and references. */
export const neededPaths = (product: PlannedProduct): string[] => [
  ...filesOf(product),
  ...refsOf(product).flatMap(({ path }) => path ?? []),
];

/** Products → the other products of the plan that they need. */
export function dependencies(products: readonly PlannedProduct[]): Map<PlannedProduct, PlannedProduct[]> {
  const makers = new Map(products.map((product) => [product.output, product]));
  return new Map(
    products.map((product) => {
      const { unless } = product;
      const paths = [...neededPaths(product), ...(unless ? [unless.file, unless.instead] : [])];
      const needed = new Set(paths.flatMap((path) => makers.get(path) ?? []));
      needed.delete(product);
      return [product, [...needed]];
    }),
  );
}

/** References that may have been exchanged are hashed anew. */
export function forgetHashes(product: PlannedProduct): void {
  for (const ref of refsOf(product)) ref.sha256 = null;
}

/** Hashes the references that weren't there when the product was planned. */
export function settleReferences(product: PlannedProduct, memory: HashMemory): void {
  for (const ref of refsOf(product)) {
    if (ref.path === null || ref.sha256 !== null) continue;
    ref.sha256 = memory.get(ref.path, "sha256") ?? sha256File(ref.path);
    memory.set(ref.path, "sha256", ref.sha256);
  }
}

/**
 * The product without what couldn't be made, with a caveat that says so; null where it can't be made then: nothing is
 * left to combine, a role has nobody left, or a calibration is missing.
 */
export function withoutLost(product: PlannedProduct, lost: ReadonlySet<string>): PlannedProduct | null {
  const isLeft = ({ path }: PlannedInput): boolean => !lost.has(path);
  const inputs = product.inputs.filter(isLeft);
  const members = Object.fromEntries(
    Object.entries(product.members).map(([role, given]) => [role, given.filter(isLeft)]),
  );
  const isEmptied = Object.entries(members).some(
    ([role, left]) => left.length === 0 && product.members[role]!.length > 0,
  );
  if (inputs.length === 0 || isEmptied) return null;
  if (refsOf(product).some(({ path }) => path !== null && lost.has(path))) return null;
  const gone = [...product.inputs, ...Object.values(product.members).flat()].filter((each) => !isLeft(each));
  return {
    ...product,
    inputs,
    members,
    caveats: [
      ...product.caveats,
      {
        code: "INCOMPLETE",
        message: `made without ${gone.map(({ path }) => nameOf(path)).join(", ")}, which failed`,
      },
    ],
  };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
