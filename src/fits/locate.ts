/** File arguments with an HDU and a section behind them: `file.fits[SCI,2][101:200,*]`. */
import { existsSync } from "node:fs";
import { FitsError, UsageError } from "../errors.js";
import type { FitsFile, Hdu } from "./file.js";

/** FITS order (x first), 1-based, both ends included; null: the whole axis. */
export type Section = ([from: number, to: number] | null)[];

export interface Location {
  path: string;
  hdu: { name: string | number; version?: number } | null;
  section: Section | null;
}

function parseSection(text: string): Section | null {
  const parts = text.split(",").map((part) => part.trim());
  const ranges = parts.map((part): [number, number] | null | undefined => {
    if (part === "*") return null;
    const match = /^(\d+):(\d+)$/.exec(part);
    return match ? [Number(match[1]), Number(match[2])] : undefined;
  });
  return ranges.every((range) => range !== undefined) ? (ranges as Section) : null;
}

/**
 * Splits a file argument. A file whose name really ends in brackets is taken as it is.
 *
 * @throws UsageError when the brackets hold neither an HDU nor a section.
 */
export function parseLocation(text: string, exists: (path: string) => boolean = existsSync): Location {
  const location: Location = { path: text, hdu: null, section: null };
  if (exists(text)) return location;
  for (let match; (match = /^(.+)\[([^[\]]*)\]$/s.exec(location.path)) && !exists(location.path);) {
    const inside = match[2]!.trim();
    const section = inside.includes(":") || inside.includes("*") ? parseSection(inside) : null;
    const named = /^([^,:*]+)(?:,\s*(\d+))?$/.exec(inside);
    if (section && !location.section && !location.hdu) location.section = section;
    else if (named && !location.hdu) {
      const name = named[1]!.trim();
      location.hdu = {
        name: /^\d+$/.test(name) ? Number(name) : name,
        ...(named[2] === undefined ? {} : { version: Number(named[2]) }),
      };
    } else {
      throw new UsageError(`cannot understand [${inside}]: ${text} — an HDU is wanted, or a section`, {
        hint: "write file.fits[SCI], file.fits[SCI,2], file.fits[1] or file.fits[SCI][1:100,1:50]",
      });
    }
    location.path = match[1]!;
  }
  return location;
}

/** The HDU that a location names; null when it names none. @throws FitsError listing those that exist. */
export function locateHdu(file: FitsFile, { hdu: wanted }: Location): Hdu | null {
  if (!wanted) return null;
  const found = file.hdu(wanted.name, wanted.version);
  if (found) return found;
  const there = file.hdus
    .map(({ index, name }) => (name === "" ? String(index) : `${index} ${name}`))
    .join(", ");
  const shown = wanted.version === undefined ? String(wanted.name) : `${wanted.name},${wanted.version}`;
  throw new FitsError(`cannot find HDU [${shown}]: ${file.path} — it has ${there}`, {
    hint: `iris fits info ${file.path}`,
  });
}
