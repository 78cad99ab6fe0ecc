/** Sizes of memory in words: 800M, 4G. */
import { UsageError } from "../errors.js";

const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** "4G" → 4294967296; K, M, G, T are powers of 1024, with or without B or iB. Throws UsageError. */
export function parseBytes(word: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(String(word).trim());
  if (!match)
    throw new UsageError(`cannot read the size "${word}"`, { hint: "sizes are 800M or 4G: --mem 4G" });
  const bytes = Math.round(Number(match[1]) * units[match[2]!.toUpperCase()]!);
  if (bytes === 0)
    throw new UsageError(`cannot work in a memory of ${word}`, { hint: "sizes are 800M or 4G: --mem 4G" });
  return bytes;
}

/** 326000000 → "311 MB" (MB = 2²⁰ bytes). */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ["TB", 2 ** 40],
    ["GB", 2 ** 30],
    ["MB", 2 ** 20],
    ["kB", 2 ** 10],
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(bytes / size < 10 ? 1 : 0)} ${unit}`;
  return `${bytes} B`;
}
