/** Conditions on headers: `EXPTIME > 30 and (FILTER == 'K' or OBJECT ~ 'M*')`. */
import { UsageError } from "../errors.js";

type Keywords = Readonly<Record<string, string | number | boolean>>;
export type Condition = (keywords: Keywords) => boolean;

type Token = { kind: "word" | "text" | "number" | "operator" | "open" | "close"; text: string };

const pattern = /\s*(?:(\()|(\))|(==|!=|<=|>=|=|<|>|!~|~)|'([^']*)'|"([^"]*)"|([^\s()=<>!~'"]+))/y;
const number = /^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/;

function tokens(text: string): Token[] {
  const list: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw new UsageError(`cannot understand the condition: ${text} — at "${text.slice(at)}"`);
    const [, open, close, operator, single, double, word] = match;
    if (open) list.push({ kind: "open", text: open });
    else if (close) list.push({ kind: "close", text: close });
    else if (operator) list.push({ kind: "operator", text: operator });
    else if (word !== undefined) list.push({ kind: number.test(word) ? "number" : "word", text: word });
    else list.push({ kind: "text", text: single ?? double ?? "" });
  }
  return list;
}

/** "M*" as a test: * any characters, ? one. */
export function globTest(glob: string): RegExp {
  const body = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${body}$`, "i");
}

function compare(
  operator: string,
  wanted: string | number | boolean,
): (value: string | number | boolean) => boolean {
  if (operator === "~" || operator === "!~") {
    const test = globTest(String(wanted));
    return (value) => test.test(String(value)) === (operator === "~");
  }
  const order = (value: string | number | boolean): number => {
    if (typeof wanted === "number") {
      const own = typeof value === "string" ? Number(value) : Number(value);
      return own < wanted ? -1 : own > wanted ? 1 : own === wanted ? 0 : NaN;
    }
    const [own, other] = [String(value), String(wanted)];
    return own < other ? -1 : own > other ? 1 : 0;
  };
  switch (operator) {
    case "=":
    case "==":
      return (value) => order(value) === 0;
    case "!=":
      return (value) => order(value) !== 0;
    case "<":
      return (value) => order(value) < 0;
    case "<=":
      return (value) => order(value) <= 0;
    case ">":
      return (value) => order(value) > 0;
    default:
      return (value) => order(value) >= 0;
  }
}

/**
 * Parses comparisons joined by `and`, `or`, `not` and parentheses. A keyword alone asks whether it exists; a
 * comparison with a missing keyword is false. `~` and `!~` compare with patterns (`*`, `?`, any case).
 *
 * @throws UsageError that shows where it can't be understood.
 */
export function parseCondition(text: string): Condition {
  const list = tokens(text);
  let at = 0;
  const isWord = (word: string): boolean =>
    list[at]?.kind === "word" && list[at]!.text.toLowerCase() === word;
  const fail = (): never => {
    const rest = list
      .slice(at)
      .map((token) => token.text)
      .join(" ");
    throw new UsageError(`cannot understand the condition: ${text} — at "${rest || "its end"}"`, {
      hint: `write --where "EXPTIME > 30 and OBJECT ~ 'M*'"`,
    });
  };
  const primary = (): Condition => {
    if (isWord("not")) {
      at++;
      const inner = primary();
      return (keywords) => !inner(keywords);
    }
    if (list[at]?.kind === "open") {
      at++;
      const inner = either();
      if (list[at]?.kind !== "close") fail();
      at++;
      return inner;
    }
    const name = list[at];
    if (name?.kind !== "word" && name?.kind !== "text") return fail();
    at++;
    const keyword = name.text.toUpperCase();
    if (list[at]?.kind !== "operator") return (keywords) => keywords[keyword] !== undefined;
    const operator = list[at++]!.text;
    const value = list[at++];
    if (!value || value.kind === "operator" || value.kind === "open" || value.kind === "close") {
      at--;
      return fail();
    }
    const logical = value.kind === "word" && /^(T|F|true|false)$/.test(value.text);
    const wanted =
      value.kind === "number" ? Number(value.text) : logical ? /^T|true$/.test(value.text) : value.text;
    const test = compare(operator, wanted);
    return (keywords) => keywords[keyword] !== undefined && test(keywords[keyword]);
  };
  const both = (): Condition => {
    let left = primary();
    while (isWord("and")) {
      at++;
      const [first, second] = [left, primary()];
      left = (keywords) => first(keywords) && second(keywords);
    }
    return left;
  };
  function either(): Condition {
    let left = both();
    while (isWord("or")) {
      at++;
      const [first, second] = [left, both()];
      left = (keywords) => first(keywords) || second(keywords);
    }
    return left;
  }
  const condition = either();
  if (at < list.length) fail();
  return condition;
}
