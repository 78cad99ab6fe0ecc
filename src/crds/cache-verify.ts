/** A reference is verified when it is first used: really there, not withdrawn, and the bytes which the rules meant. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { CalibrationError, isIrisError } from "../errors.js";
import { badFiles, isLfsPointer, referencePath, type Cache } from "./cache.js";
import { userCacheFolder } from "./cache-compiled.js";
import { isTrue, partFolder } from "./cache-paths.js";
import { writeFileAtomic } from "./cache-write.js";

/** Size and SHA-1 of references by name, as their source gave them. */
export type ReferenceSums = Record<string, { size: number; sha1sum: string }>;

const sumsPath = (root: string, cache: Cache, observatory: string): string =>
  join(partFolder(root, cache.env, "config", observatory), "reference_sums.json");

/** What the cache knows about its references; the first root that knows a name wins. */
export function readSums(cache: Cache, observatory: string): ReferenceSums {
  const tables = cache.roots.map((root) => readJson<ReferenceSums>(sumsPath(root, cache, observatory)) ?? {});
  return Object.assign({}, ...tables.reverse()) as ReferenceSums;
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
  if (sum) verifyOnce(cache, path, name, sum);
  return path;
}

/** A verified file is remembered by what changes when it does, so that it is read for this only once. */
function verifyOnce(cache: Cache, path: string, name: string, sum: { size: number; sha1sum: string }): void {
  const { dev, ino, size, mtimeMs } = statSync(path);
  const stamp = [dev, ino, size, mtimeMs, sum.sha1sum].join(" ");
  const folder = userCacheFolder(cache.env);
  const file = folder === undefined ? undefined : join(folder, "verified.json");
  const known = (file === undefined ? undefined : readJson<Record<string, string>>(file)) ?? {};
  if (known[path] === stamp) return;
  const found = size === sum.size ? sha1OfFile(path) : "";
  if (size !== sum.size || (sum.sha1sum !== "" && found !== sum.sha1sum)) {
    throw new CalibrationError(
      `the reference ${name} is damaged: ${path} — ${size} bytes${found ? `, SHA-1 ${found}` : ""}; expected ${sum.size}, ${sum.sha1sum}`,
      { hint: "fetch it again: iris crds sync --fetch-references --check" },
    );
  }
  if (file) remember(file, { ...known, [path]: stamp });
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
