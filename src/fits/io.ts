/** Reads and writes of any length: one call of the system takes fewer than 2³¹ bytes, and may do less than asked. */
import { readSync, writeSync } from "node:fs";

const mostAtOnce = 2 ** 30;

/** All of `into`, or as much as the file has; returns how much that is. */
export function readFully(fd: number, position: number, into: Uint8Array): number {
  let done = 0;
  while (done < into.length) {
    const count = readSync(fd, into, done, Math.min(mostAtOnce, into.length - done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** All of `bytes`, at `position` or where the file stands. */
export function writeFully(fd: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? null : position + done;
    done += writeSync(fd, bytes, done, Math.min(mostAtOnce, bytes.length - done), at);
  }
}
