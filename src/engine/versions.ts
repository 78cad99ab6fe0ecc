/** Versions of calibrations of one family: instrument, detector, type and start; the newest has the highest patch number. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readStamp } from "./stamp.js";

const VERSIONED = /^(.+_\d{8}T\d{6})_0\.0\.(\d+)$/;
const FIRST = 1;

interface Version {
  family: string;
  patch: number;
}

/** null: the name isn't that of a calibration. */
export function versionOf(path: string): Version | null {
  const found = VERSIONED.exec(basename(path, ".fits"));
  return found ? { family: found[1]!, patch: Number(found[2]) } : null;
}

const nameOf = ({ family, patch }: Version): string => `${family}_0.0.${String(patch)}.fits`;

const versionsIn = (folder: string, family: string): number[] =>
  existsSync(folder)
    ? readdirSync(folder).flatMap((file) => {
        const version = file.endsWith(".fits") ? versionOf(file) : null;
        return version?.family === family ? [version.patch] : [];
      })
    : [];

/** The versions in the folder of `path` that we made, newest first. */
export function ownVersions(path: string): string[] {
  const { family } = versionOf(path)!;
  const folder = dirname(path);
  return versionsIn(folder, family)
    .sort((a, b) => b - a)
    .map((patch) => join(folder, nameOf({ family, patch })))
    .filter((file) => readStamp(file) !== null);
}

/** The version after all in the folder and, by `isTaken`, in the cache: a name is never given to two files. */
export function nextVersion(path: string, isTaken: (name: string) => boolean): string {
  const { family } = versionOf(path)!;
  const folder = dirname(path);
  let patch = Math.max(FIRST - 1, ...versionsIn(folder, family)) + 1;
  while (isTaken(nameOf({ family, patch }))) patch++;
  return join(folder, nameOf({ family, patch }));
}
