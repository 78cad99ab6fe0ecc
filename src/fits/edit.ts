/** Header edits on a file: records that don't change stay as they are, byte by byte. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { FitsError, OutputError } from "../errors.js";
import { cardLength, parseRecords, type Card } from "./cards.js";
import { addDatasum, datasum, encodeChecksum } from "./checksum.js";
import { checkExtent, openFits, type FitsFile, type Hdu } from "./file.js";
import { formatCard } from "./format.js";
import { blockLength, padded, recordsOf } from "./header.js";
import { writeFully } from "./io.js";
import { sumCards } from "./structure.js";

/** A card with the records that it stands in. */
export interface Entry {
  card: Card;
  records: string[];
}

/** Cards and their records; a continued string is one entry. */
export function entriesOf(headerBytes: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  for (const record of recordsOf(headerBytes)) {
    const last = entries[entries.length - 1];
    if (last && record.startsWith("CONTINUE")) {
      const joined = parseRecords([...last.records, record]);
      if (joined.length === 1) {
        last.records.push(record);
        last.card = joined[0]!;
        continue;
      }
    }
    entries.push({ card: parseRecords([record])[0]!, records: [record] });
  }
  return entries;
}

export const makeEntry = (card: Card): Entry => ({ card, records: formatCard(card) });

/** Header bytes as they stand in the file. */
export function readHeader(file: FitsFile, hdu: Hdu): Uint8Array {
  const bytes = new Uint8Array(hdu.dataStart - hdu.headerStart);
  file.readBytes(hdu.headerStart, bytes);
  return bytes;
}

/** Sum of an HDU's data, fill included, read in pieces. */
export function sumOfData(file: FitsFile, hdu: Hdu): number {
  checkExtent(file, hdu, hdu.dataSize);
  const end = Math.min(hdu.dataStart + padded(hdu.dataSize), file.size);
  const chunk = new Uint8Array(256 * blockLength);
  let sum = 0;
  for (let at = hdu.dataStart; at < end; at += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, end - at));
    file.readBytes(at, part);
    sum = datasum(part, sum);
  }
  return sum;
}

const bytesOfEntries = (entries: readonly Entry[], least: number): Uint8Array => {
  const records = entries.flatMap((entry) => entry.records);
  const total = Math.max(least, padded((records.length + 1) * cardLength));
  const end = Math.max(records.length, (total - blockLength) / cardLength);
  return Buffer.from((records.join("").padEnd(end * cardLength) + "END").padEnd(total), "latin1");
};

const isBlank = ({ card }: Entry): boolean =>
  card.keyword === "" && card.value === undefined && card.comment === undefined;

/** Puts right sums into `entries` and gives the header's bytes. */
function withSums(entries: readonly Entry[], sum: number, least: number): Uint8Array {
  const place = (checksum: string): Entry[] => {
    const [first, second] = sumCards(checksum, sum).map(makeEntry) as [Entry, Entry];
    const next = entries.map((entry) =>
      entry.card.keyword === "CHECKSUM" ? first : entry.card.keyword === "DATASUM" ? second : entry,
    );
    for (const entry of [first, second]) if (!next.includes(entry)) next.push(entry);
    return next;
  };
  const draft = bytesOfEntries(place("0".repeat(16)), least);
  return bytesOfEntries(place(encodeChecksum(addDatasum(datasum(draft), sum))), least);
}

export interface EditOptions {
  /** Write CHECKSUM and DATASUM even where there were none; else they are only kept right. */
  sums?: boolean;
}

/**
 * Changes headers of `path`: `edit` gets the entries of each HDU and returns the new ones, or null for no change.
 * Headers that fit their blocks are written in place; else the file is rewritten through a temporary one.
 *
 * @returns numbers of the HDUs that changed.
 * @throws FitsError for wrapped or broken files, OutputError when the file can't be written.
 */
export function editHeaders(
  path: string,
  edit: (hdu: Hdu, entries: Entry[]) => Entry[] | null,
  options: EditOptions = {},
): number[] {
  const file = openFits(path);
  try {
    if (file.wrapped) {
      throw new FitsError(`cannot edit: ${path} — it is packed as a whole`, {
        hint: "unpack it first: iris fits copy",
      });
    }
    const headers = new Map<number, Uint8Array>();
    for (const hdu of file.hdus) {
      const entries = entriesOf(readHeader(file, hdu));
      while (entries.length > 0 && isBlank(entries[entries.length - 1]!)) entries.pop();
      const next = edit(hdu, entries);
      if (!next) continue;
      const hasSums = next.some(({ card }) => card.keyword === "CHECKSUM" || card.keyword === "DATASUM");
      const size = hdu.dataStart - hdu.headerStart;
      const bytes =
        hasSums || options.sums === true
          ? withSums(next, sumOfData(file, hdu), size)
          : bytesOfEntries(next, size);
      headers.set(hdu.index, bytes);
    }
    if (headers.size === 0) return [];
    const fits = file.hdus.every(
      (hdu) => (headers.get(hdu.index)?.length ?? 0) <= hdu.dataStart - hdu.headerStart,
    );
    try {
      if (fits) writeInPlace(file, headers);
      else rewrite(file, headers);
    } catch (cause) {
      if (cause instanceof FitsError) throw cause;
      throw new OutputError(`cannot write: ${path} — ${(cause as Error).message}`, { cause });
    }
    return [...headers.keys()];
  } finally {
    file.close();
  }
}

function writeInPlace(file: FitsFile, headers: Map<number, Uint8Array>): void {
  const fd = openSync(file.path, "r+");
  try {
    for (const [index, bytes] of headers) writeFully(fd, bytes, file.hdus[index]!.headerStart);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function rewrite(file: FitsFile, headers: Map<number, Uint8Array>): void {
  const tmp = `${file.path}.tmp-${process.pid}`;
  const fd = openSync(tmp, "w");
  try {
    let at = 0;
    const chunk = new Uint8Array(256 * blockLength);
    file.hdus.forEach((hdu, i) => {
      const header = headers.get(i) ?? readHeader(file, hdu);
      writeFully(fd, header, at);
      at += header.length;
      // With whatever lies behind the data: fill, or junk after the last HDU.
      const end = file.hdus[i + 1]?.headerStart ?? file.size;
      for (let from = hdu.dataStart; from < end; from += chunk.length) {
        const part = chunk.subarray(0, Math.min(chunk.length, end - from));
        file.readBytes(from, part);
        writeFully(fd, part, at);
        at += part.length;
      }
    });
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(tmp, { force: true });
    throw error;
  }
  closeSync(fd);
  renameSync(tmp, file.path);
}

const protectedKeyword =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS|TFIELDS|T(FORM|DIM)\d+|Z(IMAGE|BITPIX|NAXIS\d*|TILE\d+|CMPTYPE)|END|CHECKSUM|DATASUM)$/;

/** Keywords that describe the bytes of the data: changing them makes the file another one. */
export const isProtected = (keyword: string): boolean => protectedKeyword.test(keyword);

/** Sets `card` where its keyword stands, or before the sums at the end; a missing comment keeps the old one. */
export function setEntry(entries: readonly Entry[], card: Card): Entry[] {
  const commentary = card.value === undefined;
  const at = commentary ? -1 : entries.findIndex((entry) => entry.card.keyword === card.keyword);
  if (at >= 0) {
    const comment = card.comment ?? entries[at]!.card.comment;
    const next = makeEntry({ ...card, ...(comment === undefined ? {} : { comment }) });
    return entries.map((entry, index) => (index === at ? next : entry));
  }
  const sums = entries.findIndex(({ card: { keyword } }) => keyword === "CHECKSUM" || keyword === "DATASUM");
  const end = sums < 0 ? entries.length : sums;
  return [...entries.slice(0, end), makeEntry(card), ...entries.slice(end)];
}
