/** Reads references: each file is opened once per thread, and the rows under those of an exposure are read. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readArrays } from "../data/asdf.js";
import { columnsOfFits, columnsOfText } from "../data/columns.js";
import { translateFlags } from "../data/dq-def.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { RawSamples, Reference } from "../data/kinds.js";
import type { Rectangle } from "../data/parts.js";
import { cutOf, placeOf } from "../data/subarray.js";
import { CalibrationError } from "../errors.js";
import { keywordsOf, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import type { Band } from "./bands.js";
import { isMask, openFile, toErrors, uncertaintyOf } from "./inputs.js";
import { encodingOf, flagEncoding, sizeOf } from "./read-samples.js";

/** An open reference and the part of it that an exposure needs. */
export interface ReferenceSource {
  file: FitsFile;
  name: string;
  sci: Hdu | null;
  err: Hdu | null;
  dq: Hdu | null;
  /** The first table of a file without images. */
  table: Hdu | null;
  header: Keywords;
  /** The file's own bit of each flag → ours; null when they agree. */
  translate: ((flags: Uint32Array) => void) | null;
}

export function openReference(path: string): ReferenceSource {
  const file = openFile(path);
  const images = file.hdus.filter((hdu) => hdu.image !== null && hdu.image.axes.length >= 2);
  const named = (...names: string[]) => images.find((hdu) => names.includes(hdu.name.toUpperCase())) ?? null;
  const dq = named("DQ") ?? images.find(isMask) ?? null;
  const sci = named("SCI", "DATA", "COEFFS") ?? images.find((hdu) => hdu !== dq) ?? null;
  const header = { ...keywordsOf(file.hdus[0]!.header), ...(sci ? keywordsOf(sci.header) : {}) };
  return {
    file,
    name: basename(path),
    sci,
    err: named("ERR", "UNCERT"),
    dq,
    table:
      images.length > 0
        ? null
        : (file.hdus.find(({ type }) => type === "bintable" || type === "table") ?? null),
    header,
    translate: dq && translateFlags(file),
  };
}

/** Whether a table is text, by its name. */
export const isTextTable = (path: string): boolean => /\.(csv|ecsv|tsv|txt|dat)$/i.test(path);

/** A reference without planes. */
const nothing = (path: string): Reference => ({
  ...{ name: basename(path), header: {}, nx: 0, ny: 0, y0: 0, nz: 0 },
  ...{ sci: new Float32Array(0), err: null, dq: null },
});

/** A table that calibrates: FITS, or text. @throws CalibrationError, FitsError */
export function readTableReference(path: string): Reference {
  const none = nothing(path);
  if (isTextTable(path)) return { ...none, table: columnsOfText(readFileSync(path, "utf8"), path) };
  const file = openFile(path);
  try {
    return { ...none, header: keywordsOf(file.hdus[0]!.header), table: columnsOfFits(file) };
  } finally {
    file.close();
  }
}

/** Whether a reference is an ASDF file, by its name. */
export const isAsdf = (path: string): boolean => /\.asdf$/i.test(path);

/** Arrays that calibrate, in an ASDF file. @throws CalibrationError */
export const readArrayReference = (path: string): Reference => ({
  ...nothing(path),
  arrays: readArrays(readFileSync(path), basename(path)),
});

/** Where an exposure's pixels lie in a reference. Throws CalibrationError when it doesn't cover them. */
export function rectangleIn(
  exposure: Exposure,
  size: { nx: number; ny: number },
  reference: { name: string; nx: number; ny: number; header: Keywords },
): Rectangle {
  if (reference.nx === size.nx && reference.ny === size.ny) return { x0: 0, y0: 0, ...size };
  if (exposure.subarray.name === "FULL")
    throw new CalibrationError(
      `${reference.name} has ${reference.nx}×${reference.ny} pixels, the full frame ${size.nx}×${size.ny}`,
    );
  return cutOf(
    { ...exposure.subarray, ...size },
    placeOf(reference.header, reference.nx, reference.ny),
    reference.name,
  );
}

/** All of a reference that isn't a map of the detector. */
export function readWholeReference(reference: ReferenceSource, exposure: Exposure, alloc: Alloc): Reference {
  const size = sizeOf((reference.sci ?? reference.dq)!);
  return readReference(reference, exposure, size, { y0: 0, ny: size.ny }, alloc);
}

/** The rows of a reference under the rows `read` of an exposure of `size`; its planes one by one where `apart`. */
export function readReference(
  reference: ReferenceSource,
  exposure: Exposure,
  size: { nx: number; ny: number },
  read: Band,
  alloc: Alloc,
  apart = false,
): Reference {
  const anchor = (reference.sci ?? reference.dq)!;
  const whole = sizeOf(anchor);
  const cut = rectangleIn(exposure, size, {
    name: reference.name,
    nx: whole.nx,
    ny: whole.ny,
    header: reference.header,
  });
  /** Rows of a plane from row `y` of those read on. */
  const readPart = (hdu: Hdu, plane: number, y: number, into: Uint8Array): void => {
    const width = Math.abs(encodingOf(hdu).bitpix) / 8;
    const rowBytes = size.nx * width;
    const [first, ny] = [cut.y0 + read.y0 + y, into.length / rowBytes];
    if (cut.nx === whole.nx) {
      readRows(reference.file, hdu, plane, first, ny, into);
      return;
    }
    const full = new Uint8Array(ny * whole.nx * width);
    readRows(reference.file, hdu, plane, first, ny, full);
    for (let i = 0; i < ny; i++) {
      const from = (i * whole.nx + cut.x0) * width;
      into.set(full.subarray(from, from + rowBytes), i * rowBytes);
    }
  };
  const part = (hdu: Hdu): { bytes: Uint8Array; samples: number; encoding: Omit<RawSamples, "bytes"> } => {
    const encoding = encodingOf(hdu);
    const { planes } = sizeOf(hdu);
    const width = Math.abs(encoding.bitpix) / 8;
    const length = read.ny * size.nx * width;
    const bytes = alloc.raw(planes * length);
    for (let plane = 0; plane < planes; plane++)
      readPart(hdu, plane, 0, bytes.subarray(plane * length, (plane + 1) * length));
    return { bytes, samples: bytes.length / width, encoding };
  };
  const decoded = (hdu: Hdu | null): Float32Array | null => {
    if (!hdu) return null;
    const { bytes, samples, encoding } = part(hdu);
    const out = rawF32(alloc, samples);
    decodeFloat32(out, bytes, encoding.bitpix, encoding.bscale, encoding.bzero, encoding.blank);
    return out;
  };
  const planeReader = (hdu: Hdu): NonNullable<Reference["readPlane"]> => {
    const { bitpix, bscale, bzero, blank } = encodingOf(hdu);
    const width = Math.abs(bitpix) / 8;
    let room: Uint8Array = new Uint8Array(0);
    return (plane, from, into) => {
      if (room.length < into.length * width) room = alloc.raw(into.length * width);
      const bytes = room.subarray(0, into.length * width);
      readPart(hdu, plane, from / size.nx, bytes);
      decodeFloat32(into, bytes, bitpix, bscale, bzero, blank);
    };
  };
  let dq: Uint32Array | null = null;
  if (reference.dq) {
    const { bitpix, bzero } = flagEncoding(reference.dq);
    const { bytes, samples } = part(reference.dq);
    dq = rawU32(alloc, samples);
    decodeUint32(dq, bytes, bitpix, bzero);
    reference.translate?.(dq);
  }
  const pixels = apart && reference.sci;
  return {
    name: reference.name,
    nx: size.nx,
    ny: read.ny,
    y0: read.y0,
    nz: reference.sci ? sizeOf(reference.sci).planes : 1,
    ...(pixels
      ? { sci: new Float32Array(0), readPlane: planeReader(pixels), err: null }
      : {
          sci: decoded(reference.sci) ?? new Float32Array(0),
          err: reference.err && toErrors(decoded(reference.err)!, uncertaintyOf(reference.err)),
        }),
    dq,
    header: reference.header,
  };
}
