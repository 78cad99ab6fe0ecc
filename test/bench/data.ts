/** Where benchmarks keep their big files, and the commands that they run. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { packageRoot } from "../../src/package.js";

export const iris = (...words: string[]): string[] => [
  process.execPath,
  join(packageRoot, "bin", "iris.js"),
  ...words,
];

/** The peers' scripts, where they are beside this checkout. */
export const peers = resolve(packageRoot, "..", "shared", "bench");

/** BENCH_DATA keeps the data for the next run; else they go with the process. */
export const folder: string = (() => {
  const kept = process.env["BENCH_DATA"];
  if (kept) {
    mkdirSync(kept, { recursive: true });
    return resolve(kept);
  }
  const made = mkdtempSync(join(tmpdir(), "iris-bench-"));
  process.on("exit", () => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
})();

/** What is made while the clock runs; `measure` empties it before every run, so that nobody has old files to give back. */
export const products = join(folder, "products");

/** Runs a command once; throws with its words when it fails. */
export function run(command: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, ...env },
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}\n${stderr}`);
  return stdout;
}

/** Makes a file with `make` unless it stands there already. */
export function made(name: string, make: (path: string) => void): string {
  const path = join(folder, name);
  if (!existsSync(path)) make(path);
  return path;
}

export const canRun = (command: string, ...words: string[]): boolean =>
  spawnSync(command, words, { stdio: "ignore" }).status === 0;

export const python = "/usr/bin/python3";
export const hasAstropy = canRun(python, "-c", "import numpy, astropy.io.fits");
