/** A few threads that decode tiles of one image: this one at once, others as soon as they are up. */
import { availableParallelism } from "node:os";
import { isMainThread, Worker } from "node:worker_threads";
import type { FitsFile, Hdu } from "../file.js";
import type { TypedArray } from "../typed-array.js";
import { regionSize, type Grid } from "./grid.js";
import type { TileInfo } from "./info.js";
import { placeTile, type Placing } from "./place.js";
import { makeArray } from "./tile.js";

/** What a helper needs to take part; `state` and `out` are shared. */
export interface TileJob extends Placing {
  path: string;
  hdu: number;
  state: Int32Array;
  out: TypedArray;
}

/** Places in the shared state. */
const place = { next: 0, active: 1, failed: 2 } as const;

/** Below this many pixels a thread's start costs more than it saves. */
const worthIt = 2 ** 21;

/** Tiles are claimed in runs of about this many pixels. */
const claim = 2 ** 16;

/** Helpers stay for the next image; they don't keep the process alive. */
const helpers: Worker[] = [];

/** How many threads to use: files that live in this thread's memory are decoded here. */
export function threadsFor(file: FitsFile, pixels: number, grid: Grid, wanted?: number): number {
  if (file.wrapped || pixels < worthIt || grid.size < 2) return 1;
  return wanted ?? (isMainThread ? Math.min(4, availableParallelism()) : 1);
}

function helper(n: number): Worker {
  let worker = helpers[n];
  if (!worker) {
    worker = new Worker(new URL("./crew-worker.js", import.meta.url));
    worker.unref();
    // One that can't start, or dies, leaves its tiles to the others; its failure shows in the shared state.
    worker.on("error", () => {
      helpers.splice(helpers.indexOf(worker!), 1);
    });
    helpers[n] = worker;
  }
  return worker;
}

/** Claims and decodes tiles until none is left. */
export function takePart(file: FitsFile, hdu: Hdu, info: TileInfo, job: TileJob): void {
  const { state, grid, out } = job;
  Atomics.add(state, place.active, 1);
  try {
    const each = Math.max(1, Math.floor((claim * grid.size) / out.length));
    for (;;) {
      const from = Atomics.add(state, place.next, each);
      const to = Math.min(from + each, grid.size);
      if (from >= grid.size || Atomics.load(state, place.failed) !== 0) return;
      for (let n = from; n < to; n++) placeTile(file, hdu, info, job, n, out);
    }
  } catch (error) {
    Atomics.store(state, place.failed, 1);
    throw error;
  } finally {
    Atomics.sub(state, place.active, 1);
    Atomics.notify(state, place.active);
  }
}

/** Samples of a region in shared memory, or null when a helper failed: then decoding here tells why, or succeeds. */
export function decodeTogether(
  file: FitsFile,
  hdu: Hdu,
  info: TileInfo,
  placing: Placing,
  threads: number,
): TypedArray | null {
  const size = regionSize(placing.region);
  const shared = new SharedArrayBuffer((size * Math.abs(info.bitpix)) / 8);
  const state = new Int32Array(new SharedArrayBuffer(12));
  const out = makeArray(info.bitpix, size, shared);
  const job: TileJob = { path: file.path, hdu: hdu.index, ...placing, state, out };
  for (let n = 0; n < threads - 1; n++) helper(n).postMessage(job);
  takePart(file, hdu, info, job);
  for (;;) {
    const active = Atomics.load(state, place.active);
    if (active === 0) break;
    Atomics.wait(state, place.active, active);
  }
  if (Atomics.load(state, place.failed) !== 0) return null;
  return out;
}
