/** Reads the samples of exposures that aren't one array in one HDU: planes here and there, or pixel by pixel. */
import { DQ } from "../data/dq.js";
import type { Ramp, RawSamples } from "../data/kinds.js";
import type { Layout, Place } from "../data/layout.js";
import { dropGaps } from "../data/ramp.js";
import { FitsError, InputError } from "../errors.js";
import { describeHdu, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { scatterSamples } from "../kernels/transpose.js";
import { rawF32 } from "../kernels/raw.js";
import type { Band } from "./bands.js";
import { hashRows, planesOf } from "./hashes.js";
import { encodingOf, flagEncoding } from "./read-samples.js";
import { countHash, withFile, type Source } from "./source.js";

interface Window {
  nx: number;
  ny: number;
  /** Rows to read; of these `own` are hashed. */
  read: Band;
  own: Band;
}

type Laid = Pick<Ramp, "raw" | "sci" | "groupdq">;

/** Samples and read flags of the rows of `window`; flags that belong to the pixel are added to `pixeldq`. */
export function readLayout(
  source: Source,
  layout: Layout,
  window: Window,
  pixeldq: Uint32Array,
  alloc: Alloc,
): Laid {
  const laid =
    layout.order === "pixels"
      ? readPixels(source, layout, window, pixeldq, alloc)
      : readPlanes(source, layout, window, pixeldq, alloc);
  if (laid.sci) dropGaps(laid, laid.sci, 0, laid.sci.length, alloc);
  return { ...laid, groupdq: laid.groupdq?.some((flag) => flag !== 0) ? laid.groupdq : null };
}

function hduOf(file: FitsFile, index: number, nx: number, ny: number): Hdu {
  const hdu = file.hdus[index];
  if (!hdu?.image)
    throw new FitsError(`cannot read ${file.path} — HDU ${index} holds no image`, {
      hint: `iris fits info ${file.path}`,
    });
  const { axes } = hdu.image;
  if (axes[0] !== nx || axes[1] !== ny)
    throw new InputError(
      `reads of one exposure differ: ${describeHdu(file, hdu)} has ${axes.join("×")} pixels, the first ${nx}×${ny}`,
      { hint: "reduce them apart" },
    );
  return hdu;
}

/** Rows of one plane, big-endian, counted into the hash of its file. */
function readPlane(
  source: Source,
  file: FitsFile,
  hdu: Hdu,
  plane: number,
  { ny, read, own }: Window,
  into: Uint8Array,
): void {
  readRows(file, hdu, plane, read.y0, read.ny, into);
  if (!planesOf(hdu)) return;
  const rowBytes = into.length / read.ny;
  const first = (own.y0 - read.y0) * rowBytes;
  const rows = into.subarray(first, first + own.ny * rowBytes);
  countHash(source, file.path, hdu, hashRows(rows, rowBytes, plane, own.y0, own.ny, ny));
}

const sameEncoding = (a: ReturnType<typeof encodingOf>, b: ReturnType<typeof encodingOf>): boolean =>
  a.bitpix === b.bitpix && a.bscale === b.bscale && a.bzero === b.bzero && a.blank === b.blank;

function readPlanes(
  source: Source,
  layout: Layout,
  window: Window,
  pixeldq: Uint32Array,
  alloc: Alloc,
): Laid {
  const { nx, ny, read } = window;
  const { places, files } = layout;
  const pixels = nx * read.ny;
  const encoding = encodingOf(source.planes.sci);
  const width = Math.abs(encoding.bitpix) / 8;
  const isScaled = places.some((place) => place?.scale !== undefined);
  const bytes = alloc.raw((isScaled ? 1 : places.length) * pixels * width);
  const sci = isScaled ? rawF32(alloc, places.length * pixels) : null;
  const hasFlags = places.some((place) => place === null || place.dq !== undefined);
  const groupdq = hasFlags ? alloc.u8(places.length * pixels) : null;
  const words = alloc.u32(hasFlags ? pixels : 0);

  places.forEach((place, n) => {
    const own = groupdq?.subarray(n * pixels, (n + 1) * pixels);
    const into = isScaled ? bytes : bytes.subarray(n * pixels * width, (n + 1) * pixels * width);
    const floats = sci?.subarray(n * pixels, (n + 1) * pixels);
    if (place === null) {
      floats?.fill(NaN);
      own!.fill(DQ.DO_NOT_USE);
      return;
    }
    withFile(source, files[place.file]!, (file) => {
      const hdu = hduOf(file, place.hdu, nx, ny);
      if (!sameEncoding(encodingOf(hdu), encoding))
        throw new InputError(
          `reads of one exposure differ: ${describeHdu(file, hdu)} has BITPIX ${hdu.image!.bitpix}, BSCALE ${hdu.image!.bscale}, BZERO ${hdu.image!.bzero}, the first BITPIX ${encoding.bitpix}`,
          { hint: "reduce them apart" },
        );
      readPlane(source, file, hdu, place.plane, window, into);
      if (floats) {
        decodeFloat32(floats, into, encoding.bitpix, encoding.bscale, encoding.bzero, encoding.blank);
        const scale = place.scale ?? 1;
        for (let p = 0; p < pixels; p++) floats[p]! *= scale;
      }
      if (place.dq === undefined) return;
      const flags = hduOf(file, place.dq, nx, ny);
      const { bitpix, bzero } = flagEncoding(flags);
      const mark = alloc.raw((pixels * bitpix) / 8);
      readPlane(source, file, flags, place.plane, window, mark);
      decodeUint32(words, mark, bitpix, bzero);
      spreadFlags(layout, words, own!, pixeldq);
    });
  });
  hashOthers(source, layout, window, alloc);
  return { raw: isScaled ? null : { bytes, ...encoding, ...absentOf(layout) }, sci, groupdq };
}

/** Which planes have no samples, where there are such. */
const absentOf = ({ places }: Layout): Pick<RawSamples, "absent"> =>
  places.includes(null) ? { absent: Uint8Array.from(places, (place) => (place === null ? 1 : 0)) } : {};

/** Flags of one read to those of the read and those of the pixel. */
function spreadFlags({ flags }: Layout, words: Uint32Array, group: Uint8Array, pixel: Uint32Array): void {
  for (let p = 0; p < words.length; p++) {
    const word = words[p]!;
    if (word === 0) continue;
    if (!flags) {
      group[p]! |= word & 0xff;
      pixel[p]! |= word & ~0xff;
      continue;
    }
    for (const { mask, group: own, pixel: whole } of flags)
      if ((word & mask) !== 0) {
        group[p]! |= own;
        pixel[p]! |= whole;
      }
  }
}

/** Planes that were left out belong to the hash of their file all the same: they are read for it here. */
function hashOthers(source: Source, layout: Layout, window: Window, alloc: Alloc): void {
  const used = new Map<string, { place: Place; hdu: number; planes: Set<number> }>();
  for (const place of layout.places) {
    if (place === null) continue;
    for (const hdu of [place.hdu, place.dq])
      if (hdu !== undefined) {
        const key = `${place.file} ${hdu}`;
        const known = used.get(key);
        if (known) known.planes.add(place.plane);
        else used.set(key, { place, hdu, planes: new Set([place.plane]) });
      }
  }
  for (const { place, hdu: index, planes } of used.values()) {
    if (layout.files.length > 1 && planes.size === 1) continue;
    withFile(source, layout.files[place.file]!, (file) => {
      const hdu = file.hdus[index]!;
      const all = hdu.image!.axes.slice(2).reduce((a, b) => a * b, 1);
      if (all === planes.size) return;
      const into = alloc.raw((window.nx * window.read.ny * Math.abs(hdu.image!.bitpix)) / 8);
      for (let plane = 0; plane < all; plane++)
        if (!planes.has(plane)) readPlane(source, file, hdu, plane, window, into);
    });
  }
}

/** Samples of HDU `index` whose reads lie together, as planes in the order of the layout's places. */
function gatherPixels(
  source: Source,
  { places }: Layout,
  index: number,
  { nx, read }: Window,
  alloc: Alloc,
): { bytes: Uint8Array; hdu: Hdu } {
  const { file } = source;
  const hdu = file.hdus[index]!;
  const [first, second] = hdu.image!.axes as [number, number];
  const depth = first * second;
  const width = Math.abs(hdu.image!.bitpix) / 8;
  const slots = Int32Array.from(places, (place) => place?.plane ?? 0);
  const bytes = alloc.raw(places.length * nx * read.ny * width);
  const row = alloc.raw(nx * depth * width);
  for (let y = 0; y < read.ny; y++) {
    const pixel = (read.y0 + y) * nx;
    if (hdu.tiles)
      for (let x = 0; x < nx; x++)
        readRows(file, hdu, pixel + x, 0, second, row.subarray(x * depth * width, (x + 1) * depth * width));
    else file.readBytes(hdu.dataStart + pixel * depth * width, row);
    scatterSamples(bytes, row, { width, nx, ny: read.ny, y, depth, slots });
  }
  return { bytes, hdu };
}

/** The hash of these HDUs isn't made of rows: it is computed at the end of the run. */
function readPixels(
  source: Source,
  layout: Layout,
  window: Window,
  pixeldq: Uint32Array,
  alloc: Alloc,
): Laid {
  const { places } = layout;
  const pixels = window.nx * window.read.ny;
  const first = places.find((place) => place !== null)!;
  const { bytes, hdu } = gatherPixels(source, layout, first.hdu, window, alloc);
  const missing = places.flatMap((place, n) => (place === null ? [n] : []));
  const groupdq = missing.length > 0 || first.dq !== undefined ? alloc.u8(places.length * pixels) : null;
  if (first.dq !== undefined) {
    const flags = gatherPixels(source, layout, first.dq, window, alloc);
    const { bitpix, bzero } = flagEncoding(flags.hdu);
    const words = alloc.u32(pixels);
    const plane = (pixels * bitpix) / 8;
    for (let n = 0; n < places.length; n++) {
      decodeUint32(words, flags.bytes.subarray(n * plane, (n + 1) * plane), bitpix, bzero);
      spreadFlags(layout, words, groupdq!.subarray(n * pixels, (n + 1) * pixels), pixeldq);
    }
  }
  for (const n of missing) groupdq!.fill(DQ.DO_NOT_USE, n * pixels, (n + 1) * pixels);
  return { raw: { bytes, ...encodingOf(hdu), ...absentOf(layout) }, sci: null, groupdq };
}
