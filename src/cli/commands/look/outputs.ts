/** Files that `iris look` writes: pictures, and numbers beside them. */
import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, writeFileSync } from "node:fs";
import { OutputError } from "../../../errors.js";
import type { Hdu } from "../../../fits/index.js";
import { SOFTWARE } from "../../../report/quicklook.js";

/** In the working folder: the file's name without its ending, and the HDU where one was named. */
export function pictureName(path: string, named: Hdu | null): string {
  const stem = path
    .replace(/^.*[/\\]/, "")
    .replace(/\.(gz|fz)$/i, "")
    .replace(/\.(fits|fit|fts)$/i, "");
  return named
    ? `${stem}_${named.name.toLowerCase()}${named.version > 1 ? String(named.version) : ""}`
    : stem;
}

export function writePicture(path: string, png: Uint8Array, force: boolean): void {
  if (!force && isForeign(path)) throw foreign("picture", path);
  const temporary = `${path}.tmp-${String(process.pid)}`;
  try {
    writeFileSync(temporary, png);
    renameSync(temporary, path);
  } catch (cause) {
    throw new OutputError(`picture not written: ${path}`, {
      cause,
      hint: "choose a folder that can be written with -o",
    });
  }
}

const foreign = (what: string, path: string): OutputError =>
  new OutputError(`${what} not written: ${path} — there is a file that iris didn't write`, {
    hint: "choose another name with -o, or overwrite it with --force",
  });

/** CSV files of ours begin with a remark, JSON documents have a type of ours. */
const OURS = /^(# iris look|\{"v":1,"type":"look)/;

export function writeNumbers(path: string, text: string, force: boolean): void {
  if (!force && existsSync(path) && !OURS.test(readFileSync(path, "utf8"))) throw foreign("numbers", path);
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new OutputError(`numbers not written: ${path}`, {
      cause,
      hint: "choose a folder that can be written with -o",
    });
  }
}

/** Is there a file without our mark? The mark stands before the pixels. */
function isForeign(path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(2048);
    const length = readSync(descriptor, head, 0, head.length, 0);
    return !head.subarray(0, length).includes(`Software\0${SOFTWARE}`);
  } finally {
    closeSync(descriptor);
  }
}
