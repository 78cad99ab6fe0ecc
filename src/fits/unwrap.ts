/** Whole-file wrappers, recognised by their first bytes and never by the file's name. */
import { constants, kMaxLength } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { FitsError } from "../errors.js";

export type Wrapper = "gzip";

export function wrapperOf(magic: Uint8Array): Wrapper | null {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return "gzip";
  return null;
}

/** Deflate can't expand by more than this. */
const deflateRatio = 1032;

/** @throws FitsError naming the file when the stream is damaged. */
export function unwrap(wrapper: Wrapper, packed: Uint8Array, path: string): Uint8Array {
  const limit = Math.min(packed.length * deflateRatio + 1024, kMaxLength, constants.MAX_LENGTH);
  try {
    return gunzipSync(packed, { maxOutputLength: limit });
  } catch (cause) {
    throw new FitsError(`cannot read: ${path} — the ${wrapper} stream is damaged`, { cause });
  }
}
