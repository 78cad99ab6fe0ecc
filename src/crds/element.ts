/** One element of a match key as a function of the header's value: 1 matches, 0 doesn't care, −1 excludes. */
import { strip } from "./condition.js";

export type Weight = 1 | 0 | -1;
export type Matcher = (value: string) => Weight;

/** The element can't be compiled; the caller adds file and line. */
export class ElementError extends Error {}

const relationForm = /^(>=|<=|>|<)\s*([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)/;
const floatForm = /^[-+]?(?:(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?)$/i;

/** Python `float(text)`, undefined when it isn't a number. */
export function toFloat(text: string): number | undefined {
  const trimmed = strip(text);
  if (floatForm.test(trimmed)) return Number(trimmed.replaceAll("_", ""));
  const word = trimmed.toLowerCase();
  if (word === "nan" || word === "+nan" || word === "-nan") return NaN;
  const infinite = /^([-+]?)inf(inity)?$/.exec(word);
  return infinite ? (infinite[1] === "-" ? -Infinity : Infinity) : undefined;
}

/**
 * Compiles a conditioned element.
 *
 * @throws ElementError when a relation has no number, BETWEEN has no two ascending bounds or a pattern doesn't compile
 */
export function makeMatcher(element: string): Matcher {
  if (element.startsWith("(") && element.endsWith(")"))
    return withText(element.slice(1, -1), regexMatcher(element.slice(1, -1)));
  if (element.startsWith("{") && element.endsWith("}")) return literalMatcher(element.slice(1, -1));
  if (element.length > 1 && element.startsWith("#") && element.endsWith("#"))
    return relationsMatcher(element);
  if (/^between/i.test(element)) return betweenMatcher(element);
  if (/^not /i.test(element)) return notMatcher(element);
  if (element.includes("|") || element.includes("*")) return withText(null, globsMatcher(element));
  if (element === "N/A") return () => 0;
  if (element.startsWith(">") || element.startsWith("<")) return withText(element, relationMatcher(element));
  return literalMatcher(element);
}

/** The tests which come before a matcher's own rule; globs and ranges don't match their own text. */
function withText(text: string | null, test: (value: string) => boolean): Matcher {
  return (value) => (value === text || value === "*" ? 1 : value === "N/A" ? 0 : test(value) ? 1 : -1);
}

const literalMatcher = (text: string): Matcher => withText(text, () => false);

/** Python's `re.match`: anchored at the start only. The few spellings that differ from JavaScript's are translated. */
function regexMatcher(pattern: string): (value: string) => boolean {
  const source = pattern
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll("\\A", "^")
    .replaceAll("\\Z", "$");
  try {
    const form = new RegExp(`^(?:${source})`);
    return (value) => form.test(value);
  } catch (error) {
    throw new ElementError(
      `the regular expression "${pattern}" doesn't compile: ${(error as Error).message}`,
    );
  }
}

function globsMatcher(element: string): (value: string) => boolean {
  const parts = element.split("|").map(strip);
  const words = new Set(parts.filter((part) => !/[*?[]/.test(part)));
  const forms = parts.filter((part) => /[*?[]/.test(part)).map(globForm);
  return (value) => words.has(value) || forms.some((form) => form.test(value));
}

/** Shell pattern → anchored expression; a bracket that never closes is an ordinary character. */
function globForm(glob: string): RegExp {
  const source = glob.replace(/\[!?\]?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    if (part.length === 1) return part.replace(/[.+^${}()|[\]\\/]/, "\\$&");
    const negated = part[1] === "!";
    const members = part.slice(negated ? 2 : 1, -1).replace(/[\\\]^]/g, "\\$&");
    return `[${negated ? "^" : ""}${members}]`;
  });
  return new RegExp(`^${source}$`);
}

function relationMatcher(element: string): (value: string) => boolean {
  const found = relationForm.exec(element);
  if (!found) throw new ElementError(`the relation "${element}" has no number`);
  const bound = Number(found[2]);
  const relation = relations[found[1] as keyof typeof relations];
  return (value) => {
    const x = toFloat(value);
    return x !== undefined && relation(x, bound);
  };
}

const relations = {
  ">": (x: number, y: number) => x > y,
  ">=": (x: number, y: number) => x >= y,
  "<": (x: number, y: number) => x < y,
  "<=": (x: number, y: number) => x <= y,
};

/** `#>1 AND <=20#`: both of the first two parts; `#>20 OR <5#`: either; a third part is ignored. */
function relationsMatcher(element: string): Matcher {
  const inner = element.slice(1, -1).toUpperCase();
  for (const [word, decide] of [
    [" AND ", Math.min],
    [" OR ", Math.max],
  ] as const) {
    if (!inner.includes(word)) continue;
    const [a, b] = inner.split(word).map((part) => makeMatcher(strip(part))) as [Matcher, Matcher];
    return combine(element, a, b, decide);
  }
  return makeMatcher(inner);
}

function combine(text: string, a: Matcher, b: Matcher, decide: (a: number, b: number) => number): Matcher {
  return withText(text, (value) => decide(a(value), b(value)) > 0);
}

function betweenMatcher(element: string): Matcher {
  const bounds = strip(element).split(/\s+/).slice(1);
  const [low, high] = bounds.map(toFloat);
  if (bounds.length !== 2 || low === undefined || high === undefined) {
    throw new ElementError(`"${element}" should read "between LOW HIGH" with two numbers`);
  }
  if (low > high) throw new ElementError(`"${element}" has its bounds the wrong way round`);
  return withText(null, (value) => {
    const x = toFloat(value);
    return x !== undefined && low <= x && x < high;
  });
}

function notMatcher(element: string): Matcher {
  const inner = makeMatcher(strip(element.slice(3)));
  return (value) => {
    const weight = inner(value);
    return weight === 0 ? 0 : weight === 1 ? -1 : 1;
  };
}
