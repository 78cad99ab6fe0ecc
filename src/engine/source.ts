/** Reads bands of exposures and references: each file is opened once per thread and read by position. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Assembly } from "../data/assembly.js";
import { columnsOfFits, columnsOfText } from "../data/columns.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Image, Ramp, RawSamples, Reference } from "../data/kinds.js";
import type { Layout } from "../data/layout.js";
import { cutOf, placeOf, type Rectangle } from "../data/subarray.js";
import { translateFlags } from "../data/dq-def.js";
import { CalibrationError, InputError } from "../errors.js";
import { keywordsOf, readImage, readRows, type FitsFile, type Hdu } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import type { Extension } from "../step/define.js";
import { decodeFloat32, decodeUint32 } from "../kernels/decode.js";
import { rawF32, rawU32 } from "../kernels/raw.js";
import { readAssembled } from "./assemble.js";
import type { Band } from "./bands.js";
import { addHashes, hashRows } from "./hashes.js";
import { axesOf, isMask, openFile, planeHdus, toErrors, uncertaintyOf, type PlaneHdus } from "./inputs.js";
import { readLayout } from "./layout.js";
import type { PlannedInput } from "./plan-types.js";

/** An open exposure, with the hashes of what was read of it so far. */
export interface Source {
  /** The exposure's first file: it gives the header. */
  file: FitsFile;
  files: readonly string[];
  /** Those of the other files that are kept open. */
  others: Map<string, FitsFile>;
  planes: PlaneHdus;
  header: Keywords;
  exposure: Exposure;
  kind: PlannedInput["kind"];
  /** NAXISn of the data: x, y, and for a ramp reads and ramps. */
  axes: readonly number[];
  layout: Layout | null;
  /** The HDUs that make the frame of an image; null: the science HDU. */
  assembly: Assembly | null;
  /** File → HDU index → sum of its leaf hashes. */
  hashes: Map<string, Map<number, bigint>>;
  /** Reads what is to be hashed of the last band and no step has asked for. */
  unread: () => void;
}

export function openSource({
  path,
  kind,
  exposure,
  layout = undefined,
  assembly = undefined,
}: Pick<PlannedInput, "path" | "kind" | "exposure" | "layout" | "assembly">): Source {
  const file = openFile(path);
  try {
    const planes = planeHdus(file, kind);
    const { axes } = planes.sci.image!;
    return {
      file,
      files: layout?.files ?? [path],
      others: new Map(),
      planes,
      header: { ...keywordsOf(file.hdus[0]!.header), ...keywordsOf(planes.sci.header) },
      exposure,
      kind,
      axes: assembly ? [assembly.nx, assembly.ny] : layout ? axesOf(layout, axes) : axes,
      layout: layout ?? null,
      assembly: assembly ?? null,
      hashes: new Map(),
      unread: nothing,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

const nothing = (): void => undefined;

/** Files of one exposure that a thread keeps open; those beyond are opened for every band. */
const MOST_OPEN = 256;
/** Bytes of unwrapped gzip files that a thread keeps. */
const MOST_UNWRAPPED = 256_000_000;

/** One file of an exposure, open for as long as `use` runs at least. */
export function withFile<T>({ file, others }: Source, path: string, use: (file: FitsFile) => T): T {
  if (path === file.path) return use(file);
  const known = others.get(path);
  if (known) return use(known);
  const opened = openFile(path);
  const unwrapped = [...others.values(), opened].reduce(
    (sum, { wrapped, size }) => sum + (wrapped ? size : 0),
    0,
  );
  const kept = others.size < MOST_OPEN && unwrapped <= MOST_UNWRAPPED;
  if (kept) others.set(path, opened);
  try {
    return use(opened);
  } finally {
    if (!kept) opened.close();
  }
}

export function closeSource({ file, others }: Source): void {
  for (const each of [file, ...others.values()]) each.close();
}

/** Adds the leaf hashes of some rows of a plane to what is known of its file. */
export function countHash(source: Source, path: string, hdu: Hdu, sum: bigint): void {
  let byHdu = source.hashes.get(path);
  if (!byHdu) source.hashes.set(path, (byHdu = new Map<number, bigint>()));
  byHdu.set(hdu.index, addHashes(byHdu.get(hdu.index) ?? 0n, sum));
}

/** File, HDU and hash of what was read since the last call; what is missing of the last band is read now. */
export function takeHashes(source: Source): [string, number, bigint][] {
  source.unread();
  source.unread = nothing;
  const { hashes } = source;
  const taken = [...hashes].flatMap(([path, byHdu]) =>
    [...byHdu].map(([hdu, sum]): [string, number, bigint] => [path, hdu, sum]),
  );
  hashes.clear();
  return taken;
}

const sizeOf = (hdu: Hdu): { nx: number; ny: number; planes: number } => {
  const [nx, ny, ...rest] = hdu.image!.axes as [number, number, ...number[]];
  return { nx, ny, planes: rest.reduce((a, b) => a * b, 1) };
};

/** Reads the rows `read` of a plane, big-endian. Returns the hash of the rows `own`. */
function readPlane(
  { file }: Source,
  hdu: Hdu,
  plane: number,
  read: Band,
  own: Band,
  into: Uint8Array,
): bigint {
  readRows(file, hdu, plane, read.y0, read.ny, into);
  const rowBytes = into.length / read.ny;
  const first = (own.y0 - read.y0) * rowBytes;
  const rows = into.subarray(first, first + own.ny * rowBytes);
  return hashRows(rows, rowBytes, plane, own.y0, own.ny, sizeOf(hdu).ny);
}

/** Big-endian samples of the rows `read` of every plane, [planes][ny][nx]; the rows of `own` are hashed. */
function readSamples(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Uint8Array {
  const { raw, finish } = unreadSamples(source, hdu, read, own, alloc);
  const { bytes } = raw;
  finish();
  return bytes;
}

/**
 * The samples of the rows `read`, read when they are asked for: a step that takes them plane by plane finds each in the
 * cache still. `finish` reads, for the hash of the rows `own`, those that no step asked for.
 */
function unreadSamples(
  source: Source,
  hdu: Hdu,
  read: Band,
  own: Band,
  alloc: Alloc,
): { raw: RawSamples; finish(): void } {
  const { nx, planes } = sizeOf(hdu);
  const encoding = encodingOf(hdu);
  const size = (read.ny * nx * Math.abs(encoding.bitpix)) / 8;
  const hashed = new Uint8Array(planes);
  let hash = 0n;
  let all: Uint8Array | null = null;
  const take = (plane: number, into: Uint8Array): void => {
    const leaf = readPlane(source, hdu, plane, read, own, into);
    if (hashed[plane] === 0) hash += leaf;
    hashed[plane] = 1;
  };
  const readAll = (): Uint8Array => {
    const bytes = alloc.raw(planes * size);
    for (let plane = 0; plane < planes; plane++)
      take(plane, bytes.subarray(plane * size, (plane + 1) * size));
    return bytes;
  };
  return {
    raw: {
      ...encoding,
      get bytes() {
        return (all ??= readAll());
      },
      readPlane: take,
    },
    finish() {
      if (own.ny === 0) return;
      if (hashed.includes(0)) {
        const into = alloc.raw(size);
        for (let plane = 0; plane < planes; plane++) if (hashed[plane] === 0) take(plane, into);
      }
      countHash(source, source.file.path, hdu, hash);
      hash = 0n;
    },
  };
}

/** Flags are integers: a float plane of that name is something else. */
export function flagEncoding(hdu: Hdu): { bitpix: 8 | 16 | 32; bzero: number } {
  const { bitpix, bzero } = encodingOf(hdu);
  if (bitpix === 8 || bitpix === 16 || bitpix === 32) return { bitpix, bzero };
  throw new InputError(
    `flags in HDU ${hdu.index} (${hdu.name}) are floats (BITPIX ${bitpix}), integers are wanted`,
  );
}

export const encodingOf = (hdu: Hdu): Omit<RawSamples, "bytes" | "readPlane"> => {
  const { bitpix, bscale, bzero, blank } = hdu.image!;
  if (bitpix === 64)
    throw new InputError(`64-bit integer pixels in HDU ${hdu.index} (${hdu.name}) can't be reduced`, {
      hint: "convert them to 32-bit integers or floats first",
    });
  return { bitpix, bscale, bzero, blank };
};

function floats(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Float32Array {
  const { bitpix, bscale, bzero, blank } = encodingOf(hdu);
  const bytes = readSamples(source, hdu, read, own, alloc);
  const n = bytes.length / (Math.abs(bitpix) / 8);
  // Samples as wide as what they become are decoded where they are.
  const out =
    Math.abs(bitpix) === 32 ? new Float32Array(bytes.buffer, bytes.byteOffset, n) : rawF32(alloc, n);
  decodeFloat32(out, bytes, bitpix, bscale, bzero, blank);
  return out;
}

function flags(source: Source, hdu: Hdu, read: Band, own: Band, alloc: Alloc): Uint32Array {
  const { bitpix, bzero } = flagEncoding(hdu);
  const bytes = readSamples(source, hdu, read, own, alloc);
  const n = bytes.length / (bitpix / 8);
  const out = bitpix === 32 ? new Uint32Array(bytes.buffer, bytes.byteOffset, n) : rawU32(alloc, n);
  decodeUint32(out, bytes, bitpix, bzero);
  return out;
}

/** The rows `read` of an exposure; of these, `own` are counted into its hash. */
export function readExposure(source: Source, read: Band, own: Band, alloc: Alloc): Ramp | Image {
  const { planes, exposure, axes, layout } = source;
  const [nx, ny, ...higher] = axes as [number, number, ...number[]];
  const depth = higher.reduce((a, b) => a * b, 1);
  if (read.y0 + read.ny > ny)
    throw new InputError(`${source.file.path} has ${ny} rows, ${read.y0 + read.ny} are needed`);
  const rows = { nx, ny: read.ny, y0: read.y0, exposure };
  const pixels = nx * read.ny;
  if (source.kind === "ramp") {
    const [ngroups = 1, nints = 1] = higher;
    const pixeldq = planes.dq ? flags(source, planes.dq, read, own, alloc) : alloc.u32(pixels);
    const quantum = typeof source.header["QUANTUM"] === "number" ? { quantum: source.header["QUANTUM"] } : {};
    if (layout) {
      const laid = readLayout(source, layout, { nx, ny, read, own }, pixeldq, alloc);
      return { ...rows, nints, ngroups, ...laid, ...quantum, pixeldq };
    }
    const groupdq = planes.groupdq && alloc.u8(pixels * depth);
    groupdq?.set(readSamples(source, planes.groupdq!, read, own, alloc));
    const { raw, finish } = unreadSamples(source, planes.sci, read, own, alloc);
    source.unread = finish;
    return {
      ...rows,
      nints,
      ngroups,
      raw,
      sci: null,
      groupdq: groupdq?.some((flag) => flag !== 0) ? groupdq : null,
      ...quantum,
      pixeldq,
    };
  }
  if (source.assembly)
    return {
      ...rows,
      nz: 1,
      sci: readAssembled(source, source.assembly, read, alloc),
      err: alloc.f32(pixels),
      dq: alloc.u32(pixels),
      varPoisson: null,
      varRnoise: null,
      unit: unitOf(source),
    };
  const optional = (hdu: Hdu | null) => hdu && floats(source, hdu, read, own, alloc);
  return {
    ...rows,
    nz: depth,
    sci: floats(source, planes.sci, read, own, alloc),
    err: toErrors(optional(planes.err) ?? alloc.f32(pixels * depth), planes.errIs),
    dq: planes.dq ? flags(source, planes.dq, read, own, alloc) : alloc.u32(pixels * depth),
    varPoisson: optional(planes.varPoisson),
    varRnoise: optional(planes.varRnoise),
    unit: unitOf(source),
  };
}

const unitOf = ({ header }: Source): string => (typeof header["BUNIT"] === "string" ? header["BUNIT"] : "");

/** Another image of the exposure's own file, as it stands there; null when it has none of that name. */
export function readExtension({ file }: Source, name: string): Extension | null {
  const hdu = file.hdu(name);
  if (!hdu?.image) return null;
  const { data, shape } = readImage(file, hdu);
  const ny = shape.at(-2) ?? 1;
  return { nx: shape.at(-1)!, ny, data: data as unknown as ArrayLike<number> };
}

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

/** A table that calibrates: FITS, or text. @throws CalibrationError, FitsError */
export function readTableReference(path: string): Reference {
  const none = { nx: 0, ny: 0, y0: 0, nz: 0, sci: new Float32Array(0), err: null, dq: null };
  const name = basename(path);
  if (isTextTable(path))
    return { ...none, name, header: {}, table: columnsOfText(readFileSync(path, "utf8"), path) };
  const file = openFile(path);
  try {
    return { ...none, name, header: keywordsOf(file.hdus[0]!.header), table: columnsOfFits(file) };
  } finally {
    file.close();
  }
}

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

/** The rows of a reference under the rows `read` of an exposure of `size`. */
export function readReference(
  reference: ReferenceSource,
  exposure: Exposure,
  size: { nx: number; ny: number },
  read: Band,
  alloc: Alloc,
): Reference {
  const anchor = (reference.sci ?? reference.dq)!;
  const whole = sizeOf(anchor);
  const cut = rectangleIn(exposure, size, {
    name: reference.name,
    nx: whole.nx,
    ny: whole.ny,
    header: reference.header,
  });
  const part = (hdu: Hdu): { bytes: Uint8Array; samples: number; encoding: Omit<RawSamples, "bytes"> } => {
    const encoding = encodingOf(hdu);
    const { planes } = sizeOf(hdu);
    const width = Math.abs(encoding.bitpix) / 8;
    const bytes = alloc.raw(planes * read.ny * size.nx * width);
    const rowBytes = size.nx * width;
    const full = cut.nx === whole.nx ? null : alloc.raw(read.ny * whole.nx * width);
    for (let plane = 0; plane < planes; plane++) {
      const at = plane * read.ny * rowBytes;
      const rows = bytes.subarray(at, at + read.ny * rowBytes);
      if (!full) {
        readRows(reference.file, hdu, plane, cut.y0 + read.y0, read.ny, rows);
        continue;
      }
      readRows(reference.file, hdu, plane, cut.y0 + read.y0, read.ny, full);
      for (let y = 0; y < read.ny; y++) {
        const from = (y * whole.nx + cut.x0) * width;
        rows.set(full.subarray(from, from + rowBytes), y * rowBytes);
      }
    }
    return { bytes, samples: bytes.length / width, encoding };
  };
  const decoded = (hdu: Hdu | null): Float32Array | null => {
    if (!hdu) return null;
    const { bytes, samples, encoding } = part(hdu);
    const out = rawF32(alloc, samples);
    decodeFloat32(out, bytes, encoding.bitpix, encoding.bscale, encoding.bzero, encoding.blank);
    return out;
  };
  let dq: Uint32Array | null = null;
  if (reference.dq) {
    const { bitpix, bzero } = flagEncoding(reference.dq);
    const { bytes, samples } = part(reference.dq);
    dq = rawU32(alloc, samples);
    decodeUint32(dq, bytes, bitpix, bzero);
    reference.translate?.(dq);
  }
  return {
    name: reference.name,
    nx: size.nx,
    ny: read.ny,
    y0: read.y0,
    nz: reference.sci ? sizeOf(reference.sci).planes : 1,
    sci: decoded(reference.sci) ?? new Float32Array(0),
    err: reference.err && toErrors(decoded(reference.err)!, uncertaintyOf(reference.err)),
    dq,
    header: reference.header,
  };
}
