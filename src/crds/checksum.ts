/** The checksum which a mapping carries in its own header. */
import type * as Crypto from "node:crypto";
import { createRequire } from "node:module";
import { rawHeader, type Mapping } from "./mapping.js";

/** Loading OpenSSL takes longer than reading the few rules that were verified before. */
const load = createRequire(import.meta.url);
const newHash = (): Crypto.Hash => (load("node:crypto") as typeof Crypto).createHash("sha1");

/** Python's `splitlines`: all characters which end a line. */
// eslint-disable-next-line no-control-regex -- file, group and record separators are such characters
const lineForm = /[^\n\v\f\r\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]|$)/g;

/** SHA-1 of the text without the lines that contain `sha1sum`, lower-case hex. */
export function mappingChecksum(text: string): string {
  const hash = newHash();
  let from = 0;
  for (let at = text.indexOf("sha1sum"); at >= 0; at = text.indexOf("sha1sum", from)) {
    // everything up to the line with the word counts, and the word's own line doesn't
    const before = lastLineStart(text, at);
    hash.update(text.slice(from, Math.max(from, before)));
    lineForm.lastIndex = at;
    from = at + lineForm.exec(text)![0].length;
  }
  return hash.update(text.slice(from)).digest("hex");
}

const isLineEnd = (code: number): boolean =>
  (code >= 10 && code <= 13) ||
  (code >= 0x1c && code <= 0x1e) ||
  code === 0x85 ||
  code === 0x2028 ||
  code === 0x2029;

function lastLineStart(text: string, at: number): number {
  let i = at;
  while (i > 0 && !isLineEnd(text.charCodeAt(i - 1))) i--;
  return i;
}

export type ChecksumState =
  | { readonly state: "valid" }
  | { readonly state: "missing"; readonly computed: string }
  | { readonly state: "wrong"; readonly stored: string; readonly computed: string };

/** Compares the stored sum with that of the text. */
export function checkMapping(mapping: Mapping, text: string): ChecksumState {
  const stored = rawHeader(mapping, "sha1sum");
  const computed = mappingChecksum(text);
  if (typeof stored !== "string") return { state: "missing", computed };
  return stored.toLowerCase() === computed ? { state: "valid" } : { state: "wrong", stored, computed };
}

/** SHA-1 of all bytes: references, downloads, catalogues. */
export const bytesChecksum = (bytes: Uint8Array): string => newHash().update(bytes).digest("hex");
