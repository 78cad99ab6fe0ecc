/** Reads mutated files, case after case, and says in shared memory which one it is at; see fuzz-run.ts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { readEverything } from "./helpers.js";
import { makeSeeds, mutate, randomFrom } from "./mutate.js";

export interface FuzzTask {
  folder: string;
  first: number;
  last: number;
  step: number;
  /** [case under way, its start in ms since the run's epoch]. */
  state: Int32Array;
  epoch: number;
}

const { folder, first, last, step, state, epoch } = workerData as FuzzTask;
const seeds = makeSeeds(folder);
const path = join(folder, "mutated.fits");
let slowest = 0;
for (let n = first; n <= last; n += step) {
  const random = randomFrom(n);
  const bytes = mutate(seeds[Math.floor(random() * seeds.length)]!, random);
  writeFileSync(path, bytes);
  const start = Date.now();
  Atomics.store(state, 1, start - epoch);
  Atomics.store(state, 0, n);
  try {
    readEverything(path);
  } catch (error) {
    parentPort!.postMessage({ crash: n, error: error instanceof Error ? error.stack : String(error) });
  }
  slowest = Math.max(slowest, Date.now() - start);
}
Atomics.store(state, 0, 0);
parentPort!.postMessage({ slowest });
