/** `npm run fuzz -- 200000 [first]`: mutated files, each within 2 s and 1 GB, none a crash; cases have numbers. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { FuzzTask } from "./fuzz-worker.js";

const longest = 2000;
const mostBytes = 1e9;

interface Report {
  crash?: number;
  error?: string;
  slowest?: number;
}

interface Totals {
  failures: string[];
  slowest: number;
  peak: number;
}

/** One thread's share: every `step`-th case. A case that hangs is named, and the rest goes on in a new thread. */
async function runShare(first: number, last: number, step: number, totals: Totals): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iris-fuzz-"));
  const epoch = Date.now();
  try {
    for (let from = first; from <= last;) {
      const state = new Int32Array(new SharedArrayBuffer(8));
      state[0] = from;
      const workerData: FuzzTask = { folder, first: from, last, step, state, epoch };
      const worker = new Worker(new URL("./fuzz-worker.js", import.meta.url), { workerData });
      let over = false;
      worker.on("message", ({ crash, error, slowest }: Report) => {
        if (crash !== undefined) totals.failures.push(`case ${crash}: crash: ${error ?? ""}`);
        if (slowest !== undefined) totals.slowest = Math.max(totals.slowest, slowest);
      });
      worker.on("error", (error) => {
        totals.failures.push(`case ${state[0]}: the thread died: ${String(error)}`);
      });
      worker.on("exit", () => {
        over = true;
      });
      let large = 0;
      while (!over) {
        await wait(20);
        const n = Atomics.load(state, 0);
        const { rss } = process.memoryUsage();
        totals.peak = Math.max(totals.peak, rss);
        if (rss > mostBytes && n !== large && n !== 0) {
          large = n;
          totals.failures.push(`case ${n}: ${Math.round(rss / 1e6)} MB in use`);
        }
        const started = Atomics.load(state, 1);
        if (n !== 0 && started > 0 && Date.now() - epoch - started > longest) {
          totals.failures.push(`case ${n}: more than ${longest} ms`);
          await worker.terminate();
        }
      }
      const at = Atomics.load(state, 0);
      from = at === 0 ? last + 1 : at + step;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main([count = "200000", start = "1"]: string[]): Promise<number> {
  const first = Number(start);
  const last = first + Number(count) - 1;
  if (!(Number.isInteger(first) && first > 0 && Number.isInteger(last) && last >= first)) {
    console.error("usage: npm run fuzz -- COUNT [FIRST]");
    return 2;
  }
  const totals: Totals = { failures: [], slowest: 0, peak: 0 };
  const threads = availableParallelism();
  const begin = performance.now();
  await Promise.all(Array.from({ length: threads }, (_, i) => runShare(first + i, last, threads, totals)));
  const seconds = (performance.now() - begin) / 1000;
  for (const failure of totals.failures) console.log(failure);
  console.log(
    `cases ${first} to ${last} in ${seconds.toFixed(0)} s on ${threads} threads: ${totals.failures.length} failed; ` +
      `slowest ${totals.slowest} ms; peak memory ${Math.round(totals.peak / 1e6)} MB for all threads`,
  );
  return totals.failures.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
