/** Paths as the user would say them from here. */
import { join, relative, sep } from "node:path";

/** Relative, unless that climbs far. */
export function fromHere(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === "" ? "." : short.startsWith(join("..", "..")) ? path : short;
}

/** A sentence in which files below the working folder are named from there. */
export const shorten = (text: string, cwd: string): string =>
  cwd === sep ? text : text.replaceAll(`${cwd}${sep}`, "");
