/** Weighted sums of reads made while they are read: as many at a time as stay in the cache. */
import type { Alloc } from "../alloc.js";
import { dot16 } from "./sums.js";

/** Bytes of reads that are summed together: eight of a band. The sums are gone through once for so many. */
const TOGETHER = 2_100_000;
/** Planes that lie a power of two apart would drive each other out of the cache. */
const APART = 192;
/** Σ|w| of what `dot16` sums at once. */
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

  let [count, sum, first] = [0, 0, true];
  const add = () => {
    // an even number is wanted: a plane of weight 0 says nothing
    if (count % 2 === 1) held[count++] = 0;
    dot16(out, planes, 0, offsets.subarray(0, count), held.subarray(0, count), !first);
    [count, sum, first] = [0, 0, false];
  };
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]!;
    if (w === 0) continue;
    if (count === most || sum + Math.abs(w) > LARGEST_SUM) add();
    read(k, planes.subarray(count * stride, count * stride + size));
    held[count++] = w;
    sum += Math.abs(w);
  }
  if (count > 0) add();
  else if (first) out.fill(0);
}
