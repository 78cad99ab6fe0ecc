/** Values of the options of `iris sim`, checked. */
import { existsSync } from "node:fs";
import { OutputError, UsageError } from "../../../errors.js";
import { DETECTORS } from "../../../instruments/iris/simulator/detector.js";

/** A finite number within limits. @throws UsageError */
export function numberFlag(name: string, text: string, min = -Infinity, max = Infinity): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value) || value < min || value > max) {
    const range = min > -Infinity ? `, ${min} or more` : "";
    throw new UsageError(`bad value: --${name} ${text} — expected a number${range}`);
  }
  return value;
}

/** A whole number within limits. @throws UsageError */
export function integerFlag(name: string, text: string, min = 0): number {
  const value = numberFlag(name, text, min, 2 ** 31 - 1);
  if (!Number.isInteger(value))
    throw new UsageError(`bad value: --${name} ${text} — expected a whole number`);
  return value;
}

/** `256` or `320x200` → columns, rows. @throws UsageError */
export function sizeOf(text: string): readonly [number, number] {
  const match = /^(\d+)(?:[x×](\d+))?$/i.exec(text.trim());
  if (!match)
    throw new UsageError(`bad value: --size ${text} — expected a side (256) or columns x rows (320x200)`);
  const nx = Number(match[1]);
  return [nx, match[2] === undefined ? nx : Number(match[2])];
}

/** `x,y` → two numbers. @throws UsageError */
export function pairFlag(name: string, text: string): readonly [number, number] {
  const parts = text.split(",");
  if (parts.length !== 2) throw new UsageError(`bad value: --${name} ${text} — expected two numbers: x,y`);
  return [numberFlag(name, parts[0]!), numberFlag(name, parts[1]!)];
}

/** UTC of an ISO 8601 time, ms since the epoch. @throws UsageError */
export function timeFlag(name: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/.test(text)
    ? Date.parse(`${text.replace(" ", "T")}${text.length > 10 ? "Z" : ""}`)
    : NaN;
  if (!Number.isFinite(time))
    throw new UsageError(`bad value: --${name} ${text} — expected a UTC time: 2026-03-05T08:00:00`);
  return time;
}

/** Comma-separated words; `all` stands for every one of `known`. */
export const listFlag = (text: string, known: readonly string[]): string[] =>
  text === "all"
    ? [...known]
    : text
        .split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "");

export const detectorsFlag = (text: string): string[] =>
  listFlag(text, Object.keys(DETECTORS)).map((name) => name.toUpperCase());

/** Refuses to write over files unless the user said so, before anything is written. @throws OutputError */
export function refuseExisting(paths: readonly string[], force: boolean): void {
  const there = force ? undefined : paths.find(existsSync);
  if (there !== undefined)
    throw new OutputError(`would overwrite: ${there} — it exists`, {
      hint: "choose another name, or use --force",
    });
}
