/** Reads references: each file is opened once per thread, and the rows under those of an exposure are read. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readArrays } from "../data/asdf.js";
import { columnsOfFits, columnsOfJson, columnsOfText } from "../data/columns.js";
import { translateFlags } from "../data/dq-def.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Layout } from "../data/layout.js";
import type { RawSamples, Reference } from "../data/kinds.js";
import type { Rectangle } from "../data/parts.js";
import { cutOf, placeOf } from "../data/subarray.js";
import { CalibrationError } from "../errors.js";
import { keywordsOf, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import { readFacts, recognise } from "../instruments/index.js";
import type { Alloc } from "../kernels/alloc.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { scatterSamples } from "../kernels/transpose.js";
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
  /** How the planes of `sci` lie. */
  order: Layout["order"];
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
    order: sci?.image!.axes.length === 3 ? orderOf(file) : "planes",
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

/** By the instrument that the reference names. */
function orderOf(file: FitsFile): Layout["order"] {
  const facts = readFacts(file);
  return recognise(facts.header)?.referenceOrder?.(facts) ?? "planes";
}

/** Columns, rows and planes of the images of a reference. */
export function sizeOfReference({ sci, dq, order }: ReferenceSource): ReturnType<typeof sizeOf> {
  if (!sci || order === "planes") return sizeOf((sci ?? dq)!);
  const [planes, nx, ny] = sci.image!.axes as [number, number, number];
  return { nx, ny, planes };
}

/** Whether a table is text, by its name. */
export const isTextTable = (path: string): boolean => /\.(csv|ecsv|tsv|txt|dat|json)$/i.test(path);

/** A reference without planes. */
const nothing = (path: string): Reference => ({
  ...{ name: basename(path), header: {}, nx: 0, ny: 0, y0: 0, nz: 0 },
  ...{ sci: new Float32Array(0), err: null, dq: null },
});

/** A table that calibrates: FITS, or text. @throws CalibrationError, FitsError */
export function readTableReference(path: string): Reference {
  const none = nothing(path);
  if (isTextTable(path)) {
    const columnsOf = /\.json$/i.test(path) ? columnsOfJson : columnsOfText;
    return { ...none, table: columnsOf(readFileSync(path, "utf8"), path) };
  }
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
  const size = sizeOfReference(reference);
  return readReference(reference, exposure, size, { y0: 0, ny: size.ny }, alloc);
}

/** A rectangle of a plane. */
function readPlaneRows(file: FitsFile, hdu: Hdu, plane: number, part: Rectangle, into: Uint8Array): void {
  const { nx } = sizeOf(hdu);
  if (part.nx === nx) {
    readRows(file, hdu, plane, part.y0, part.ny, into);
    return;
  }
  const width = Math.abs(encodingOf(hdu).bitpix) / 8;
  const full = new Uint8Array(part.ny * nx * width);
  readRows(file, hdu, plane, part.y0, part.ny, full);
  for (let i = 0; i < part.ny; i++) {
    const from = (i * nx + part.x0) * width;
    into.set(full.subarray(from, from + part.nx * width), i * part.nx * width);
  }
}

/** A rectangle of some planes, [planes][ny][nx], of an image whose pixels have all their values together. */
function readPixels(file: FitsFile, hdu: Hdu, part: Rectangle, planes: Int32Array, into: Uint8Array): void {
  const { nx, ny } = part;
  const depth = hdu.image!.axes[0]!;
  const width = Math.abs(encodingOf(hdu).bitpix) / 8;
  const row = new Uint8Array(nx * depth * width);
  for (let y = 0; y < ny; y++) {
    readRows(file, hdu, part.y0 + y, part.x0, nx, row);
    scatterSamples(into, row, { width, nx, ny, y, depth, slots: planes });
  }
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
  const whole = sizeOfReference(reference);
  const cut = rectangleIn(exposure, size, {
    name: reference.name,
    nx: whole.nx,
    ny: whole.ny,
    header: reference.header,
  });
  /** Rows of planes from row `y` of those read on, [planes][rows][nx]. */
  const readPart = (hdu: Hdu, planes: Int32Array, y: number, into: Uint8Array): void => {
    const width = Math.abs(encodingOf(hdu).bitpix) / 8;
    const length = into.length / planes.length;
    const part = { ...cut, y0: cut.y0 + read.y0 + y, ny: length / (size.nx * width) };
    if (hdu === reference.sci && reference.order === "pixels") {
      readPixels(reference.file, hdu, part, planes, into);
      return;
    }
    planes.forEach((plane, k) => {
      readPlaneRows(reference.file, hdu, plane, part, into.subarray(k * length, (k + 1) * length));
    });
  };
  const part = (hdu: Hdu): { bytes: Uint8Array; samples: number; encoding: Omit<RawSamples, "bytes"> } => {
    const encoding = encodingOf(hdu);
    const { planes } = hdu === reference.sci ? whole : sizeOf(hdu);
    const width = Math.abs(encoding.bitpix) / 8;
    const bytes = alloc.raw(planes * read.ny * size.nx * width);
    const every = Int32Array.from({ length: planes }, (_, plane) => plane);
    readPart(hdu, every, 0, bytes);
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
      readPart(hdu, Int32Array.of(plane), from / size.nx, bytes);
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
    nz: reference.sci ? whole.planes : 1,
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
