/** Temporary files of runs that were killed. */
import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What a killed run left of this product goes; what a living one is writing stays. */
export function removeLeftovers(output: string): void {
  const folder = dirname(output);
  if (!existsSync(folder)) return;
  const start = basename(output).replace(/\.fits$/, "");
  for (const name of readdirSync(folder)) {
    const pid = /^(.+)\.(?:fits|png)\.tmp-(\d+)$/.exec(name);
    if (pid?.[1] !== start || isAlive(Number(pid[2]))) continue;
    try {
      unlinkSync(join(folder, name));
    } catch {
      // Another process was faster.
    }
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
