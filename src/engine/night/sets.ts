/** Exposures that are combined into one calibration: equal settings, one night. */
import type { NightFile } from "./types.js";
import { formatDays, julianDate, type Candidate } from "./match.js";

export interface ExposureSet extends Candidate {
  files: readonly NightFile[];
}

/** A longer pause parts two nights. */
const PAUSE_DAYS = 0.5;

const mean = (values: readonly number[]): number => {
  const first = values[0]!;
  // Julian dates need the full precision of a double.
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
};

/** Sets of exposures of one type, in the order of their first exposures; `files` are in order of time. */
export function setsOf(files: readonly NightFile[], obstype: string): ExposureSet[] {
  const bySettings = new Map<string, NightFile[][]>();
  for (const file of files) {
    if (file.exposure.obstype !== obstype) continue;
    const key = [file.exposure.groupid, file.exposure.mode, file.exposure.pupil].join(" ");
    const nights = bySettings.get(key) ?? [];
    bySettings.set(key, nights);
    const last = nights.at(-1);
    const pause = last ? julianDate(file.exposure) - julianDate(last.at(-1)!.exposure) : 0;
    if (!last || pause > PAUSE_DAYS) nights.push([file]);
    else last.push(file);
  }
  return [...bySettings.values()].flat().map((set) => ({
    files: set,
    exposure: set[0]!.exposure,
    jd: mean(set.map(({ exposure }) => julianDate(exposure))),
  }));
}

/** By time, those of unknown date at the end, then by name. */
export const inOrderOfTime = (files: readonly NightFile[]): NightFile[] =>
  [...files].sort((a, b) => {
    const [s, t] = [a, b].map(({ exposure: { dateObs } }) => dateObs || "~");
    return s! < t! ? -1 : s! > t! ? 1 : a.path < b.path ? -1 : 1;
  });

/** "IMG1 Kbb 32 s". */
export const settingsOf = ({ exposure: { detector, filter, exptime, obstype } }: Candidate): string =>
  [
    detector,
    obstype === "DARK" || obstype === "BIAS" ? "" : filter,
    exptime > 0 ? `${Number(exptime.toFixed(3))} s` : "",
  ]
    .filter((word) => word !== "")
    .join(" ");

/** "5 exposures from 2026-03-05T08:00 on, over 4 min". */
export function spanOf({ files }: ExposureSet): string {
  const [first, last] = [files[0]!.exposure, files.at(-1)!.exposure];
  const n = `${files.length} exposure${files.length === 1 ? "" : "s"}`;
  if (first.dateObs === "") return `${n} of unknown date`;
  const over = files.length > 1 ? ` over ${formatDays(julianDate(last) - julianDate(first))}` : "";
  return `${n} from ${first.dateObs.slice(0, 16)} on${over}`;
}
