/** Mappings of a context already parsed, in one file of the user's own cache folder; a changed mapping is read anew. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { userCacheFolder } from "../host.js";
import type { Env } from "./cache-paths.js";
import { bytesChecksum } from "./checksum.js";
import type { Mapping } from "./mapping.js";

/** Parsing fewer files than this isn't slower than reading compiled ones. */
const worthIt = 4;

/** Changes with the form of `Mapping`. */
const version = 1;

interface Stamp {
  path: string;
  size: number;
  mtime: number;
  ino: number;
  sha1: string;
  /** The mapping's own checksum was right. */
  verified: boolean;
}

interface Stored {
  version: number;
  stamps: Record<string, Stamp>;
  mappings: Record<string, Mapping>;
}

export interface Compiled {
  readonly file: string;
  readonly stored: Stored;
  /** Read from text in this process, not yet stored. */
  readonly fresh: Map<string, { path: string; mapping: Mapping; verified: boolean }>;
}

/** Where what is known of rules and references is kept between runs; undefined when there is no home. */
export function rulesFolder(env: Env): string | undefined {
  const folder = userCacheFolder(env);
  return folder && join(folder, "rules");
}

/** The compiled rules of one context of these cache folders; empty when there are none, or they are of another version. */
export function openCompiled(folder: string, roots: readonly string[], context: string): Compiled {
  const file = join(
    folder,
    `${context.replace(/[^\w.-]/g, "_")}-${keyOf([...roots, context].join("\0"))}.json`,
  );
  return { file, stored: readStored(file), fresh: new Map() };
}

/** FNV-1a, 2 × 32 bits: a clash would only mean that two caches take turns in one file, and stamps hold paths. */
function keyOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

function readStored(file: string): Stored {
  const empty: Stored = { version, stamps: {}, mappings: {} };
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as Stored;
    return stored.version === version ? stored : empty;
  } catch {
    return empty;
  }
}

/** The parsed mapping if its file is still the one it was made from: by size, time and inode, else by checksum. */
export function takeCompiled(
  { stored }: Compiled,
  name: string,
  path: string,
  trust: boolean,
): Mapping | undefined {
  const stamp = stored.stamps[name];
  if (!stamp || stamp.path !== path || !(trust || stamp.verified)) return undefined;
  const { size, mtimeMs, ino } = statSync(path);
  if (size !== stamp.size) return undefined;
  const same = mtimeMs === stamp.mtime && ino === stamp.ino;
  return same || bytesChecksum(readFileSync(path)) === stamp.sha1 ? stored.mappings[name] : undefined;
}

/** Keeps what was read from text, when that was much; a folder that can't be written is no fault. */
export function saveCompiled({ file, stored, fresh }: Compiled): void {
  if (fresh.size < worthIt) return;
  for (const [name, { path, mapping, verified }] of fresh) {
    const { size, mtimeMs, ino } = statSync(path);
    stored.stamps[name] = {
      path,
      size,
      mtime: mtimeMs,
      ino,
      sha1: bytesChecksum(readFileSync(path)),
      verified,
    };
    stored.mappings[name] = mapping;
  }
  const temporary = `${file}.tmp-${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, JSON.stringify(stored));
    renameSync(temporary, file);
  } catch {
    // integers of Python have no JSON form, and a read-only home has no cache: text is read again next time
    rmSync(temporary, { force: true });
  }
}
