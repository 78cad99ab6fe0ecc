/** Writes a mapping in canonical form, atomically. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { OutputError } from "../errors.js";
import { formatMapping } from "./format.js";
import type { Mapping } from "./mapping.js";

/** Writes the canonical text into a folder under the mapping's own name; gives the path. */
export function writeMapping(folder: string, mapping: Mapping): string {
  const path = join(folder, mapping.name);
  writeFileAtomic(path, formatMapping(mapping));
  return path;
}

/** Temporary file, fsync, rename: nobody ever sees half a file. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(temporary, "w");
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new OutputError(`can't write ${path}`, { cause });
  }
}
