/** An exposure whose reads are still being written: each is summed when it comes and never read again. */
import { isInt32, mayHaveGaps } from "../data/ramp.js";
import { InputError } from "../errors.js";
import { decodeFloat32 } from "../kernels/decode.js";
import { extremes } from "../kernels/extremes.js";
import { areFinite } from "../kernels/image/marks.js";
import { kernelMemory } from "../kernels/memory.js";
import {
  addSamples,
  beginRead,
  makeStream,
  matchesTiming,
  settle,
  type Stream,
} from "../kernels/ramp/stream.js";
import { makeTiming, type Sampling } from "../kernels/ramp/sampling.js";
import { readRows } from "../fits/index.js";
import { hashRows, LEAF_ROWS } from "./hashes.js";
import { openFile, planeHdus, type Opened } from "./inputs.js";
import type { PlannedProduct } from "./plan-types.js";
import { encodingOf } from "./read-samples.js";
import type { Sums } from "./sums.js";

export interface Growing extends Sums {
  /** In the order in which they came. */
  reads: Opened[];
  /** File, HDU and hash of its pixels. */
  hashes: [string, number, bigint][];
  /** Why the sums can't serve: then the files are read again at the end. */
  unfit: string | null;
  /** performance.now() when the last read was in. */
  latest: number;
}

/** `before`: reads that were in a product already when another one came. */
export const makeGrowing = (before: readonly Opened[] = []): Growing => ({
  reads: [...before],
  ramps: new Map(),
  hashes: [],
  quantum: 0,
  unfit: before.length > 0 ? "a read came after the last" : null,
  latest: performance.now(),
});

/** Bytes of the sums that one more ramp needs. */
const bytesOf = ({ mode, nreads }: Sampling, pixels: number): number =>
  pixels * (mode === "utr" ? 32 : 8 + 4 * (mode === "cds" ? 1 : nreads));

const sameRead = (a: Opened, b: Opened): boolean =>
  a.read!.ramp === b.read!.ramp && a.read!.read === b.read!.read;

/** Takes in one read; `isOut` tells those that a rule leaves out. `mem` bounds the sums, in bytes. */
export function addRead(
  growing: Growing,
  opened: Opened,
  sampling: Sampling | null,
  { isOut, mem }: { isOut: boolean; mem: number },
): void {
  const { reads, ramps } = growing;
  if (reads.some((other) => sameRead(other, opened))) growing.unfit ??= "a read came twice";
  reads.push(opened);
  if (sampling === null) growing.unfit ??= "the fit needs all reads at once";
  const read = opened.read!;
  if (sampling && !isOut && read.complete && growing.unfit === null) {
    const pixels = opened.axes[0]! * opened.axes[1]!;
    let stream = ramps.get(read.ramp);
    if (!stream) {
      if ((ramps.size + 1) * bytesOf(sampling, pixels) > mem)
        growing.unfit = "more ramps than fit the memory";
      else ramps.set(read.ramp, (stream = makeStream(sampling, pixels)));
    }
    if (stream) sumRead(growing, stream, opened);
  }
  if (growing.unfit !== null) ramps.clear();
  growing.latest = performance.now();
}

/** Work that can be done while no read comes. */
export const settleSums = ({ ramps }: Growing): void => ramps.forEach(settle);

/** Bytes decoded at a time. */
const PART = 4_194_304;

function sumRead(growing: Growing, stream: Stream, { path, kind, read }: Opened): void {
  const file = openFile(path);
  const memory = kernelMemory();
  const mark = memory.mark();
  try {
    const { sci } = planeHdus(file, kind);
    const encoding = encodingOf(sci);
    const { bitpix, bscale, bzero, blank } = encoding;
    const [nx, ny] = sci.image!.axes as [number, number];
    if (nx * ny !== stream.pixels)
      throw new InputError(`reads of one exposure differ: ${path} has ${nx}×${ny} pixels`, {
        hint: "reduce them apart",
      });
    growing.quantum = bitpix > 0 ? Math.abs(bscale) : 0;
    const rowBytes = (nx * Math.abs(bitpix)) / 8;
    const rows = Math.max(LEAF_ROWS, Math.floor(PART / rowBytes / LEAF_ROWS) * LEAF_ROWS);
    const bytes = memory.raw(Math.min(rows, ny) * rowBytes);
    const values = memory.f32(Math.min(rows, ny) * nx);
    beginRead(stream, read!.time);
    for (let y = 0; y < ny; y += rows) {
      const n = Math.min(rows, ny - y);
      const part = bytes.subarray(0, n * rowBytes);
      const samples = values.subarray(0, n * nx);
      readRows(file, sci, 0, y, n, part);
      growing.hashes.push([path, sci.index, hashRows(part, rowBytes, 0, y, n, ny)]);
      decodeFloat32(samples, part, bitpix, bscale, bzero, blank);
      if (mayHaveGaps(encoding) && !areFinite(samples)) {
        growing.unfit = "a read has pixels without a value";
        return;
      }
      if (isInt32(encoding) && isRounded(samples)) {
        growing.unfit = "samples beyond what float32 holds exactly";
        return;
      }
      addSamples(stream, samples, y * nx);
    }
  } finally {
    memory.release(mark);
    file.close();
  }
}

/** Whether integers may have lost digits as float32. */
function isRounded(samples: Float32Array): boolean {
  const { min, max } = extremes(samples);
  return Math.max(-min, max) >= 2 ** 24;
}

/** Whether the sums are those of the reads and of the sampling that the plan has. */
export function serves(growing: Growing, { inputs, steps }: PlannedProduct, sampling: Sampling): boolean {
  const { layout, exposure } = inputs[0]!;
  const running = [...inputs[0]!.steps, ...steps].filter(({ skip }) => skip === null);
  const { mode, nreads, firstgroup, lastgroup } = running[0]?.params ?? {};
  if (running.length !== 1 || mode?.value !== sampling.mode) return false;
  if (firstgroup?.value !== null || lastgroup?.value !== null) return false;
  if (mode.value === "mcds" && nreads?.value !== sampling.nreads) return false;
  if (growing.unfit !== null || !layout || !exposure.readout) return false;
  if (layout.nints !== growing.ramps.size || layout.places.includes(null)) return false;
  const { times, nframes, tframe } = exposure.readout;
  const timing = makeTiming(times, nframes, tframe);
  return [...growing.ramps.values()].every((stream) => matchesTiming(stream, timing));
}
