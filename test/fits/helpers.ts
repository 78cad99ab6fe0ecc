/** Folders that vanish, and headers written by hand. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isIrisError } from "../../src/errors.js";
import { openFits, readImage, readTable, verifyFits } from "../../src/fits/index.js";
import { readGroups } from "../../src/fits/groups.js";

/** Runs `work` in an empty folder and removes it. */
export function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "iris-fits-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A header block from bare records. */
export const block = (...records: string[]): Buffer =>
  Buffer.from(
    [...records, "END"]
      .map((text) => text.padEnd(80))
      .join("")
      .padEnd(2880),
    "latin1",
  );

export function writeBytes(folder: string, ...parts: Uint8Array[]): string {
  const path = join(folder, "t.fits");
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** Reads whatever a file holds; tagged errors are fine, everything else is thrown. */
export function readEverything(path: string): void {
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!isIrisError(error)) throw error;
    }
  };
  guarded(() => {
    const file = openFits(path);
    try {
      guarded(() => verifyFits(file));
      for (const hdu of file.hdus) {
        guarded(() => {
          if (hdu.image) readImage(file, hdu);
          else if (hdu.type === "groups") readGroups(file, hdu);
          else if (hdu.type !== "image" && hdu.type !== "other") {
            const table = readTable(file, hdu);
            for (const column of table.columns)
              for (let row = 0; row < Math.min(table.rows, 50); row++) column.at(row);
          }
        });
      }
    } finally {
      file.close();
    }
  });
}
