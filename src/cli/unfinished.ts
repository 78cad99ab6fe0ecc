/** A note beside the products while a run lasts, from which `iris resume` does what a killed run left. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OutputError } from "../errors.js";
import type { Fixed } from "./request.js";
import type { RunFlags } from "./run-flags.js";

export interface RunNote {
  v: 1;
  pid: number;
  cwd: string;
  /** The variables that steer a run, as they were. */
  env: Record<string, string>;
  words: string[];
  flags: RunFlags;
  fixed: Fixed;
}

const variables = ["IRIS_CONFIG", "IRIS_JOBS", "CRDS_PATH", "CRDS_CONTEXT"];

const notesFolder = (out: string): string => join(out, ".iris", "runs");

/** Like mkdir -p, one folder at a time: Node's own recursion never ends where a folder can't be made, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Writes the note before the first pixel; the function returned takes it away again. @throws OutputError */
export function leaveNote(
  out: string,
  note: Omit<RunNote, "v" | "pid" | "env">,
  env: Readonly<Record<string, string | undefined>>,
): () => void {
  const kept = variables.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const path = join(notesFolder(out), `${process.pid}.json`);
  const full: RunNote = { v: 1, pid: process.pid, env: Object.fromEntries(kept), ...note };
  try {
    makeFolder(notesFolder(out));
    writeFileSync(path, JSON.stringify(full));
  } catch (cause) {
    throw new OutputError(`cannot write to ${out}`, { cause, hint: "name another folder with -o" });
  }
  return () => rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The notes of runs that are no more, oldest process first, each with its path. */
export function readNotes(out: string): { path: string; note: RunNote }[] {
  let names: string[];
  try {
    names = readdirSync(notesFolder(out));
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+\.json$/.test(name) && !isAlive(Number.parseInt(name)))
    .map((name) => join(notesFolder(out), name))
    .flatMap((path) => {
      try {
        return [{ path, note: JSON.parse(readFileSync(path, "utf8")) as RunNote }];
      } catch {
        // Killed while it wrote its note: nothing had begun.
        return [];
      }
    });
}
