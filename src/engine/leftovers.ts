/** Temporary files of runs that were killed. */
import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { PlannedProduct } from "./plan-types.js";

/** What a killed run left of this product goes; what a living one is writing stays. */
export function removeLeftovers({ output, beside = [] }: Pick<PlannedProduct, "output" | "beside">): void {
  const folder = dirname(output);
  if (!existsSync(folder)) return;
  const stems = new Set([output, ...beside].map((path) => basename(path).replace(/\.\w+$/, "")));
  for (const name of readdirSync(folder)) {
    const pid = /^(.+)\.(?:fits|png|json)\.tmp-(\d+)$/.exec(name);
    if (!pid || !stems.has(pid[1]!) || isAlive(Number(pid[2]))) continue;
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
