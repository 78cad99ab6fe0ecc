/** The planes of a ramp that are made when they are first asked for: decoded samples and flags of the reads. */
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { areFinite } from "../kernels/image/marks.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { StepError } from "../errors.js";
import { DQ } from "./dq.js";
import type { Correction, Ramp, RawSamples } from "./kinds.js";

/** Pixels of one group of the rows held here. */
export const planeSize = (ramp: Ramp): number => ramp.nx * ramp.ny;

/** Rows that are needed of those held here. */
export const neededRows = ({ ny, needed }: Ramp): { from: number; to: number } =>
  needed ?? { from: 0, to: ny };

/** Their pixels. */
export function neededPixels(ramp: Ramp): { from: number; to: number } {
  const { from, to } = neededRows(ramp);
  return { from: from * ramp.nx, to: to * ramp.nx };
}

/** Has `samples` make a correction: several are made together, while a cache holds the samples. */
export function correct(ramp: Ramp, correction: Correction): void {
  const { raw, sci, corrections } = ramp.waiting ?? { ...ramp, corrections: [] };
  ramp.quantum = quantumOf(ramp);
  ramp.waiting = { raw, sci, corrections: [...corrections, correction] };
  ramp.raw = ramp.sci = null;
}

/** Pixels that are corrected at a time: with coefficients and a dark they fit a second-level cache. */
const PIECE_PIXELS = 32_768;

/**
 * Samples in DN, [nints][ngroups][ny][nx], in the rows that are needed: decoded and corrected once, then `ramp.raw` is gone
 * and `ramp.sci` is what counts.
 */
export function samples(ramp: Ramp, alloc: Alloc): Float32Array {
  if (ramp.sci) return ramp.sci;
  const { raw, sci, corrections } = ramp.waiting ?? { raw: ramp.raw, sci: null, corrections: [] };
  const { nx, nints, ngroups } = ramp;
  const n = planeSize(ramp);
  const { from, to } = neededRows(ramp);
  const made = sci ?? rawF32(alloc, nints * ngroups * n);
  const height = Math.max(1, Math.floor(PIECE_PIXELS / nx));
  const work = (y: number, integration: number, group: number): void => {
    const plane = (integration * ngroups + group) * n;
    const at = plane + y * nx;
    const part = made.subarray(at, plane + Math.min(to, y + height) * nx);
    for (const correction of corrections) correction(part, { integration, group, from: y * nx, at });
  };
  if (sci) {
    for (let y = from; y < to; y += height)
      for (let g = 0; g < ngroups; g++) for (let i = 0; i < nints; i++) work(y, i, g);
  } else if (raw) {
    const { bitpix, bscale, bzero, blank, absent } = raw;
    const width = Math.abs(bitpix) / 8;
    const bytesOf = planeReader(raw, n * width, alloc);
    for (let g = 0; g < ngroups; g++)
      for (let i = 0; i < nints; i++) {
        const plane = i * ngroups + g;
        const bytes = bytesOf(plane);
        for (let y = from; y < to; y += height) {
          const [first, end] = [y * nx, Math.min(to, y + height) * nx];
          const part = made.subarray(plane * n + first, plane * n + end);
          if (absent?.[plane]) part.fill(NaN);
          else decodeFloat32(part, bytes.subarray(first * width, end * width), bitpix, bscale, bzero, blank);
          if (mayHaveGaps(raw)) dropGaps(ramp, made, plane * n + first, plane * n + end, alloc);
          work(y, i, g);
        }
      }
  } else throw new StepError("cannot read the samples of a ramp: it has neither raw nor decoded ones");
  ramp.quantum = quantumOf(ramp);
  ramp.sci = made;
  ramp.raw = ramp.waiting = null;
  return made;
}

/** Samples that may be no numbers: floats, or integers of which one stands for "none". */
export const mayHaveGaps = ({ bitpix, blank }: Pick<RawSamples, "bitpix" | "blank">): boolean =>
  bitpix < 0 || blank !== null;

/**
 * A sample that isn't a finite number (NaN, ±Infinity, BLANK) is no sample: NaN, and DO_NOT_USE in that read alone. Said here,
 * it holds for every step and every way to fit. Looks at the places [from, to) of all samples.
 */
export function dropGaps(
  ramp: Pick<Ramp, "groupdq">,
  sci: Float32Array,
  from: number,
  to: number,
  alloc: Alloc,
): void {
  if (areFinite(sci.subarray(from, to))) return;
  const flags = (ramp.groupdq ??= alloc.u8(sci.length));
  for (let i = from; i < to; i++) {
    if (Number.isFinite(sci[i]!)) continue;
    sci[i] = NaN;
    flags[i]! |= DQ.DO_NOT_USE;
  }
}

/** Planes one by one, each until the next: read here where they are still in the file. */
function planeReader(raw: RawSamples, size: number, alloc: Alloc): (plane: number) => Uint8Array {
  const { readPlane } = raw;
  if (!readPlane) return (plane) => raw.bytes.subarray(plane * size, (plane + 1) * size);
  const into = alloc.raw(size);
  return (plane) => {
    readPlane(plane, into);
    return into;
  };
}

/** Samples whose sums are exact in integers: as a 16-bit detector writes them, signed or not. */
export const isInt16 = ({ bitpix, bscale, bzero, blank }: Omit<RawSamples, "bytes" | "readPlane">): boolean =>
  bitpix === 16 &&
  bscale === 1 &&
  blank === null &&
  Number.isInteger(bzero) &&
  Math.abs(bzero) < LARGEST_ZERO;

/** Samples that float32 may round, and float64 sums of which are exact. */
export const isInt32 = ({
  bitpix,
  bscale,
  bzero,
  blank,
}: Pick<RawSamples, "bitpix" | "bscale" | "bzero" | "blank">): boolean =>
  bitpix === 32 && bscale === 1 && blank === null && Number.isInteger(bzero);

/** Raw int32 samples in this machine's order, [nints][ngroups][ny][nx], without BZERO. */
export function integers(ramp: Ramp, raw: RawSamples, alloc: Alloc): Int32Array {
  const n = planeSize(ramp);
  const made = rawU32(alloc, ramp.nints * ramp.ngroups * n);
  const bytesOf = planeReader(raw, 4 * n, alloc);
  for (let plane = 0; plane * n < made.length; plane++)
    decodeUint32(made.subarray(plane * n, (plane + 1) * n), bytesOf(plane), 32, 0);
  return new Int32Array(made.buffer, made.byteOffset, made.length);
}

/** 2²³: a sample and such a zero point have a float32 sum without rounding. */
const LARGEST_ZERO = 8_388_608;

/** Flags of the reads, [nints][ngroups][ny][nx]; the plane of zeros that stands for "every read is good" until then. */
export function groupFlags(ramp: Ramp, alloc: Alloc): Uint8Array {
  // corrections may look at the flags: they are made before these change
  if (ramp.waiting) samples(ramp, alloc);
  return (ramp.groupdq ??= alloc.u8(ramp.nints * ramp.ngroups * planeSize(ramp)));
}

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
