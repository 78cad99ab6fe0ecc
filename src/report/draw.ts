/** A picture of one HDU of a file, read in strips. */
import { FitsError } from "../errors.js";
import { describeHdu, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { openQuicklook, type Picture, type QuicklookOptions } from "./quicklook.js";

/** What of a stack is drawn: one plane, or the last minus the first, which is what was exposed between two reads. */
export type Shown = { plane: number } | "last - first";

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
  const [nx, ny] = hdu.image?.axes ?? [];
  if (!nx || !ny)
    throw new FitsError(`cannot draw: ${describeHdu(file, hdu)} — it holds no image of two axes`, {
      hint: `iris fits info ${file.path}`,
    });
  const quicklook = openQuicklook({ nx, ny, ...options });
  const flags = flagsOf(file, hdu);
  const rows = Math.max(1, Math.floor(STRIP / nx));
  const strip = { sci: new Float32Array(rows * nx), first: new Float32Array(rows * nx) };
  const dq = flags ? new Uint32Array(rows * nx) : null;
  for (let y0 = 0; y0 < ny; y0 += rows) {
    const n = Math.min(rows, ny - y0);
    const sci = strip.sci.subarray(0, n * nx);
    readStrip(sci, file, hdu, shown === "last - first" ? planesOf(hdu) - 1 : shown.plane, y0, n);
    if (shown === "last - first") {
      const first = strip.first.subarray(0, n * nx);
      readStrip(first, file, hdu, 0, y0, n);
      for (let i = 0; i < sci.length; i++) sci[i]! -= first[i]!;
    }
    const bad = dq?.subarray(0, n * nx) ?? null;
    if (bad) readFlags(bad, file, flags!, y0, n);
    quicklook.addRows(y0, n, sci, bad);
  }
  return quicklook.picture();
}

/** The flag image that belongs to the science HDU: same version, same width and height. */
function flagsOf(file: FitsFile, hdu: Hdu): Hdu | undefined {
  if (!["SCI", "DATA"].includes(hdu.name.toUpperCase())) return undefined;
  return file.hdus.find(
    ({ name, image, version }) =>
      ["DQ", "PIXELDQ"].includes(name.toUpperCase()) &&
      version === hdu.version &&
      image !== null &&
      image.bitpix > 0 &&
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

function readFlags(out: Uint32Array, file: FitsFile, hdu: Hdu, y0: number, ny: number): void {
  const { bitpix, bzero } = hdu.image!;
  const bytes = new Uint8Array((out.length * bitpix) / 8);
  readRows(file, hdu, 0, y0, ny, bytes);
  decodeUint32(out, bytes, bitpix as 8 | 16 | 32, bzero);
}
