/** Weighted sums of reads made while they are read: as many at a time as stay in the cache. */
import type { Alloc } from "../alloc.js";
import { rawI32 } from "../raw.js";
import { dot16, widenSums } from "./sums.js";

/** Bytes of reads that are summed together: eight of a band. */
const TOGETHER = 2_100_000;
/** Planes that lie a power of two apart would drive each other out of the cache. */
const APART = 192;
/** Σ|w| of what fits the sums of `dot16`. */
const LARGEST_SUM = 65535;

/**
 * out[p] = Σ_k weights[k]·s_k[p], where `read(k, into)` gives the plane s_k as big-endian int16. The weights are integers
 * of sum 0; reads without weight aren't asked for.
 */
export function sumReads(
  out: Float64Array,
  weights: Float64Array,
  alloc: Alloc,
  read: (k: number, into: Uint8Array) => void,
): void {
  const size = 2 * out.length;
  const stride = size + APART;
  const most = 2 * Math.max(1, Math.min(Math.ceil(weights.length / 2), Math.floor(TOGETHER / stride / 2)));
  const planes = alloc.raw(most * stride);
  const offsets = alloc.u32(most);
  for (let j = 0; j < most; j++) offsets[j] = j * stride;
  const { buffer, byteOffset } = alloc.raw(2 * most);
  const held = new Int16Array(buffer, byteOffset, most);

  const sums = rawI32(alloc, out.length);

  let [count, weight, summed, widened] = [0, 0, false, false];
  const add = () => {
    if (count === 0) return;
    // an even number is wanted: a plane of weight 0 says nothing
    if (count % 2 === 1) held[count++] = 0;
    dot16(sums, planes, 0, offsets.subarray(0, count), held.subarray(0, count), summed);
    [count, summed] = [0, true];
  };
  const widen = () => {
    add();
    if (summed) widenSums(out, sums, widened);
    [weight, summed, widened] = [0, false, widened || summed];
  };
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]!;
    if (w === 0) continue;
    if (weight + Math.abs(w) > LARGEST_SUM) widen();
    if (count === most) add();
    read(k, planes.subarray(count * stride, count * stride + size));
    held[count++] = w;
    weight += Math.abs(w);
  }
  widen();
  if (!widened) out.fill(0);
}
