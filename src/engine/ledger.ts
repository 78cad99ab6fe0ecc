/** `.iris/ledger.jsonl` beside the outputs: one line per product made, append-only, safe for several writers. */
import { appendFileSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Fingerprint } from "./fingerprint.js";
import { makeFolder } from "./outputs.js";
import type { Caveat } from "../step/outcome.js";

export interface LedgerEntry {
  v: 1;
  /** UTC, when the product was renamed into place. */
  time: string;
  /** File name in this folder. */
  output: string;
  pipeline: string;
  fingerprint: string;
  parts: Fingerprint;
  inputs: { path: string; hash: string }[];
  refs: { type: string; path: string; sha256: string }[];
  params: Record<string, unknown>;
  steps: string[];
  context: string | null;
  /** The calibration cache, and the folder from which the words of the command are meant; the first entries had none. */
  cache?: string | null;
  cwd?: string;
  command: string;
  caveats: Caveat[];
  iris: string;
  seconds: number;
  /** Peak resident memory of the process so far. */
  peakMB: number;
}

export const ledgerPath = (folder: string): string => join(folder, ".iris", "ledger.jsonl");

/**
 * One `write` of a whole line to a file opened for appending: lines of two processes don't mix. The line also begins
 * with a line feed, so that it can't be glued to one that a crash cut short.
 */
export function appendLedger(product: string, entry: LedgerEntry): void {
  const path = ledgerPath(dirname(product));
  makeFolder(dirname(path));
  appendFileSync(path, `\n${JSON.stringify(entry)}\n`);
}

/** The newest entry of each output. A line cut short by a crash is passed over: its product is just unknown. */
export function readLedger(folder: string): Map<string, LedgerEntry> {
  const entries = new Map<string, LedgerEntry>();
  let text: string;
  try {
    text = readFileSync(ledgerPath(folder), "utf8");
  } catch {
    return entries;
  }
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry) entries.set(entry.output, entry);
  }
  return entries;
}

function parseLine(line: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    return entry.v === 1 && entry.output === basename(entry.output) ? entry : undefined;
  } catch {
    return undefined;
  }
}
