/** The loop that every `iris fits` command has: files one by one, failures said and the others done. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isIrisError, UsageError } from "../../../errors.js";
import {
  locateHdu,
  openFits,
  parseLocation,
  type FitsFile,
  type Hdu,
  type Section,
} from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
import { expandPattern, isPattern } from "../../glob.js";
import { quoteWord } from "../../shell-words.js";
import { errorLines, reportOf } from "../../error-lines.js";

export interface Opened {
  /** As the user wrote it. */
  given: string;
  file: FitsFile;
  /** The HDU that the argument names; null: all. */
  hdu: Hdu | null;
  section: Section | null;
}

/** The files that a word means, where it is a pattern that no shell has expanded; each with the word's HDU. @throws UsageError */
export function matching(given: string, cwd: string): string[] {
  const { path } = parseLocation(given, (name) => existsSync(resolve(cwd, name)));
  if (!isPattern(path)) return [given];
  const found = expandPattern(path, cwd);
  if (found.length === 0)
    throw new UsageError(`"${path}" matches no file`, { hint: `ls ${quoteWord(dirname(path))}` });
  return found.map((file) => `${file}${given.slice(path.length)}`);
}

/** Runs `work` on each file; a file that fails sets the exit status and is talked about on stderr. */
export function eachFile(cli: Cli, words: readonly string[], work: (opened: Opened) => void): void {
  const { cwd } = cli.host;
  for (const word of words)
    orSay(cli, () => {
      for (const given of matching(word, cwd)) orSay(cli, () => openEach(given, cwd, work));
    });
}

function openEach(given: string, cwd: string, work: (opened: Opened) => void): void {
  const location = parseLocation(resolve(cwd, given));
  const file = openFits(location.path);
  try {
    work({ given, file, hdu: locateHdu(file, location), section: location.section });
  } finally {
    file.close();
  }
}

function orSay(cli: Cli, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isIrisError(error)) throw error;
    const report = reportOf(error);
    cli.err(errorLines(report));
    cli.setExit(report.exit);
  }
}

/** Columns of text, left-aligned; numbers right-aligned. */
export function formatColumns(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((text, i) => Math.max(all[i] ?? 0, text.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((text, i) => (right.includes(i) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Six significant digits, the shortest way; integers whole. */
export const short = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
