/** Whole-file wrappers, recognised by their first bytes and never by the file's name. */
import { kMaxLength } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { FitsError } from "../errors.js";
import { decodeBzip2 } from "./bzip2.js";
import { decodeLzw } from "./lzw.js";

export type Wrapper = "gzip" | "compress" | "bzip2";

export function wrapperOf(magic: Uint8Array): Wrapper | null {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return "gzip";
  if (magic[0] === 0x1f && magic[1] === 0x9d) return "compress";
  if (magic[0] === 0x42 && magic[1] === 0x5a && magic[2] === 0x68) return "bzip2";
  return null;
}

/** Times longer than the packed bytes that real data get: deflate can't do more, the others hardly. */
const mostExpansion: Readonly<Record<Wrapper, number>> = { gzip: 1032, compress: 2000, bzip2: 20000 };

/** No more than this is unpacked into memory. */
const mostBytes = Math.min(2 ** 32, kMaxLength);

const decoders: Readonly<Record<Wrapper, (packed: Uint8Array, limit: number) => Uint8Array>> = {
  gzip: (packed, limit) => gunzipSync(packed, { maxOutputLength: limit }),
  compress: decodeLzw,
  bzip2: decodeBzip2,
};

/** @throws FitsError naming the file when the stream is damaged. */
export function unwrap(wrapper: Wrapper, packed: Uint8Array, path: string): Uint8Array {
  const limit = Math.min(packed.length * mostExpansion[wrapper] + 65536, mostBytes);
  try {
    return decoders[wrapper](packed, limit);
  } catch (cause) {
    throw new FitsError(`cannot read: ${path} — the ${wrapper} stream is damaged`, { cause });
  }
}
