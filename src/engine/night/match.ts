/** Which of several exposures serves another best: equal settings first, then the nearest in time. */
import type { Exposure } from "../../data/exposure.js";
import type { Descriptor, MatchRule } from "../../instruments/define.js";

/**
 * How good a match is: 0 same settings and night; 1 same settings, another night; 2 other settings, same night;
 * 3 other settings, another night.
 */
export type Level = 0 | 1 | 2 | 3;

/** What there is to choose from: the settings of one exposure, and the mean time of those that it stands for. */
export interface Candidate {
  exposure: Exposure;
  /** Julian date. */
  jd: number;
}

export interface Match<T> {
  found: T;
  level: Level;
  /** Days between the two, NaN where a date is unknown. */
  days: number;
  /** "level 2, another exposure time (60 s for 32 s), 14 min apart". */
  why: string;
}

const words: Readonly<Record<Descriptor, string>> = {
  detector: "detector",
  mode: "mode",
  filter: "filter",
  pupil: "pupil or slit",
  exptime: "exposure time",
  readmode: "read mode",
  obsid: "observation",
};

/** Exposures less than half a day apart belong to one night. */
const NIGHT_DAYS = 0.5;
/** Exposure times are settings of a clock: a difference beyond rounding is another time. */
const SAME_TIME = 1e-3;

export const julianDate = ({ dateObs }: Exposure): number =>
  dateObs === "" ? NaN : Date.parse(`${dateObs}Z`) / 86_400_000 + 2_440_587.5;

/** One fact in words: "32 s", "IMG1". */
export const factOf = (exposure: Exposure, key: Descriptor): string =>
  key === "exptime" ? `${Number(exposure.exptime.toFixed(3))} s` : exposure[key];

export const isSame = (a: Exposure, b: Exposure, key: Descriptor): boolean =>
  key === "exptime"
    ? Math.abs(a.exptime - b.exptime) <= SAME_TIME * Math.max(a.exptime, b.exptime)
    : a[key] === b[key];

/** 0.01 → "14 min", 2.2 → "2.2 d". */
export function formatDays(days: number): string {
  const seconds = Math.abs(days) * 86_400;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.abs(days).toFixed(1)} d`;
}

/** Does the window of `outer` hold that of `inner`? A calibration is cut to the exposure that it serves. */
function holds(outer: Exposure, inner: Exposure): boolean {
  const [a, b] = [outer.subarray, inner.subarray];
  return a.x <= b.x && a.y <= b.y && a.x + a.nx >= b.x + b.nx && a.y + a.ny >= b.y + b.ny;
}

const isSameWindow = ({ subarray: a }: Exposure, { subarray: b }: Exposure): boolean =>
  a.x === b.x && a.y === b.y && a.nx === b.nx && a.ny === b.ny;

/** The candidates that can serve at all, the best first: by level, then by time. */
export function rank<T extends Candidate>(
  wanted: Candidate,
  candidates: readonly T[],
  { same, alike }: MatchRule,
): Match<T>[] {
  return candidates
    .filter(
      ({ exposure }) =>
        same.every((key) => isSame(wanted.exposure, exposure, key)) && holds(exposure, wanted.exposure),
    )
    .map((found) => judge(wanted, found, alike))
    .sort((a, b) => a.level - b.level || distance(a) - distance(b));
}

const distance = ({ days }: Match<unknown>): number => (Number.isNaN(days) ? Infinity : days);

function judge<T extends Candidate>(wanted: Candidate, found: T, alike: MatchRule["alike"]): Match<T> {
  const others = alike
    .filter((key) => !isSame(wanted.exposure, found.exposure, key))
    .map(
      (key) =>
        `another ${words[key]} (${factOf(found.exposure, key) || "none"} for ${factOf(wanted.exposure, key) || "none"})`,
    );
  if (!isSameWindow(wanted.exposure, found.exposure)) others.push("a larger window");
  const days = Math.abs(found.jd - wanted.jd);
  const isTonight = days < NIGHT_DAYS;
  const level = ((others.length > 0 ? 2 : 0) + (isTonight ? 0 : 1)) as Level;
  const settings = others.length > 0 ? others.join(", ") : "same settings";
  const apart = Number.isNaN(days) ? "date unknown" : `${formatDays(days)} apart`;
  return { found, level, days, why: `level ${level}, ${settings}, ${apart}` };
}
