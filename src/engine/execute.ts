/** Carries out a plan; everything it has to say are events. */
import { isIrisError } from "../errors.js";
import type { Event } from "./events.js";
import { openHashMemory } from "./hashes.js";
import { removeLeftovers } from "./leftovers.js";
import { makeProduct } from "./make.js";
import type { Plan, PlannedProduct } from "./plan-types.js";
import { Pool } from "./pool.js";
import type { Looks } from "./prepare.js";
import { inOrderOfNeed, type Ended, type Needed } from "./schedule.js";
import { settle } from "./settle.js";
import type { RunOptions } from "./request.js";

/**
 * Makes what isn't up to date. A product that fails leaves nothing behind and doesn't stop the others; an aborted
 * signal stops after the bands in work.
 */
export async function* execute(plan: Plan, options: RunOptions): AsyncGenerator<Event> {
  const events: Event[] = [];
  let wake = (): void => undefined;
  const emit = (event: Event) => {
    events.push(event);
    wake();
  };
  let running = true;
  const run = drive(plan, options, emit).finally(() => {
    running = false;
    wake();
  });
  while (running || events.length > 0) {
    const event = events.shift();
    if (event) yield event;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  await run;
}

async function drive(plan: Plan, options: RunOptions, emit: (event: Event) => void): Promise<void> {
  const { host, jobs, mem, signal, failFast } = options;
  const started = performance.now();
  const todo = plan.products.filter(({ reasons }) => reasons.length > 0);
  const done = plan.products.filter(({ reasons }) => reasons.length === 0);
  const fresh = done.filter(({ spared }) => spared === undefined);
  const totals = { made: 0, fresh: fresh.length, failed: plan.problems.length, caveats: 0 };
  emit({ v: 1, type: "start", products: todo.length, upToDate: fresh.length, jobs, context: plan.context });
  for (const { input, code, message, hint, exit } of plan.problems)
    emit({ v: 1, type: "failure", input, code, message, cause: null, hint, exit });
  for (const { input, why } of plan.passed) emit({ v: 1, type: "passed", input, why });
  for (const product of fresh) {
    const { inputs, output } = product;
    removeLeftovers(product);
    emit({ v: 1, type: "fresh", input: inputs[0]!.path, path: output });
  }

  const pool = new Pool(jobs, signal);
  const memory = openHashMemory(host);
  let unfilled = todo.length;
  // The workers end while the last product is written to disk.
  const filled = () => {
    if (--unfilled === 0) void pool.close();
  };
  const looks: Looks = new Map();
  let stopped = false;
  const fail = (input: string, error: unknown): void => {
    totals.failed++;
    if (failFast) stopped = true;
    emit({ v: 1, type: "failure", input, ...described(error) });
  };
  const one = async (planned: PlannedProduct, needed: readonly Needed[]): Promise<Ended> => {
    const input = planned.inputs[0]!.path;
    try {
      const product = await settle(planned, needed, memory, options);
      if (product.spared !== undefined) {
        const { output, spared: instead } = product;
        emit({ v: 1, type: "spared", input, path: output, instead });
        return { isMade: true, instead };
      }
      const { output, reasons, detail, quicklook } = product;
      if (reasons.length === 0) {
        totals.fresh++;
        emit({ v: 1, type: "fresh", input, path: output });
        return { isMade: true };
      }
      emit({ v: 1, type: "reason", input, output, reasons, detail });
      const made = await makeProduct(product, {
        host,
        pool,
        memory,
        mem,
        jobs,
        looks,
        context: product.context === undefined ? plan.context : product.context,
        cache: plan.cache,
        command: plan.command,
        filled,
        progress: (step, done, total) => {
          emit({ v: 1, type: "progress", input, output, step, done, total });
        },
      });
      for (const { code, message } of made.caveats)
        emit({ v: 1, type: "caveat", input, output, code, message });
      totals.caveats += made.caveats.length;
      totals.made++;
      const { seconds, verdict } = made;
      emit({ v: 1, type: "product", input, path: output, quicklook, seconds, ...(verdict && { verdict }) });
      return { isMade: true };
    } catch (error) {
      if (!signal?.aborted) fail(input, error);
      return { isMade: false };
    }
  };
  const isStopped = () => stopped || (signal?.aborted ?? false);
  try {
    // Two products in work keep every thread busy while one of them is completed.
    await inOrderOfNeed(plan.products, done, Math.max(2, jobs), isStopped, one);
  } finally {
    await pool.close();
  }
  const seconds = (performance.now() - started) / 1000;
  emit({ v: 1, type: "summary", ...totals, seconds, interrupted: signal?.aborted ?? false });
}

function described(error: unknown): {
  code: string;
  message: string;
  cause: string | null;
  hint: string | null;
  exit: number;
} {
  const deepest = (from: unknown): string | null =>
    from instanceof Error ? (deepest(from.cause) ?? from.message) : null;
  const own = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error ? deepest(error.cause) : null;
  return {
    code: isIrisError(error) ? error.code : "E_INTERNAL",
    message: own,
    cause: cause !== null && own.includes(cause) ? null : cause,
    hint: (isIrisError(error) && error.hint) || null,
    exit: 1,
  };
}
