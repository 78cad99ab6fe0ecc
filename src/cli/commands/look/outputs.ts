/** Files that `iris look` writes: pictures, and numbers beside them. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { OutputError } from "../../../errors.js";
import type { Hdu } from "../../../fits/index.js";
import { SOFTWARE } from "../../../report/quicklook.js";
import { isUnmarked } from "../../marked.js";

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
  if (!force && isUnmarked(path, `Software\0${SOFTWARE}`)) throw foreign("picture", path);
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
