/** One writer at a time: a lock file that names its process, and doesn't outlive it. */
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { OutputError } from "../../errors.js";

/** Takes the lock and gives the function that frees it; @throws OutputError when a living process holds it */
export function takeLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const own = JSON.stringify({ pid: process.pid, host: hostname() });
  const temporary = `${path}.${process.pid}`;
  // a link appears with its content or not at all
  writeFileSync(temporary, own);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(temporary, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        const holder = readHolder(path);
        if (attempt > 3 || (holder && isAlive(holder))) {
          throw new OutputError(
            `the cache is being changed by another process — ${path} is held by ${holder ? `process ${holder.pid} on ${holder.host}` : "someone"}`,
            {
              hint: `wait for it; if no such process runs: iris crds sync --clear-locks`,
            },
          );
        }
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(temporary, { force: true });
  }
}

export interface ClearedLock {
  name: string;
  /** Who held it, and whether that process may still be at work. */
  holder: (Holder & { alive: boolean }) | null;
}

/** Removes the locks of a folder, whoever holds them; a dry run only names them. */
export function clearLocks(folder: string, dryRun: boolean): ClearedLock[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".lock")) : [];
  return names.sort().map((name) => {
    const holder = readHolder(join(folder, name));
    if (!dryRun) rmSync(join(folder, name), { force: true });
    return { name, holder: holder ? { ...holder, alive: isAlive(holder) } : null };
  });
}

interface Holder {
  pid: number;
  host: string;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** A process of another machine can't be looked at: it counts as alive. */
function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
