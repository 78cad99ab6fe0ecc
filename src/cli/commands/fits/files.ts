/** The loop that every `iris fits` command has: files one by one, failures said and the others done. */
import { resolve } from "node:path";
import { isIrisError } from "../../../errors.js";
import {
  locateHdu,
  openFits,
  parseLocation,
  type FitsFile,
  type Hdu,
  type Section,
} from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
import { errorLines, reportOf } from "../../error-lines.js";

export interface Opened {
  /** As the user wrote it. */
  given: string;
  file: FitsFile;
  /** The HDU that the argument names; null: all. */
  hdu: Hdu | null;
  section: Section | null;
}

/** Runs `work` on each file; a file that fails sets the exit status and is talked about on stderr. */
export function eachFile(cli: Cli, files: readonly string[], work: (opened: Opened) => void): void {
  for (const given of files) {
    try {
      const location = parseLocation(resolve(cli.host.cwd, given));
      const file = openFits(location.path);
      try {
        work({ given, file, hdu: locateHdu(file, location), section: location.section });
      } finally {
        file.close();
      }
    } catch (error) {
      if (!isIrisError(error)) throw error;
      const report = reportOf(error);
      cli.err(errorLines(report));
      cli.setExit(report.exit);
    }
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
