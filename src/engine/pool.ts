/**
 * The pool of threads that work on bands: this thread, and workers that are started once the work is worth it.
 *
 * One queue serves bands and exposures alike; nothing inside a step starts threads of its own.
 */
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { InterruptedError, StepError } from "../errors.js";
import { runBand } from "./band.js";
import type { Band } from "./bands.js";
import type { BandReport, Job } from "./job.js";
import { closeJob, openJob, type OpenJob } from "./open-job.js";
import { unpackError, type PackedError } from "./packed-error.js";

/** Bytes of work in the queue above which starting a worker (about 40 ms) pays. */
const WORTH_A_WORKER = 60_000_000;

export type ToWorker =
  { type: "job"; job: Job } | { type: "band"; id: number; band: Band } | { type: "close"; id: number };
export type FromWorker =
  { type: "ready" } | { type: "done"; report: BandReport } | { type: "failed"; error: PackedError };

interface Task {
  job: Job;
  band: Band;
  bytes: number;
  done(report: BandReport): void;
  failed(error: unknown): void;
}

interface Helper {
  worker: Worker;
  /** It has loaded its code: before that a band would wait for it. */
  ready: boolean;
  /** Bands that it has been given, in the order of its answers. */
  tasks: Task[];
  /** Jobs that this worker has been told of. */
  knows: Set<number>;
}

/** Bands given ahead, so that a worker needn't wait for this thread to come out of a band of its own. */
const AHEAD = 4;

export class Pool {
  readonly #jobs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: Task[] = [];
  readonly #helpers: Helper[] = [];
  readonly #open = new Map<number, Promise<OpenJob>>();
  #busyHere = false;

  constructor(jobs: number, signal: AbortSignal | undefined) {
    this.#jobs = jobs;
    this.#signal = signal;
    signal?.addEventListener("abort", () => {
      this.#dropQueue();
    });
  }

  /** Runs every band of a job, in any order. Rejects with the first failure; bands not begun are then dropped. */
  async run(
    job: Job,
    bands: readonly Band[],
    bytesPerBand: number,
    onBand: (report: BandReport) => void,
  ): Promise<void> {
    try {
      await Promise.all(
        bands.map(
          (band) =>
            new Promise<void>((resolve, reject) => {
              const done = (report: BandReport) => {
                onBand(report);
                resolve();
              };
              this.#queue.push({ job, band, bytes: bytesPerBand, done, failed: reject });
              if (band === bands.at(-1)) this.#pump();
            }),
        ),
      );
    } catch (error) {
      this.#dropQueue(job.id, error);
      throw error;
    } finally {
      await this.#forget(job.id);
    }
  }

  /** Starts the workers before there is work, for work that mustn't wait for them. */
  start(): void {
    while (this.#helpers.length < this.#jobs - 1) this.#helpers.push(this.#start());
  }

  #pump(): void {
    if (this.#signal?.aborted) this.#dropQueue();
    const pending = this.#queue.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#helpers.length === 0 && pending > WORTH_A_WORKER) this.start();
    this.#helpers.forEach((helper, i) => {
      this.#give(helper, i + 1);
    });
    if (!this.#busyHere && this.#queue.length > 0) void this.#workHere();
  }

  /**
   * The last bands are given one by one, so that all threads end together. `before` is the number of threads that are
   * served first, this one and helpers.
   */
  #give({ worker, ready, tasks, knows }: Helper, before: number): void {
    const ahead = () => (this.#queue.length > AHEAD * this.#jobs ? AHEAD : 1);
    while (ready && tasks.length < ahead()) {
      const task = this.#queue[0];
      if (!task || task.job.threads <= before) return;
      this.#queue.shift();
      tasks.push(task);
      const say = (message: ToWorker) => {
        worker.postMessage(message);
      };
      if (!knows.has(task.job.id)) {
        knows.add(task.job.id);
        say({ type: "job", job: task.job });
      }
      say({ type: "band", id: task.job.id, band: task.band });
    }
  }

  async #workHere(): Promise<void> {
    this.#busyHere = true;
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      try {
        let opening = this.#open.get(task.job.id);
        if (!opening) this.#open.set(task.job.id, (opening = openJob(task.job)));
        task.done(runBand(await opening, task.band));
      } catch (error) {
        task.failed(error);
      }
      // Lets workers' answers, progress and Ctrl-C in between two bands.
      await setImmediate();
      if (this.#signal?.aborted) this.#dropQueue();
    }
    this.#busyHere = false;
  }

  #start(): Helper {
    const helper: Helper = {
      worker: new Worker(new URL("./worker.js", import.meta.url)),
      ready: false,
      tasks: [],
      knows: new Set(),
    };
    helper.worker.on("message", (message: FromWorker) => {
      if (message.type === "ready") helper.ready = true;
      else {
        const task = helper.tasks.shift();
        if (message.type === "done") task?.done(message.report);
        else task?.failed(unpackError(message.error));
      }
      this.#pump();
    });
    helper.worker.on("error", (cause) => {
      this.#helpers.splice(this.#helpers.indexOf(helper), 1);
      for (const task of helper.tasks)
        task.failed(
          new StepError(
            `a worker thread stopped at rows ${task.band.y0}–${task.band.y0 + task.band.ny} of ${task.job.product.output} — ${cause instanceof Error ? cause.message : String(cause)}`,
            {
              cause,
              hint: "try fewer threads or less memory: --jobs 1 --mem 500M",
            },
          ),
        );
      this.#pump();
    });
    return helper;
  }

  /** Drops bands that haven't begun: of one job that failed, or all when the user stops the run. */
  #dropQueue(id?: number, error: unknown = new InterruptedError("interrupted")): void {
    for (let i = this.#queue.length - 1; i >= 0; i--)
      if (id === undefined || this.#queue[i]!.job.id === id) this.#queue.splice(i, 1)[0]!.failed(error);
  }

  async #forget(id: number): Promise<void> {
    for (const { worker, knows } of this.#helpers)
      if (knows.delete(id)) worker.postMessage({ type: "close", id } satisfies ToWorker);
    const opening = this.#open.get(id);
    this.#open.delete(id);
    const open = await opening?.catch(() => undefined);
    if (open) closeJob(open);
  }

  async close(): Promise<void> {
    await Promise.all(this.#helpers.map(({ worker }) => worker.terminate()));
  }
}
