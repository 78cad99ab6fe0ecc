/** What stands in an output folder, and whether it is still what its inputs and references would give. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { openFile } from "./inputs.js";
import { identity } from "./fingerprint.js";
import { contentHash, openHashMemory, sha256File, type HashMemory } from "./hashes.js";
import { readLedger, type LedgerEntry } from "./ledger.js";
import { readStamp } from "./stamp.js";
import type { Host } from "../host.js";

export interface StatusRow {
  output: string;
  pipeline: string;
  /** UTC, when it was made. */
  time: string;
  state: "fresh" | "stale" | "missing" | "foreign";
  /** "input raw/0007.fits changed", "reference … is gone"; empty when fresh. */
  why: string;
  caveats: number;
}

/** One row per product in the folder's ledger, in the order they were first made. */
export function status(folder: string, host: Host): StatusRow[] {
  const memory = openHashMemory(host);
  return [...readLedger(folder).values()].map((entry) => {
    const { state, why } = stateOf(join(folder, entry.output), entry, memory);
    const { output, pipeline, time, caveats } = entry;
    return { output, pipeline, time, state, why, caveats: caveats.length };
  });
}

function stateOf(path: string, entry: LedgerEntry, memory: HashMemory): Pick<StatusRow, "state" | "why"> {
  if (!existsSync(path)) return { state: "missing", why: "the product is gone" };
  const stamp = readStamp(path);
  if (!stamp) return { state: "foreign", why: "the file there isn't a product of iris" };
  if (identity(stamp) !== entry.fingerprint)
    return { state: "stale", why: "the product isn't the one that the ledger knows" };
  for (const { path: input, hash } of entry.inputs) {
    const now = hashOf(input, "content", memory);
    if (now === null) return { state: "stale", why: `input ${input} is gone` };
    if (now !== hash) return { state: "stale", why: `input ${input} changed` };
  }
  for (const { path: reference, sha256, type } of entry.refs) {
    const now = hashOf(reference, "sha256", memory);
    if (now === null) return { state: "stale", why: `${type} reference ${reference} is gone` };
    if (now !== sha256) return { state: "stale", why: `${type} reference ${reference} changed` };
  }
  return { state: "fresh", why: "" };
}

/** A file's hash, remembered or computed; null when it isn't there. */
export function hashOf(path: string, kind: "content" | "sha256", memory: HashMemory): string | null {
  if (!existsSync(path) || !statSync(path).isFile()) return null;
  const known = memory.get(path, kind);
  if (known !== undefined) return known;
  const hash = kind === "sha256" ? sha256File(path) : contentOf(path);
  memory.set(path, kind, hash);
  return hash;
}

function contentOf(path: string): string {
  const file = openFile(path);
  try {
    return contentHash(file);
  } finally {
    file.close();
  }
}
