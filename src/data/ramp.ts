/** The planes of a ramp that are made when they are first asked for: decoded samples and flags of the reads. */
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32 } from "../kernels/decode.js";
import { rawF32 } from "../kernels/raw.js";
import { StepError } from "../errors.js";
import type { Ramp, RawSamples } from "./kinds.js";

/** Pixels of one group of the rows held here. */
export const planeSize = (ramp: Ramp): number => ramp.nx * ramp.ny;

/** Samples in DN, [nints][ngroups][ny][nx]: decoded once, then `ramp.raw` is gone and `ramp.sci` is what counts. */
export function samples(ramp: Ramp, alloc: Alloc): Float32Array {
  if (ramp.sci) return ramp.sci;
  if (!ramp.raw)
    throw new StepError("cannot read the samples of a ramp: it has neither raw nor decoded ones");
  const { bytes, bitpix, bscale, bzero, blank } = ramp.raw;
  const length = ramp.nints * ramp.ngroups * planeSize(ramp);
  const sci = rawF32(alloc, length);
  decodeFloat32(sci, bytes, bitpix, bscale, bzero, blank);
  ramp.quantum = quantumOf(ramp);
  ramp.sci = sci;
  ramp.raw = null;
  return sci;
}

/** Samples whose sums are exact in integers: as a 16-bit detector writes them, signed or not. */
export const isInt16 = ({ bitpix, bscale, bzero, blank }: Omit<RawSamples, "bytes" | "readPlane">): boolean =>
  bitpix === 16 &&
  bscale === 1 &&
  blank === null &&
  Number.isInteger(bzero) &&
  Math.abs(bzero) < LARGEST_ZERO;

/** 2²³: a sample and such a zero point have a float32 sum without rounding. */
const LARGEST_ZERO = 8_388_608;

/** Flags of the reads, [nints][ngroups][ny][nx]; the plane of zeros that stands for "every read is good" until then. */
export const groupFlags = (ramp: Ramp, alloc: Alloc): Uint8Array =>
  (ramp.groupdq ??= alloc.u8(ramp.nints * ramp.ngroups * planeSize(ramp)));

/** Changes the zero frame of each ramp, [ny][nx] at a time; 0 says that a pixel has none, and stays. */
export function changeZeroframes(ramp: Ramp, change: (plane: Float32Array, ramp: number) => void): void {
  const { zeroframe } = ramp;
  if (!zeroframe) return;
  const plane = planeSize(ramp);
  for (let i = 0; i < ramp.nints; i++) {
    const own = zeroframe.subarray(i * plane, (i + 1) * plane);
    const had = Uint8Array.from(own, (value) => (value === 0 ? 0 : 1));
    change(own, i);
    for (let p = 0; p < plane; p++) if (had[p] === 0) own[p] = 0;
  }
}

/** Bytes of decoded samples and flags in a strip of rows that a step looks at before the bands. */
const STRIP_BYTES = 100_000_000;
const MOST_ROWS = 64;

/** The whole frame in strips of rows, few enough for all `ngroups` groups of them to be in memory. */
export function stripsOf(
  { nx, ny }: { nx: number; ny: number },
  ngroups: number,
): { y0: number; ny: number }[] {
  const rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(STRIP_BYTES / (9 * nx * ngroups))));
  return Array.from({ length: Math.ceil(ny / rows) }, (_, i) => ({
    y0: i * rows,
    ny: Math.min(rows, ny - i * rows),
  }));
}

/** DN between neighbouring values of the digitised samples; 0 when they were floating-point numbers from the start. */
export const quantumOf = ({ raw, quantum }: Ramp): number =>
  raw && raw.bitpix > 0 ? Math.abs(raw.bscale) : (quantum ?? 0);
