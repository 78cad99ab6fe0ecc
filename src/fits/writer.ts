/**
 * Files written by position: the layout is fixed first, workers write data where they belong, headers come last.
 *
 * The file grows under a temporary name in the same folder; only `finish` gives it its own.
 */
import {
  closeSync,
  fdatasync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rename,
  renameSync,
  unlinkSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { FitsError, OutputError } from "../errors.js";
import { cardLength, type Card } from "./cards.js";
import { addDatasum, datasum, encodeChecksum } from "./checksum.js";
import { blockLength, formatHeader, padded } from "./header.js";
import { formatCard } from "./format.js";
import { writeFully } from "./io.js";
import { dataSizeOf, freeCards, structureCards, sumCards, type HduSpec } from "./structure.js";

const synced = promisify(fsync);
const renamed = promisify(rename);

export interface HduPlace {
  headerStart: number;
  /** Reserved bytes, whole blocks. */
  headerSize: number;
  dataStart: number;
  /** Without padding. */
  dataSize: number;
}

export interface FitsLayout {
  hdus: HduPlace[];
  size: number;
}

export interface Finish {
  /** Replacement of the specification's `cards` per HDU; must fit the reserved header. */
  cards?: (Card[] | undefined)[];
  /** Sum of the data per HDU as `datasum` and `addDatasum` give it; null: read back and summed here. */
  datasums: (number | null)[];
}

/** What the structure says, what the caller says, and LONGSTRN where a string is continued: verifiers ask for it. */
function bodyOf(spec: HduSpec, index: number, cards: readonly Card[]): Card[] {
  const free = freeCards(cards, spec);
  const long =
    free.some((card) => typeof card.value === "string" && formatCard(card).length > 1) &&
    !free.some(({ keyword }) => keyword === "LONGSTRN");
  const longString: Card = { keyword: "LONGSTRN", value: "OGIP 1.0", comment: "long strings are continued" };
  return [...structureCards(spec, index === 0), ...(long ? [longString] : []), ...free];
}

/** Where everything will lie. */
export function layoutOf(specs: readonly HduSpec[]): FitsLayout {
  let at = 0;
  const hdus = specs.map((spec, index) => {
    const cards = [...bodyOf(spec, index, spec.cards), ...sumCards("0".repeat(16), 0)];
    // END, and a LONGSTRN that later cards may ask for.
    const records = cards.flatMap(formatCard).length + (spec.spare ?? 0) + 2;
    const headerSize = padded(records * cardLength);
    const dataSize = dataSizeOf(spec);
    const place = { headerStart: at, headerSize, dataStart: at + headerSize, dataSize };
    at = place.dataStart + padded(dataSize);
    return place;
  });
  return { hdus, size: at };
}

const space = (path: string, cause: unknown): OutputError => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const hint =
    code === "ENOSPC" ? "free some space, or choose another folder" : "check the folder and its permissions";
  return new OutputError(`cannot write: ${path} — ${message}`, { hint, cause });
};

/** A file being written. End it with `finish` or `abort`. */
export class FitsWriter {
  readonly path: string;
  readonly tmpPath: string;
  readonly layout: FitsLayout;
  readonly #specs: readonly HduSpec[];
  #fd: number | null;
  /** The temporary file is renamed or removed. */
  #ended = false;

  constructor(path: string, specs: readonly HduSpec[]) {
    if (specs.length === 0 || specs[0]!.type === "bintable") {
      throw new FitsError(`cannot lay out: ${path} — the first HDU has to be an image`);
    }
    this.path = path;
    this.tmpPath = `${path}.tmp-${process.pid}`;
    this.layout = layoutOf(specs);
    this.#specs = specs;
    try {
      this.#fd = openSync(this.tmpPath, "w+");
    } catch (cause) {
      throw space(path, cause);
    }
    this.#guard(() => {
      ftruncateSync(this.#descriptor(), this.layout.size);
    });
  }

  #descriptor(): number {
    if (this.#fd === null) throw new OutputError(`cannot write: ${this.path} — the writer is closed`);
    return this.#fd;
  }

  /** Runs `work`; when it fails nothing is left behind. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      this.abort();
      throw cause instanceof FitsError || cause instanceof OutputError ? cause : space(this.path, cause);
    }
  }

  /** Writes all of `bytes` at `position` of the file. */
  write(position: number, bytes: Uint8Array): void {
    if (position < 0 || position + bytes.length > this.layout.size) {
      throw new FitsError(
        `cannot write: ${this.path} — byte ${position + bytes.length} of ${this.layout.size}`,
      );
    }
    const fd = this.#descriptor();
    this.#guard(() => {
      writeFully(fd, bytes, position);
    });
  }

  /** Lets the system begin to write what it has to disk: `finish` then waits for less. */
  flush(): void {
    fdatasync(this.#descriptor(), () => undefined);
  }

  /** Headers, CHECKSUM and DATASUM, then fsync, rename, and fsync of the folder. */
  finish(finish: Finish): void {
    this.#guard(() => {
      this.#writeHeaders(finish);
      fsyncSync(this.#descriptor());
      this.#close();
      renameSync(this.tmpPath, this.path);
      this.#ended = true;
      syncFolder(dirname(this.path));
    });
  }

  /** The same, with the disk waited for elsewhere: this thread can work on. */
  async finishAside(finish: Finish): Promise<void> {
    this.#guard(() => {
      this.#writeHeaders(finish);
    });
    try {
      await synced(this.#descriptor());
      this.#close();
      await renamed(this.tmpPath, this.path);
      this.#ended = true;
      syncFolder(dirname(this.path));
    } catch (cause) {
      this.abort();
      throw space(this.path, cause);
    }
  }

  #writeHeaders({ cards, datasums }: Finish): void {
    this.#specs.forEach((spec, index) => {
      const place = this.layout.hdus[index]!;
      const sum = datasums[index] ?? this.#sumOf(place);
      this.write(place.headerStart, completeHeader(spec, index, cards?.[index] ?? spec.cards, place, sum));
    });
  }

  #close(): void {
    closeSync(this.#descriptor());
    this.#fd = null;
  }

  #sumOf(place: HduPlace): number {
    const chunk = new Uint8Array(64 * blockLength);
    let sum = 0;
    for (let at = 0; at < place.dataSize; at += chunk.length) {
      const count = readSync(
        this.#descriptor(),
        chunk,
        0,
        Math.min(chunk.length, place.dataSize - at),
        place.dataStart + at,
      );
      sum = datasum(chunk.subarray(0, count), sum);
    }
    return sum;
  }

  /** Removes what was written. Harmless after `finish`. */
  abort(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    if (this.#ended) return;
    this.#ended = true;
    try {
      unlinkSync(this.tmpPath);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw space(this.path, error);
    }
  }
}

function completeHeader(
  spec: HduSpec,
  index: number,
  cards: Card[],
  place: HduPlace,
  sum: number,
): Uint8Array {
  const body = bodyOf(spec, index, cards);
  const draft = formatHeader([...body, ...sumCards("0".repeat(16), sum)], place.headerSize);
  const checksum = encodeChecksum(addDatasum(datasum(draft), sum));
  return formatHeader([...body, ...sumCards(checksum, sum)], place.headerSize);
}

/** A rename is only safe on disk once its folder is. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Lays out `path` from specifications; data start as zeros. @throws OutputError when the folder can't be written. */
export const createFits = (path: string, specs: readonly HduSpec[]): FitsWriter =>
  new FitsWriter(path, specs);
