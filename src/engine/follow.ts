/** Follows a folder into which reads are written, and samples each exposure while it grows. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { InputError, isIrisError } from "../errors.js";
import { isFitsName } from "../fits/index.js";
import type { Sampling } from "../kernels/ramp/sampling.js";
import type { Event } from "./events.js";
import { execute } from "./execute.js";
import { addRead, makeGrowing, serves, settleSums, type Growing } from "./growing.js";
import { openHashMemory } from "./hashes.js";
import { describeInput, openFile, planeHdus, type Opened } from "./inputs.js";
import { makeProduct } from "./make.js";
import type { Plan } from "./plan-types.js";
import { plan } from "./plan.js";
import { Pool } from "./pool.js";
import { isExposureError, problemOf } from "./problems.js";
import { parseReject, type RejectRule } from "./reject.js";
import type { Request, RunOptions } from "./request.js";

export interface FollowOptions extends RunOptions {
  folder: string;
  /** What is summed; null for fits that need all reads at once, which are read at the end. */
  sampling: Sampling | null;
  /** Stop when no read has come for so many seconds; never when absent. */
  idle?: number | undefined;
}

/** Between two looks into the folder. */
const LOOK_MS = 20;
/** An exposure that doesn't say how many reads it has ends when none came for so many read times, and a second. */
const SILENCE = 5;

/**
 * Each exposure's product, as soon as its last read is there: NUMREADS × NUMRAMPS have come, or reads of another
 * exposure of the detector, or none for a while. Files of whole ramps are reduced like any other.
 */
export async function* follow(request: Request, options: FollowOptions): AsyncGenerator<Event> {
  const started = performance.now();
  const totals = { made: 0, fresh: 0, failed: 0, caveats: 0 };
  yield { v: 1, type: "start", products: 0, upToDate: 0, jobs: options.jobs, context: null };
  const pool = new Pool(options.jobs, options.signal);
  pool.start();
  try {
    for await (const event of exposures(request, options, pool)) {
      if (event.type === "product") totals.made++;
      else if (event.type === "fresh") totals.fresh++;
      else if (event.type === "failure") totals.failed++;
      else if (event.type === "caveat") totals.caveats++;
      yield event;
    }
  } finally {
    await pool.close();
  }
  const seconds = (performance.now() - started) / 1000;
  yield { v: 1, type: "summary", ...totals, seconds, interrupted: options.signal?.aborted ?? false };
}

async function* exposures(request: Request, options: FollowOptions, pool: Pool): AsyncGenerator<Event> {
  const { folder, sampling, idle, signal, mem } = options;
  const rule = parseReject(request.reject ?? []);
  const growing = new Map<string, Growing>();
  /** Files of the exposures that have their product, in case that one more comes. */
  const done = new Map<string, string[]>();
  const seen = new Set<string>();
  let latest = performance.now();
  while (!signal?.aborted) {
    let isBusy = false;
    for (const path of filesIn(folder)) {
      if (seen.has(path) || !isWritten(path)) continue;
      seen.add(path);
      isBusy = true;
      let opened: Opened;
      try {
        opened = describeInput(path);
      } catch (error) {
        if (!isExposureError(error)) throw error;
        yield failureOf(path, error);
        continue;
      }
      if (opened.kind !== "ramp") continue;
      if (opened.read === null) {
        yield* reduceNow(request, [path], options);
        continue;
      }
      const key = opened.read.exposure;
      for (const other of [...growing.keys()])
        if (other !== key && growing.get(other)!.reads[0]!.exposure.detector === opened.exposure.detector) {
          yield* finish(growing, done, other, request, options, pool);
        }
      let exposure = growing.get(key);
      if (!exposure) growing.set(key, (exposure = makeGrowing(done.get(key)?.map(describeInput))));
      try {
        addRead(exposure, opened, sampling, { isOut: isRejected(rule, opened), mem });
      } catch (error) {
        if (!isExposureError(error)) throw error;
        exposure.unfit ??= error.message;
      }
      if (isWhole(exposure)) yield* finish(growing, done, key, request, options, pool);
      await setImmediate();
      if (signal?.aborted) return;
    }
    for (const [key, exposure] of [...growing])
      if (isSilent(exposure)) yield* finish(growing, done, key, request, options, pool);
    if (!isBusy) growing.forEach(settleSums);
    if (isBusy) latest = performance.now();
    else if (idle !== undefined && performance.now() - latest > idle * 1000) break;
    else await setTimeout(LOOK_MS);
  }
  if (signal?.aborted) return;
  for (const key of [...growing.keys()]) yield* finish(growing, done, key, request, options, pool);
  for (const path of filesIn(folder))
    if (!seen.has(path))
      yield failureOf(
        path,
        new InputError(`cannot read ${path} — it isn't whole, or no FITS file`, {
          hint: `iris fits info ${path}`,
        }),
      );
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith(".") && isFitsName(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new InputError(`cannot follow ${folder} — ${(cause as Error).message}`, {
      cause,
      hint: "name the folder into which the reads are written",
    });
  }
}

/** All bytes that the header declares are there. A file that can't be opened yet may be so a moment later. */
function isWritten(path: string): boolean {
  try {
    const file = openFile(path);
    try {
      const { sci } = planeHdus(file, "ramp");
      const last = file.hdus.at(-1)!;
      return [sci, last].every(({ dataStart, dataSize }) => dataStart + dataSize <= file.size);
    } finally {
      file.close();
    }
  } catch (error) {
    if (isIrisError(error)) return false;
    throw error;
  }
}

const isRejected = (rule: RejectRule | null, { read, header }: Opened): boolean =>
  rule !== null && rule.test({ number: read!.read, time: read!.time, telemetry: header });

/** As many reads as the headers announce, those that came twice counted once. */
function isWhole({ reads }: Growing): boolean {
  const { header } = reads[0]!;
  const [perRamp, ramps] = [header["NUMREADS"], header["NUMRAMPS"] ?? 1];
  if (typeof perRamp !== "number" || typeof ramps !== "number" || reads.length < perRamp * ramps)
    return false;
  return new Set(reads.map(({ read }) => `${read!.ramp} ${read!.read}`)).size >= perRamp * ramps;
}

function isSilent({ reads, latest }: Growing): boolean {
  const tframe = reads[0]!.read!.tframe ?? 1;
  return performance.now() - latest > SILENCE * tframe * 1000 + 1000;
}

const failureOf = (path: string, error: Parameters<typeof problemOf>[1]): Event => ({
  v: 1,
  type: "failure",
  cause: null,
  ...problemOf(path, error),
});

async function* reduceNow(
  request: Request,
  inputs: readonly string[],
  options: RunOptions,
): AsyncGenerator<Event> {
  yield* products(execute(await plan({ ...request, inputs }), options));
}

/** What a run says of its products; start and summary belong to the whole. */
async function* products(events: AsyncIterable<Event>): AsyncGenerator<Event> {
  for await (const event of events) if (event.type !== "start" && event.type !== "summary") yield event;
}

async function* finish(
  growing: Map<string, Growing>,
  done: Map<string, string[]>,
  key: string,
  request: Request,
  options: FollowOptions,
  pool: Pool,
): AsyncGenerator<Event> {
  const exposure = growing.get(key)!;
  growing.delete(key);
  const inputs = exposure.reads.map(({ path }) => path);
  done.set(key, inputs);
  const made = await plan({ ...request, inputs }, new Map(exposure.reads.map((read) => [read.path, read])));
  const product = made.products[0];
  const isStale = product !== undefined && product.reasons.length > 0;
  if (!isStale || options.sampling === null || !serves(exposure, product, options.sampling)) {
    yield* products(execute(made, options));
    return;
  }
  yield* finishSums(exposure, made, options, pool);
}

/** The product from the sums: nothing is read any more. */
async function* finishSums(
  exposure: Growing,
  made: Plan,
  { host, mem, jobs }: FollowOptions,
  pool: Pool,
): AsyncGenerator<Event> {
  const product = made.products[0]!;
  const [input, { output, reasons, detail, quicklook }] = [product.inputs[0]!, product];
  yield { v: 1, type: "reason", input: input.path, output, reasons, detail };
  const { ramps, quantum, hashes } = exposure;
  const summing: Pick<Pool, "run"> = {
    async run(job, bands, bytes, onBand) {
      let left = hashes;
      // the reads aren't held any more
      await pool.run({ ...job, threads: jobs, sums: { ramps, quantum } }, bands, bytes, (report) => {
        onBand({ ...report, hashes: left });
        left = [];
      });
    },
  };
  try {
    const { caveats, seconds } = await makeProduct(product, {
      host,
      pool: summing,
      memory: openHashMemory(host),
      mem,
      jobs,
      looks: new Map(),
      context: product.context === undefined ? made.context : product.context,
      cache: made.cache,
      command: made.command,
      progress: () => undefined,
    });
    for (const { code, message } of caveats)
      yield { v: 1, type: "caveat", input: input.path, output, code, message };
    yield { v: 1, type: "product", input: input.path, path: output, quicklook, seconds };
  } catch (error) {
    if (!isIrisError(error)) throw error;
    yield failureOf(input.path, error as Parameters<typeof problemOf>[1]);
  }
}
