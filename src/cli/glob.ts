/** File patterns: `*` and `?` within a name, `**` over folders, `[a-c]`, `{a,b}`; sorted as a person would. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

export const isPattern = (word: string): boolean => /[*?[{]/.test(word);

let collator: Intl.Collator | undefined;

/** x2 before x10. Made when it is first needed: that takes longer than reading a folder. */
export const naturalOrder = (a: string, b: string): number =>
  (collator ??= new Intl.Collator("en", { numeric: true })).compare(a, b);

/** `a{b,c}` → `ab`, `ac`. */
function alternatives(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (!match) return [pattern];
  return match[2]!.split(",").flatMap((part) => alternatives(`${match[1]!}${part}${match[3]!}`));
}

/** One path component as an expression; a name that begins with a dot has to be asked for. */
function nameExpression(part: string): RegExp {
  const body = part.replace(/\[!?[^\]]+\]|[*?]|[.+^${}()|\\[\]]/g, (token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token.length > 1) return token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\");
    return `\\${token}`;
  });
  return new RegExp(`^${part.startsWith(".") ? "" : "(?!\\.)"}${body}$`, "s");
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function walk(cwd: string, at: string, parts: readonly string[]): string[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [at];
  const folder = resolve(cwd, at);
  if (part === "**") {
    const below = entriesOf(folder).filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
    return [...walk(cwd, at, rest), ...below.flatMap(({ name }) => walk(cwd, join(at, name), parts))];
  }
  if (!isPattern(part)) {
    const next = at === "" && part === "" ? "/" : join(at, part);
    return existsSync(resolve(cwd, next)) ? walk(cwd, next, rest) : [];
  }
  const expression = nameExpression(part);
  return entriesOf(folder)
    .filter(({ name }) => expression.test(name))
    .flatMap(({ name }) => walk(cwd, join(at, name), rest));
}

/** The paths that fit, as relative or absolute as the pattern, in natural order. A file of that very name wins. */
export function expandPattern(pattern: string, cwd: string): string[] {
  if (existsSync(resolve(cwd, pattern))) return [pattern];
  const found = alternatives(pattern).flatMap((each) => walk(cwd, "", each.split("/")));
  return [...new Set(found)].sort(naturalOrder);
}
