/** What `iris` takes from the machine. */
import { join } from "node:path";

/** The only ambient state: everything that `iris` takes from the machine enters through one `Host`. */
export interface Host {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Seconds since the epoch are fixed by SOURCE_DATE_EPOCH, so that products can be reproduced byte by byte. */
  now(): Date;
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

export function processHost(): Host {
  const epoch = process.env["SOURCE_DATE_EPOCH"];
  return {
    cwd: process.cwd(),
    env: process.env,
    now: () => (epoch ? new Date(Number(epoch) * 1000) : new Date()),
    // Opening it takes longer than most commands need.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
  };
}

/**
 * Folder of the user's for what can be made again: under XDG_CACHE_HOME, where empty counts as unset (XDG Base Directory
 * Specification), else ~/.cache; undefined when there is no home.
 */
export function userCacheFolder(env: Host["env"]): string | undefined {
  const base = env["XDG_CACHE_HOME"] || (env["HOME"] && join(env["HOME"], ".cache"));
  return base ? join(base, "iris") : undefined;
}
