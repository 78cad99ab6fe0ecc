/** Whole headers: bytes to cards and back, and the look-ups that everyone needs. */
import { FitsError } from "../errors.js";
import { cardLength, parseRecords, type Card, type Deviation, type Value } from "./cards.js";
import { formatCard } from "./format.js";

export const blockLength = 2880;

export interface Header {
  cards: Card[];
  /** Value of one keyword without reading all cards; undefined where only the cards can tell. */
  peek?: (keyword: string) => Value | undefined;
  /** True where no card has this keyword; false says nothing. */
  lacks?: (keyword: string) => boolean;
}

/** Bytes rounded up to whole blocks. */
export const padded = (bytes: number): number => Math.ceil(bytes / blockLength) * blockLength;

const space = 32;

/**
 * Is the record at `at` the END card? Real files follow END with NULs or leftovers of memory, so only what makes
 * it another keyword (a letter or "=" directly after it) says no.
 */
export function isEnd(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 69 || bytes[at + 1] !== 78 || bytes[at + 2] !== 68) return false;
  for (let i = at + 3; i < at + 8; i++) if (bytes[i] !== space && bytes[i] !== 0) return false;
  return bytes[at + 8] !== 61;
}

/** The 80-character records before END (or to the end of the bytes), as Latin-1. */
export function recordsOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const records: string[] = [];
  for (let at = 0; at + 8 <= bytes.length && !isEnd(bytes, at); at += cardLength) {
    records.push(text.slice(at, at + cardLength));
  }
  return records;
}

/** Reads a header's bytes (any number of records, END optional). Tolerant: what is odd goes to `deviations`. */
export function parseHeader(bytes: Uint8Array, deviations: Deviation[] = []): Header {
  const cards = parseRecords(recordsOf(bytes), deviations);
  // Blank cards in front of END are room for later keywords, not content.
  while (cards.length > 0 && isBlank(cards[cards.length - 1]!)) cards.pop();
  return { cards };
}

/** Keywords that `peek` can't decide: continued, HIERARCH. */
const plainKeyword = /^[A-Z0-9_-]{1,8}$/;

/**
 * A header whose cards are only read when they are asked for: opening thousands of files needs a dozen keywords of
 * each.
 */
export function lazyHeader(bytes: Uint8Array, deviations: Deviation[]): Header {
  let cards: Card[] | null = null;
  let outline: Outline | null = null;
  const find = (keyword: string): number => placeOf(bytes, (outline ??= outlineOf(bytes)), keyword);
  return {
    get cards() {
      return (cards ??= parseHeader(bytes, deviations).cards);
    },
    set cards(next) {
      cards = next;
    },
    peek(keyword) {
      if (cards !== null || !plainKeyword.test(keyword)) return undefined;
      const at = find(keyword);
      if (at < 0) return undefined;
      const record = Buffer.from(bytes.buffer, bytes.byteOffset + at, cardLength).toString("latin1");
      const value = parseRecords([record])[0]!.value;
      return typeof value === "string" && value.endsWith("&") ? undefined : value;
    },
    // A keyword that stands nowhere needs no reading of cards either.
    lacks(keyword) {
      if (cards !== null || !plainKeyword.test(keyword)) return false;
      return find(keyword) < 0 && !outline!.hierarch;
    },
  };
}

interface Outline {
  /** Where the cards end. */
  end: number;
  hierarch: boolean;
  /** Places by keyword, where keywords aren't written as the standard wants: lower case, or not from column 1. */
  odd: Map<string, number> | null;
}

function outlineOf(bytes: Uint8Array): Outline {
  let odd = false;
  let hierarch = false;
  let end = 0;
  for (; end + cardLength <= bytes.length && !isEnd(bytes, end); end += cardLength) {
    for (let k = end; k < end + 8; k++) if (bytes[k]! >= 97 && bytes[k]! <= 122) odd = true;
    if (bytes[end] === space) for (let k = end + 1; k < end + 8; k++) if (bytes[k] !== space) odd = true;
    // "HIER"
    if (bytes[end] === 72 && bytes[end + 1] === 73 && bytes[end + 2] === 69 && bytes[end + 3] === 82)
      hierarch = true;
  }
  if (!odd) return { end, hierarch, odd: null };
  const places = new Map<string, number>();
  for (let at = 0; at < end; at += cardLength) {
    const field = Buffer.from(bytes.buffer, bytes.byteOffset + at, 8).toString("latin1");
    const keyword = field.trim().toUpperCase();
    if (!places.has(keyword)) places.set(keyword, at);
  }
  return { end, hierarch, odd: places };
}

/** Byte of the first card of this keyword, or −1. Cards are compared as they stand: no text is made of them. */
function placeOf(bytes: Uint8Array, { end, odd }: Outline, keyword: string): number {
  if (odd) return odd.get(keyword) ?? -1;
  const first = keyword.charCodeAt(0);
  const { length } = keyword;
  for (let at = 0; at < end; at += cardLength) {
    if (bytes[at] !== first) continue;
    let k = 1;
    while (k < 8 && bytes[at + k] === (k < length ? keyword.charCodeAt(k) : space)) k++;
    if (k === 8) return at;
  }
  return -1;
}

const isBlank = (card: Card): boolean =>
  card.keyword === "" && card.value === undefined && card.comment === undefined;

/**
 * Header bytes: the cards, END, blank fill to whole blocks.
 *
 * @param size bytes to fill exactly (a reserved header); blank cards put END into its last block.
 * @throws FitsError when the cards don't fit `size`, or one can't be written.
 */
export function formatHeader(cards: readonly Card[], size?: number): Uint8Array {
  const records = cards.flatMap(formatCard);
  const needed = padded((records.length + 1) * cardLength);
  const total = size ?? needed;
  if (needed > total) {
    throw new FitsError(`cannot write the header: ${records.length + 1} cards — ${total} bytes are reserved`);
  }
  // END has to stand in the last block: the records before it are filled with blank cards.
  const end = Math.max(records.length, (total - blockLength) / cardLength);
  const text = records.join("").padEnd(end * cardLength) + "END";
  return Buffer.from(text.padEnd(total), "latin1");
}

/** Upper case, HIERARCH prefix off. */
export const canonicalKeyword = (keyword: string): string =>
  keyword.toUpperCase().replace(/^HIERARCH\s+/, "");

/** Value of the first card of this keyword; undefined when there is none (or it is commentary). */
export function getValue(header: Header, keyword: string): Value | undefined {
  const wanted = canonicalKeyword(keyword);
  if (header.lacks?.(wanted) === true) return undefined;
  const peeked = header.peek?.(wanted);
  if (peeked !== undefined) return peeked;
  for (const card of header.cards) {
    if (card.keyword === wanted && card.value !== undefined) return card.value;
  }
  return undefined;
}

/** All values by keyword, first occurrence wins; bigint as number, undefined and complex values left out. */
export function keywordsOf(header: Header): Record<string, string | number | boolean> {
  const all: Record<string, string | number | boolean> = {};
  for (const { keyword, value } of header.cards) {
    if (value === undefined || value === null || Object.hasOwn(all, keyword)) continue;
    if (typeof value === "bigint") all[keyword] = Number(value);
    else if (typeof value !== "object") all[keyword] = value;
  }
  return all;
}

/** The cards with `keyword` set (in its place, or at the end); commentary keywords are appended. */
export function withCard(cards: readonly Card[], card: Card): Card[] {
  const keyword = canonicalKeyword(card.keyword);
  const at = card.value === undefined ? -1 : cards.findIndex((other) => other.keyword === keyword);
  if (at < 0) return [...cards, { ...card, keyword }];
  const comment = card.comment ?? cards[at]!.comment;
  const next: Card = { ...card, keyword, ...(comment === undefined ? {} : { comment }) };
  return cards.map((other, index) => (index === at ? next : other));
}
