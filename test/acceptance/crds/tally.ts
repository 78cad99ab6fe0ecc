/** Counts cases, prints a line per failing one, and no more than a few per file. */
import { readFileSync } from "node:fs";

export interface Tally {
  passed: number;
  failed: number;
  /** What was seen but not judged, and why. */
  notes: string[];
  pass(): void;
  fail(id: string, why: string): void;
  apart(note: string): void;
  open(name: string): void;
  close(): void;
}

const shown = 12;

export function makeTally(): Tally {
  let printed = 0;
  let name = "";
  const tally: Tally = {
    passed: 0,
    failed: 0,
    notes: [],
    pass: () => void tally.passed++,
    fail: (id, why) => {
      tally.failed++;
      if (printed++ < shown) console.log(`FAIL ${name ? `${name} ` : ""}${id}: ${why}`.slice(0, 500));
    },
    apart: (note) => void tally.notes.push(note),
    open: (next) => {
      name = next;
      printed = 0;
    },
    close: () => {
      if (printed > shown) console.log(`     ${name}: ${printed - shown} more`);
    },
  };
  return tally;
}

/** Objects of a JSON-lines file. */
export const readLines = <T>(file: string): T[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as T);
