/** A reference is verified when it is first used: really there, not withdrawn, and the bytes which the rules meant. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CalibrationError, FitsError, isIrisError } from "../errors.js";
import { sumOfData } from "../fits/edit.js";
import { openFits, type FitsFile, type Hdu } from "../fits/file.js";
import { getValue } from "../fits/header.js";
import { badFiles, isLfsPointer, readServerConfig, referencePath, type Cache } from "./cache.js";
import { rulesFolder } from "./cache-compiled.js";
import { isTrue, partFolder } from "./cache-paths.js";
import { writeFileAtomic } from "./cache-write.js";
import { isMappingName } from "./mapping.js";
import { unpackResult } from "./payload.js";

/** Size and SHA-1 of references by name, as their source gave them. */
export type ReferenceSums = Record<string, { size: number; sha1sum: string }>;

const sumsPath = (root: string, cache: Cache, observatory: string): string =>
  join(partFolder(root, cache.env, "config", observatory), "reference_sums.json");

/** What the cache knows about its references: of its own, the first root that knows a name, else of the server. */
export function readSums(cache: Cache, observatory: string): ReferenceSums {
  const tables = cache.roots.map((root) => readJson<ReferenceSums>(sumsPath(root, cache, observatory)) ?? {});
  return Object.assign({}, serverSums(cache, observatory), ...tables.reverse()) as ReferenceSums;
}

/** The table which a server put into its configuration: there other software made the cache. */
function serverSums(cache: Cache, observatory: string): ReferenceSums {
  const key = `sums ${observatory}`;
  const known = cache.memory.get(key) as ReferenceSums | undefined;
  if (known) return known;
  const sums: ReferenceSums = {};
  for (const [name, entry] of Object.entries(
    unpack(readServerConfig(cache, observatory)["download_metadata"]),
  )) {
    const { size, sha1sum } = (entry ?? {}) as Record<string, unknown>;
    if (!(Number(size) >= 0) || isMappingName(name)) continue;
    sums[name] = {
      size: Number(size),
      sha1sum: /^[0-9a-f]{40}$/i.test(String(sha1sum)) ? String(sha1sum) : "",
    };
  }
  cache.memory.set(key, sums);
  return sums;
}

/** A table that can't be read is as good as none: it is the server's, and nobody relied on it. */
function unpack(packed: unknown): Record<string, unknown> {
  try {
    return (unpackResult(packed) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Adds sums to what the cache's first root knows. */
export function storeSums(cache: Cache, observatory: string, sums: ReferenceSums): void {
  if (Object.keys(sums).length === 0) return;
  const path = sumsPath(cache.path, cache, observatory);
  writeFileAtomic(path, `${JSON.stringify({ ...readJson<ReferenceSums>(path), ...sums }, null, 1)}\n`);
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/**
 * Path of a reference that can be trusted; undefined when the cache doesn't have it.
 *
 * @throws CalibrationError for a pointer of Git's large-file store, a withdrawn file, or wrong bytes
 */
export function verifiedReference(cache: Cache, observatory: string, name: string): string | undefined {
  const path = referencePath({ ...cache, observatory }, name);
  if (!path) return undefined;
  if (isLfsPointer(path)) {
    throw new CalibrationError(
      `the reference ${name} isn't there: ${path} — a pointer of Git's large-file store`,
      {
        hint: "in the repository of the cache run: git lfs pull",
      },
    );
  }
  if (badFiles(cache, observatory).has(name) && !isTrue(cache.env["CRDS_ALLOW_BAD_REFERENCES"])) {
    throw new CalibrationError(
      `the reference ${name} was withdrawn — it is in the bad_files_list of ${observatory}`,
      {
        hint: "use another context, or allow it: CRDS_ALLOW_BAD_REFERENCES=1",
      },
    );
  }
  const sum = readSums(cache, observatory)[name];
  verifyOnce(cache, path, sum ? `${sum.size} ${sum.sha1sum}` : "own sums", () =>
    sum ? faultOf(path, sum) : faultInside(path),
  );
  return path;
}

/** A verified file is remembered by what changes when it does, so that it is read for this only once. */
function verifyOnce(cache: Cache, path: string, by: string, fault: () => string | undefined): void {
  const { dev, ino, size, mtimeMs } = statSync(path);
  const stamp = [dev, ino, size, mtimeMs, by].join(" ");
  const folder = rulesFolder(cache.env);
  const file = folder === undefined ? undefined : join(folder, "verified.json");
  const known = (file === undefined ? undefined : readJson<Record<string, string>>(file)) ?? {};
  if (known[path] === stamp) return;
  const wrong = fault();
  if (wrong !== undefined) {
    throw new CalibrationError(`the reference ${basename(path)} is damaged: ${path} — ${wrong}`, {
      hint: "fetch it again: iris crds sync --fetch-references --check",
    });
  }
  if (file) remember(file, { ...known, [path]: stamp });
}

/** What is wrong with a file whose size and sum are known; undefined: nothing. */
export function faultOf(path: string, { size, sha1sum }: ReferenceSums[string]): string | undefined {
  const { size: found } = statSync(path);
  if (found !== size) return `${found} bytes instead of ${size}`;
  if (sha1sum === "") return undefined;
  const sum = sha1OfFile(path);
  return sum === sha1sum.toLowerCase() ? undefined : `SHA-1 ${sum} instead of ${sha1sum}`;
}

/** A FITS file that nobody has a sum of, by the DATASUM of its HDUs; what can't be read as FITS is left to its reader. */
function faultInside(path: string): string | undefined {
  if (!/\.fits?(\.gz)?$/i.test(path)) return undefined;
  try {
    const file = openFits(path);
    try {
      return file.hdus.map((hdu) => datasumFault(file, hdu)).find((fault) => fault !== undefined);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof FitsError) return undefined;
    throw error;
  }
}

function datasumFault(file: FitsFile, hdu: Hdu): string | undefined {
  const declared = getValue(hdu.stored, "DATASUM");
  if (typeof declared !== "string" || declared.trim() === "") return undefined;
  const sum = sumOfData(file, hdu);
  return Number(declared) === sum
    ? undefined
    : `DATASUM of HDU ${hdu.index} is ${declared}, its data add up to ${sum}`;
}

/** A read-only home means that files are verified every time. */
function remember(file: string, known: Record<string, string>): void {
  try {
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    writeFileAtomic(file, JSON.stringify(known));
  } catch (error) {
    if (!isIrisError(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** In pieces: references may be larger than memory. */
export function sha1OfFile(path: string): string {
  const hash = createHash("sha1");
  const buffer = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer))
      hash.update(buffer.subarray(0, n));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
