/** Files that only iris may overwrite: they say in their first bytes who wrote them. */
import { closeSync, openSync, readSync } from "node:fs";

/** Whether there is a file without the mark in its first 2048 bytes. */
export function isUnmarked(path: string, mark: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(2048);
    const length = readSync(descriptor, head, 0, head.length, 0);
    return !head.subarray(0, length).includes(mark);
  } finally {
    closeSync(descriptor);
  }
}
