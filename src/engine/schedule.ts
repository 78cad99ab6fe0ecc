/** Several products in work at once, each only when what it needs has been made. */
import { ConfigError } from "../errors.js";
import { dependencies } from "./needs.js";
import type { PlannedProduct } from "./plan-types.js";

/** A product that another one waits for. */
export interface Needed {
  output: string;
  /** False: it failed. */
  isMade: boolean;
  /** What stands for it, where it wasn't needed. */
  instead?: string | undefined;
}

/** What became of a product. */
export type Ended = Omit<Needed, "output">;

/**
 * Calls `make` for every product that isn't in `done`, in their order as far as their needs allow, `lanes` at a time.
 * `make` gets what became of the products that its own needs, and says what became of its own.
 *
 * @throws ConfigError for products that need each other.
 */
export async function inOrderOfNeed(
  products: readonly PlannedProduct[],
  done: readonly PlannedProduct[],
  lanes: number,
  isStopped: () => boolean,
  make: (product: PlannedProduct, needed: readonly Needed[]) => Promise<Ended>,
): Promise<void> {
  const needs = dependencies(products);
  const ended = new Map<PlannedProduct, Ended>(
    done.map((product) => [product, { isMade: true, instead: product.spared }]),
  );
  const waiting = products.filter((product) => !ended.has(product));
  let working = 0;
  let idle: (() => void)[] = [];

  const next = async (): Promise<PlannedProduct | undefined> => {
    while (waiting.length > 0 && !isStopped()) {
      const at = waiting.findIndex((product) => needs.get(product)!.every((need) => ended.has(need)));
      if (at >= 0) {
        working++;
        return waiting.splice(at, 1)[0];
      }
      if (working === 0)
        throw new ConfigError(`cannot run this plan — ${waiting[0]!.output} needs a product that needs it`, {
          hint: "plan anew: iris plan FILES --save plan.json",
        });
      await new Promise<void>((resolve) => idle.push(resolve));
    }
    return undefined;
  };
  const lane = async (): Promise<void> => {
    for (let product = await next(); product !== undefined; product = await next()) {
      const needed = needs.get(product)!.map((need) => ({ output: need.output, ...ended.get(need)! }));
      ended.set(product, await make(product, needed));
      working--;
      const woken = idle;
      idle = [];
      for (const wake of woken) wake();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
