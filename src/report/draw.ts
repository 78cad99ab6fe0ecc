/** A picture of one HDU of a file, read in strips. */
import { FitsError } from "../errors.js";
import { describeHdu, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { medianOf } from "../kernels/image/select.js";
import { openQuicklook, type Picture, type QuicklookOptions } from "./quicklook.js";

/**
 * What of a stack is drawn: one plane, the last minus the first, which is what was exposed between two reads, or the
 * planes [from, to) made into one.
 */
export type Shown = { plane: number } | "last - first" | { collapse: Collapse; from: number; to: number };

export const collapses = ["mean", "median", "sum"] as const;
export type Collapse = (typeof collapses)[number];

/** Pixels of a strip. */
const STRIP = 1 << 20;

/** SCI, DATA, else the first image with two axes or more. */
export function scienceHdu(file: FitsFile): Hdu {
  const found =
    file.hdu("SCI") ??
    file.hdu("DATA") ??
    file.hdus.find(({ image }) => (image?.axes.length ?? 0) >= 2 && image!.axes.every((n) => n > 0));
  if (found) return found;
  throw new FitsError(`cannot draw: ${file.path} — it holds no image`, {
    hint: `iris fits info ${file.path}`,
  });
}

export const planesOf = (hdu: Hdu): number =>
  (hdu.image?.axes.slice(2) ?? []).reduce((product, n) => product * n, 1);

/** @throws FitsError when the HDU is no image or the file is short. */
export function drawHdu(file: FitsFile, hdu: Hdu, shown: Shown, options: QuicklookOptions): Picture {
  const [nx, ny] = sizeOf(file, hdu);
  const quicklook = openQuicklook({ nx, ny, ...options });
  const flags = flagsOf(file, hdu);
  const rows = Math.max(1, Math.floor(STRIP / nx));
  const strip = new Float32Array(rows * nx);
  const dq = flags ? new Uint32Array(rows * nx) : null;
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const n = Math.min(rows, ny - y0);
    const sci = strip.subarray(0, n * nx);
    readShown(sci, file, hdu, shown, y0, n);
    const bad = dq?.subarray(0, n * nx) ?? null;
    if (bad) readFlags(bad, file, flags!, 0, y0, n);
    quicklook.addRows(y0, n, sci, bad);
  }
  return quicklook.picture();
}

/** A plane whole, with its flags. */
export interface Frame {
  nx: number;
  ny: number;
  sci: Float32Array;
  /** From the ERR of the same size; null where there is none. */
  err: Float32Array | null;
  dq: Uint32Array | null;
}

/** @throws FitsError when the HDU is no image or the file is short. */
export function readFrame(file: FitsFile, hdu: Hdu, shown: Shown): Frame {
  const [nx, ny] = sizeOf(file, hdu);
  const sci = new Float32Array(nx * ny);
  const rows = Math.max(1, Math.floor(STRIP / nx));
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const n = Math.min(rows, ny - y0);
    readShown(sci.subarray(y0 * nx, (y0 + n) * nx), file, hdu, shown, y0, n);
  }
  const flags = flagsOf(file, hdu);
  const dq = flags ? new Uint32Array(nx * ny) : null;
  if (dq) readFlags(dq, file, flags!, 0, 0, ny);
  const errors = planesOf(hdu) === 1 ? siblingOf(file, hdu, ["ERR"]) : undefined;
  const err = errors ? new Float32Array(nx * ny) : null;
  if (err) readStrip(err, file, errors!, 0, 0, ny);
  return { nx, ny, sci, err, dq };
}

/** Rows of one plane of a stack, with errors and flags where these are stacks of the same planes. */
export interface Channel {
  nx: number;
  sci: Float32Array;
  err: Float32Array | null;
  dq: Uint32Array | null;
}

/** Rows [y0, y0 + ny) of every plane; what is given is overwritten by the next. */
export function* channelsOf(file: FitsFile, hdu: Hdu, y0: number, ny: number): Generator<Channel> {
  const [nx] = sizeOf(file, hdu);
  const planes = planesOf(hdu);
  const alike = (found: Hdu | undefined): Hdu | undefined =>
    found && planesOf(found) === planes ? found : undefined;
  const [errors, flags] = [alike(siblingOf(file, hdu, ["ERR"])), alike(flagsOf(file, hdu))];
  const sci = new Float32Array(nx * ny);
  const err = errors ? new Float32Array(nx * ny) : null;
  const dq = flags ? new Uint32Array(nx * ny) : null;
  for (let plane = 0; plane < planes; plane++) {
    readStrip(sci, file, hdu, plane, y0, ny);
    if (err) readStrip(err, file, errors!, plane, y0, ny);
    if (dq) readFlags(dq, file, flags!, plane, y0, ny);
    yield { nx, sci, err, dq };
  }
}

function sizeOf(file: FitsFile, hdu: Hdu): [number, number] {
  const [nx, ny] = hdu.image?.axes ?? [];
  if (nx && ny) return [nx, ny];
  throw new FitsError(`cannot draw: ${describeHdu(file, hdu)} — it holds no image of two axes`, {
    hint: `iris fits info ${file.path}`,
  });
}

/** Rows of what is shown; what isn't finite in one of the planes that are collapsed is passed over. */
function readShown(out: Float32Array, file: FitsFile, hdu: Hdu, shown: Shown, y0: number, n: number): void {
  if (shown === "last - first") {
    readStrip(out, file, hdu, planesOf(hdu) - 1, y0, n);
    const first = new Float32Array(out.length);
    readStrip(first, file, hdu, 0, y0, n);
    for (let i = 0; i < out.length; i++) out[i]! -= first[i]!;
  } else if ("plane" in shown) readStrip(out, file, hdu, shown.plane, y0, n);
  else if (shown.collapse === "median") readMedian(out, file, hdu, shown.from, shown.to, y0, n);
  else {
    const plane = new Float32Array(out.length);
    const count = new Uint32Array(out.length);
    out.fill(0);
    for (let z = shown.from; z < shown.to; z++) {
      readStrip(plane, file, hdu, z, y0, n);
      for (let i = 0; i < out.length; i++)
        if (plane[i]! - plane[i]! === 0) {
          out[i]! += plane[i]!;
          count[i]!++;
        }
    }
    for (let i = 0; i < out.length; i++)
      out[i] = count[i] === 0 ? NaN : shown.collapse === "sum" ? out[i]! : out[i]! / count[i]!;
  }
}

/** Few rows at a time: all planes of them are held. */
function readMedian(
  out: Float32Array,
  file: FitsFile,
  hdu: Hdu,
  from: number,
  to: number,
  y0: number,
  n: number,
): void {
  const nx = out.length / n;
  const depth = to - from;
  const rows = Math.max(1, Math.min(n, Math.floor((4 * STRIP) / (nx * depth))));
  const planes = new Float32Array(rows * nx * depth);
  const values = new Float32Array(depth);
  for (let y = 0; y < n; y += rows) {
    const length = Math.min(rows, n - y) * nx;
    for (let z = 0; z < depth; z++)
      readStrip(planes.subarray(z * length, (z + 1) * length), file, hdu, from + z, y0 + y, length / nx);
    for (let i = 0; i < length; i++) {
      let m = 0;
      for (let z = 0; z < depth; z++) {
        const v = planes[z * length + i]!;
        if (v - v === 0) values[m++] = v;
      }
      out[y * nx + i] = medianOf(values, m);
    }
  }
}

/** The flag image that belongs to the science HDU: same version, same width and height. */
function flagsOf(file: FitsFile, hdu: Hdu): Hdu | undefined {
  const found = siblingOf(file, hdu, ["DQ", "PIXELDQ"]);
  return found && found.image!.bitpix > 0 ? found : undefined;
}

function siblingOf(file: FitsFile, hdu: Hdu, names: readonly string[]): Hdu | undefined {
  if (!["SCI", "DATA"].includes(hdu.name.toUpperCase())) return undefined;
  return file.hdus.find(
    ({ name, image, version }) =>
      names.includes(name.toUpperCase()) &&
      version === hdu.version &&
      image !== null &&
      image.axes[0] === hdu.image!.axes[0] &&
      image.axes[1] === hdu.image!.axes[1],
  );
}

function readStrip(out: Float32Array, file: FitsFile, hdu: Hdu, plane: number, y0: number, ny: number): void {
  const { bitpix, bscale, bzero, blank } = hdu.image!;
  const bytes = new Uint8Array((out.length * Math.abs(bitpix)) / 8);
  readRows(file, hdu, plane, y0, ny, bytes);
  decodeFloat32(out, bytes, bitpix, bscale, bzero, blank);
}

function readFlags(out: Uint32Array, file: FitsFile, hdu: Hdu, plane: number, y0: number, ny: number): void {
  const { bitpix, bzero } = hdu.image!;
  const bytes = new Uint8Array((out.length * bitpix) / 8);
  readRows(file, hdu, plane, y0, ny, bytes);
  decodeUint32(out, bytes, bitpix as 8 | 16 | 32, bzero);
}
