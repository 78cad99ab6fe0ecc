/** The files that the words of a command line mean: files, patterns, folders, `@list` and `-`. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { InputError, UsageError } from "../errors.js";
import { isFitsName } from "../fits/name.js";
import type { Host } from "../host.js";
import { expandPattern, isPattern, naturalOrder } from "./glob.js";

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The FITS files of a folder, with `recursive` also of those below; hidden ones are passed over. */
function filesIn(folder: string, cwd: string, recursive: boolean): string[] {
  const entries = readdirSync(resolve(cwd, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => naturalOrder(a.name, b.name));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (isFolder(resolve(cwd, path))) return recursive ? filesIn(path, cwd, true) : [];
    return isFitsName(entry.name) ? [path] : [];
  });
}

const linesOf = (content: string): string[] =>
  content
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");

interface Expansion {
  host: Host;
  recursive: boolean;
  /** Lists being read, so that a list which names itself is found out. */
  lists: readonly string[];
}

/** A file of the command line; found: in a folder, not named. */
interface Expanded {
  path: string;
  isFound: boolean;
}

async function expandWord(word: string, folder: string, expansion: Expansion): Promise<Expanded[]> {
  const { host, recursive, lists } = expansion;
  if (word === "-") {
    const words = linesOf(await text(host.stdin as NodeJS.ReadStream));
    return (await Promise.all(words.map((each) => expandWord(each, host.cwd, expansion)))).flat();
  }
  const from = (path: string) => (folder === host.cwd || isAbsolute(path) ? path : join(folder, path));
  if (word.startsWith("@")) {
    const path = resolve(folder, word.slice(1));
    if (lists.includes(path)) throw new UsageError(`list ${basename(path)} names itself`);
    let content: string;
    try {
      content = readFileSync(path, "utf8");
    } catch (cause) {
      throw new InputError(`cannot read the list ${word.slice(1)}`, { cause });
    }
    const inner = { ...expansion, lists: [...lists, path] };
    const words = linesOf(content).map((each) => expandWord(each, dirname(path), inner));
    return (await Promise.all(words)).flat();
  }
  const path = from(word);
  const found = isPattern(path) ? expandPattern(path, host.cwd) : [path];
  return found.flatMap((each): Expanded[] =>
    isFolder(resolve(host.cwd, each))
      ? filesIn(each, host.cwd, recursive).map((file) => ({ path: file, isFound: true }))
      : [{ path: each, isFound: false }],
  );
}

function identity(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there: left in, so that whoever opens it says so.
    return path;
  }
}

/**
 * The files in the order of the words, those of one pattern or folder in natural order, each once. A word that
 * matches nothing is a UsageError: an empty run must not look like success. A plain name is kept, there or not.
 * `found` are those of folders that no word names.
 */
export async function findInputs(
  words: readonly string[],
  host: Host,
  recursive: boolean,
): Promise<{ files: string[]; found: ReadonlySet<string> }> {
  const byIdentity = new Map<string, Expanded>();
  for (const word of words) {
    const files = await expandWord(word, host.cwd, { host, recursive, lists: [] });
    if (files.length === 0) {
      const folder = isFolder(resolve(host.cwd, word));
      throw new UsageError(folder ? `no FITS file in ${word}` : `"${word}" matches no file`, {
        hint: folder && !recursive ? `with the folders below: -r ${word}` : `ls ${dirname(word)}`,
      });
    }
    for (const file of files) {
      const id = identity(resolve(host.cwd, file.path));
      const known = byIdentity.get(id);
      if (!known) byIdentity.set(id, file);
      else if (!file.isFound) known.isFound = false;
    }
  }
  const expanded = [...byIdentity.values()];
  return {
    files: expanded.map(({ path }) => path),
    found: new Set(expanded.flatMap(({ path, isFound }) => (isFound ? [path] : []))),
  };
}

/** The same where it doesn't matter how a file was found. */
export const expandInputs = async (
  words: readonly string[],
  host: Host,
  recursive: boolean,
): Promise<string[]> => (await findInputs(words, host, recursive)).files;
