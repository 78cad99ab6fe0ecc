/** Cards to 80-character records: fixed format where it fits, long strings by CONTINUE, HIERARCH (FITS 4.0 §4.2). */
import { FitsError } from "../errors.js";
import { cardLength, formatNumber, parseNumber, type Card, type Value } from "./cards.js";

const commentary = new Set(["COMMENT", "HISTORY", ""]);

/** Signs of sentences that have a likeness in ASCII. */
const alike: Readonly<Record<string, string>> = {
  ...{ "×": "x", "−": "-", "–": "-", "—": "-", "⁻": "-", "²": "2", "…": "...", µ: "u", σ: "sigma" },
  ...{ "±": "+-", "≥": ">=", "≤": "<=", "→": "->", "’": "'" },
};

/** Only ASCII 32–126 may stand in a header (§4.1.1). */
const ascii = (text: string): string =>
  text.replace(/[\r\n\t]/g, " ").replace(/[^\x20-\x7e]/gu, (sign) => alike[sign] ?? "?");

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function checkKeyword(keyword: string): "standard" | "hierarch" {
  if (/^[A-Z0-9_-]{1,8}$/.test(keyword)) return "standard";
  if (keyword.length <= 60 && /^[\x21-\x3c\x3e-\x7e]+( [\x21-\x3c\x3e-\x7e]+)*$/.test(keyword))
    return "hierarch";
  throw new FitsError(`cannot write the card: keyword ${JSON.stringify(keyword)} — not a FITS keyword`);
}

function formatScalar(value: Exclude<Value, string>, text: string | undefined, keyword: string): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "T" : "F";
  if (typeof value === "object") return `(${finite(value.re, keyword)}, ${finite(value.im, keyword)})`;
  if (text !== undefined && parseNumber(text) === value && !/[a-z]/.test(text)) return text;
  return finite(value, keyword);
}

function finite(value: number | bigint, keyword: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new FitsError(
      `cannot write the card: ${keyword} = ${value} — FITS headers hold finite numbers only`,
      {
        hint: "leave the value undefined (null) or write it as a string",
      },
    );
  }
  return formatNumber(value);
}

/** `text` cut into pieces whose quoted form is at most `room` characters (no escaped quote is split). */
function cutString(text: string, rooms: (piece: number) => number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const char of text) {
    const cost = char === "'" ? 2 : 1;
    if (used + cost > rooms(pieces.length)) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += char;
    used += cost;
  }
  return [...pieces, piece];
}

/** Comment text cut at single blanks, which reading puts back. */
function cutWords(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    let at = room;
    while (at > 0 && (rest[at] !== " " || rest[at - 1] === " " || rest[at + 1] === " ")) at--;
    lines.push(rest.slice(0, at === 0 ? room : at));
    rest = rest.slice(at === 0 ? room : at + 1);
  }
  return [...lines, rest];
}

function formatString(prefix: string, value: string, comment: string | undefined): string[] {
  // Eight characters at least between the quotes, as fixed format wants for XTENSION (§4.2.1.1).
  const quoted = quote(value.padEnd(8));
  const aligned = quoted.padEnd(20);
  const tail = comment === undefined ? "" : ` / ${comment}`;
  // A value that ends in "&" would be read as continued.
  const ambiguous = value.endsWith("&");
  if (!ambiguous) {
    for (const body of [aligned, quoted]) {
      const record = prefix + body + tail;
      if (record.length <= cardLength) return [record];
    }
    // A short string keeps its one record: its comment gives way.
    if (prefix.length + quoted.length <= cardLength && value.length <= 20) {
      return [(prefix + aligned + tail).slice(0, cardLength)];
    }
  }
  const first = cardLength - prefix.length - 3;
  const next = cardLength - 10 - 3;
  const pieces = cutString(value, (piece) => (piece === 0 ? first : next));
  if (ambiguous) pieces.push("");
  const words = comment === undefined || comment === "" ? [] : cutWords(comment, next - 4);
  const records = pieces.map((piece, index) => (index === 0 ? prefix : "CONTINUE  ") + quote(piece + "&"));
  for (const word of words) records.push(`CONTINUE  '&' / ${word}`);
  // The last record of the chain has no "&".
  const last = records.length - 1;
  if (words.length > 0) records[last] = records[last]!.replace("'&'", "''");
  else records[last] = (last === 0 ? prefix : "CONTINUE  ") + quote(pieces[last]!);
  return records;
}

/** The records of one card, each exactly 80 characters. @throws FitsError for keywords and values FITS can't hold. */
export function formatCard(card: Card): string[] {
  const keyword = card.keyword.toUpperCase();
  const comment = card.comment === undefined ? undefined : ascii(card.comment);
  if (commentary.has(keyword) || card.value === undefined) {
    if (!commentary.has(keyword)) checkKeyword(keyword);
    const text = comment ?? "";
    const records: string[] = [];
    for (let at = 0; at === 0 || at < text.length; at += cardLength - 8) {
      records.push((keyword.padEnd(8) + text.slice(at, at + cardLength - 8)).padEnd(cardLength));
    }
    return records;
  }
  const kind = checkKeyword(keyword);
  const prefix = kind === "standard" ? `${keyword.padEnd(8)}= ` : `HIERARCH ${keyword} = `;
  const { value } = card;
  if (typeof value === "string") {
    return formatString(prefix, ascii(value).trimEnd(), comment).map((record) => record.padEnd(cardLength));
  }
  const scalar = formatScalar(value, card.text, keyword);
  const body = kind === "standard" ? scalar.padStart(20) : scalar;
  if (prefix.length + scalar.length > cardLength) {
    throw new FitsError(`cannot write the card: ${keyword} = ${scalar} — longer than 80 characters`);
  }
  const record = prefix + body + (comment === undefined || comment === "" ? "" : ` / ${comment}`);
  return [record.slice(0, cardLength).padEnd(cardLength)];
}
