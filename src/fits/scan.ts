/** The structure of a file: HDU after HDU, sizes computed and checked, nothing allocated by what a header says. */
import { FitsError } from "../errors.js";
import type { Deviation, Value } from "./cards.js";
import { blockLength, getValue, isEnd, padded, lazyHeader, type Header } from "./header.js";
import type { Source } from "./source.js";

export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;
export type HduType = "image" | "bintable" | "table" | "groups" | "other";

/** Array of an image HDU; `axes` in FITS order (x first). */
export interface ImageInfo {
  bitpix: Bitpix;
  axes: number[];
  bscale: number;
  bzero: number;
  /** Integer images only. */
  blank: number | null;
}

export interface HduShape {
  type: HduType;
  name: string;
  version: number;
  bitpix: Bitpix;
  axes: number[];
  gcount: number;
  pcount: number;
  /** Bytes of data as declared, without padding. */
  dataSize: number;
}

export interface ScannedHdu extends HduShape {
  header: Header;
  headerStart: number;
  dataStart: number;
  deviations: Deviation[];
}

/** More than any instrument writes: 370 000 cards. */
const maxHeader = 10280 * blockLength;
const chunkLength = 4 * blockLength;

/** Header bytes from `start` up to and with the block of END; null when there is no END. */
export function readHeaderBytes(source: Source, start: number): Uint8Array | null {
  const rest = source.size - start;
  let room = new Uint8Array(Math.max(0, Math.min(chunkLength, rest)));
  let held = 0;
  for (let searched = 0; ;) {
    const count = source.read(start + held, room.subarray(held));
    held += count;
    const bytes = room.subarray(0, held);
    for (; searched + 3 <= held; searched += 80) {
      if (isEnd(bytes, searched)) return bytes.subarray(0, Math.min(held, padded(searched + 80)));
    }
    if (count === 0 || held >= rest || held >= maxHeader) return null;
    const larger = new Uint8Array(Math.min(2 * room.length, rest));
    larger.set(bytes);
    room = larger;
  }
}

const isCount = (value: Value | undefined): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;

/** Reads an integer keyword; also "16." or a string holding digits, which some writers leave. */
function count(header: Header, keyword: string, fallback?: number): number {
  const value = getValue(header, keyword) ?? undefined;
  if (value === undefined && fallback !== undefined) return fallback;
  if (isCount(value)) return value;
  const shown =
    value === undefined ? "missing" : JSON.stringify(typeof value === "bigint" ? String(value) : value);
  throw new FitsError(`${keyword} = ${shown} — a whole number is needed`);
}

function structuralType(header: Header, primary: boolean, naxis1Zero: boolean): HduType {
  if (primary) {
    if (getValue(header, "SIMPLE") === false) return "other";
    return getValue(header, "GROUPS") === true && naxis1Zero ? "groups" : "image";
  }
  const extension = String(getValue(header, "XTENSION") ?? "").trim();
  if (extension === "IMAGE" || extension === "IUEIMAGE") return "image";
  if (extension === "BINTABLE" || extension === "A3DTABLE") return "bintable";
  return extension === "TABLE" ? "table" : "other";
}

/** The array that a header declares. @throws FitsError saying which keyword makes no sense. */
export function shapeOf(header: Header, primary: boolean): HduShape {
  const bitpix = getValue(header, "BITPIX");
  if (![8, 16, 32, 64, -32, -64].includes(bitpix as number)) {
    throw new FitsError(`BITPIX = ${String(bitpix)} — not one of 8, 16, 32, 64, -32, -64`);
  }
  const naxis = count(header, "NAXIS");
  if (naxis > 999) throw new FitsError(`NAXIS = ${naxis} — at most 999 (FITS 4.0 §4.4.1.1)`);
  const axes = Array.from({ length: naxis }, (_, i) => count(header, `NAXIS${i + 1}`));
  const type = structuralType(header, primary, axes[0] === 0 && naxis > 1);
  const plainPrimary = primary && type !== "groups";
  const gcount = plainPrimary ? 1 : count(header, "GCOUNT", 1);
  const pcount = plainPrimary ? 0 : count(header, "PCOUNT", 0);
  const counted = type === "groups" ? axes.slice(1) : axes;
  const elements = counted.length === 0 ? 0 : counted.reduce((product, n) => product * n, 1);
  const dataSize = naxis === 0 ? 0 : (Math.abs(bitpix as number) / 8) * gcount * (pcount + elements);
  if (!Number.isSafeInteger(dataSize)) {
    throw new FitsError(`NAXISn multiply to ${dataSize.toExponential(2)} bytes — no file can hold that`);
  }
  const version = getValue(header, "EXTVER");
  const name = getValue(header, "EXTNAME");
  return {
    type,
    name: typeof name === "string" ? name.trim() : primary && type !== "other" ? "PRIMARY" : "",
    version: typeof version === "number" ? version : 1,
    bitpix: bitpix as Bitpix,
    axes,
    gcount,
    pcount,
    dataSize,
  };
}

/** BSCALE, BZERO and BLANK as numbers, with the standard's defaults. */
export function imageInfo(header: Header, bitpix: Bitpix, axes: number[]): ImageInfo {
  const real = (keyword: string, fallback: number): number => {
    const value = getValue(header, keyword);
    return typeof value === "number" || typeof value === "bigint" ? Number(value) : fallback;
  };
  const blank = getValue(header, "BLANK");
  const whole = typeof blank === "number" && Number.isInteger(blank);
  // "-32768.0" isn't an integer: such a BLANK means nothing (§4.4.2.5), and the peers ignore it too.
  const dotted =
    whole && (header.cards.find(({ keyword }) => keyword === "BLANK")?.text?.includes(".") ?? false);
  return {
    bitpix,
    axes,
    bscale: real("BSCALE", 1),
    bzero: real("BZERO", 0),
    blank: bitpix > 0 && whole && !dotted ? blank : null,
  };
}

function wholeFile(message: string): Deviation {
  return { card: null, message };
}

/**
 * All HDUs. A broken primary throws; after it, whatever isn't an HDU ends the list and is reported.
 *
 * @param limit stop after this many HDUs.
 */
export function scanHdus(
  source: Source,
  path: string,
  limit = Infinity,
): { hdus: ScannedHdu[]; deviations: Deviation[] } {
  const hdus: ScannedHdu[] = [];
  const deviations: Deviation[] = [];
  let start = 0;
  const first = new Uint8Array(10);
  while (start < source.size && hdus.length < limit) {
    const primary = start === 0;
    const found = source.read(start, first);
    const word = Buffer.from(first.buffer, 0, found).toString("latin1");
    if (primary && !word.startsWith("SIMPLE")) throw notFits(path, source.size, word);
    if (!primary && !word.startsWith("XTENSION")) {
      deviations.push(wholeFile(`${source.size - start} bytes after the last HDU (from byte ${start})`));
      break;
    }
    const bytes = readHeaderBytes(source, start);
    if (!bytes) {
      const message = `HDU ${hdus.length}: no END card in the header that starts at byte ${start}`;
      if (primary) throw new FitsError(`cannot read: ${path} — ${message}`);
      deviations.push(wholeFile(message));
      break;
    }
    const own: Deviation[] = [];
    const header = lazyHeader(bytes, own);
    try {
      const shape = shapeOf(header, primary);
      const dataStart = start + bytes.length;
      if (getValue(header, "GROUPS") === true && shape.type !== "groups") {
        own.push(wholeFile("GROUPS = T, but NAXIS1 isn't 0: read as an image"));
      }
      if (dataStart + shape.dataSize > source.size) {
        own.push(
          wholeFile(
            `the header declares ${shape.dataSize} bytes of data, the file has ${source.size - dataStart}`,
          ),
        );
      }
      hdus.push({ ...shape, header, headerStart: start, dataStart, deviations: own });
      start = dataStart + padded(shape.dataSize);
    } catch (error) {
      const message = `HDU ${hdus.length} (header at byte ${start}): ${(error as Error).message}`;
      if (primary) throw new FitsError(`cannot read: ${path} — ${message}`, { cause: error });
      deviations.push(wholeFile(message));
      break;
    }
  }
  if (source.size === 0) throw new FitsError(`cannot read: ${path} — the file is empty`);
  return { hdus, deviations };
}

function notFits(path: string, size: number, word: string): FitsError {
  const shown = JSON.stringify(word.replace(/[^\x20-\x7e]/g, "?"));
  return new FitsError(
    `cannot read: ${path} — not a FITS file: it begins with ${shown} (${size} bytes), not with SIMPLE`,
    { hint: `head -c 80 ${path} shows what it is` },
  );
}
