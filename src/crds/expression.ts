/** Reader and evaluator of relevance expressions: comparisons, membership and logic over header values, nothing else. */

export type ExpressionValue = string | number | boolean | null | readonly ExpressionValue[];

/** The expression can't be read; the caller adds file and line. */
export class ExpressionError extends Error {}

/** Gives a keyword's value, or undefined when the header can't have it. */
export type Lookup = (name: string) => string | undefined;

export interface Expression {
  readonly text: string;
  /** Keywords that appear in it. */
  readonly names: readonly string[];
  /** @throws ExpressionError on an unknown keyword or a comparison of text with number */
  evaluate(lookup: Lookup): ExpressionValue;
}

type Eval = (lookup: Lookup) => ExpressionValue;

const tokenForm =
  /\s*(?:((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|([A-Za-z_][A-Za-z0-9_.]*)|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|(==|!=|<=|>=|[<>()[\],-]))/y;

type Token = { kind: "number" | "name" | "string" | "symbol" | "end"; text: string };

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.trimEnd().length) {
    tokenForm.lastIndex = position;
    const found = tokenForm.exec(text);
    if (!found)
      throw new ExpressionError(`unexpected "${text.slice(position).trim()[0]}" in the expression ${text}`);
    const [, number, name, single, double, symbol] = found;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
    else tokens.push({ kind: "string", text: (single ?? double)!.replace(/\\(.)/g, "$1") });
    position = tokenForm.lastIndex;
  }
  tokens.push({ kind: "end", text: "the end" });
  return tokens;
}

const words = new Set(["and", "or", "not", "in", "if", "else", "True", "False", "None"]);

/** @throws ExpressionError naming what is wrong */
export function parseExpression(text: string): Expression {
  const tokens = tokenize(text);
  const names = new Set<string>();
  let at = 0;
  let depth = 0;
  const fail = (why: string): never => {
    throw new ExpressionError(`${why} in the expression ${text}`);
  };
  const is = (symbol: string): boolean =>
    tokens[at]!.text === symbol && (tokens[at]!.kind === "symbol" || tokens[at]!.kind === "name");
  const take = (symbol: string): boolean => is(symbol) && ++at > 0;

  const conditional = (): Eval => {
    if (++depth > 50) fail("too many nested parentheses");
    const value = disjunction();
    depth--;
    if (!take("if")) return value;
    const test = disjunction();
    if (!take("else")) fail(`"if" without "else"`);
    const other = conditional();
    return (l) => (truth(test(l)) ? value(l) : other(l));
  };
  const disjunction = (): Eval => {
    let left = conjunction();
    while (take("or")) {
      const [a, b] = [left, conjunction()];
      left = (l) => {
        const value = a(l);
        return truth(value) ? value : b(l);
      };
    }
    return left;
  };
  const conjunction = (): Eval => {
    let left = negation();
    while (take("and")) {
      const [a, b] = [left, negation()];
      left = (l) => {
        const value = a(l);
        return truth(value) ? b(l) : value;
      };
    }
    return left;
  };
  const negation = (): Eval => {
    if (!take("not")) return comparison();
    const inner = negation();
    return (l) => !truth(inner(l));
  };
  const comparison = (): Eval => {
    const first = unary();
    const links: { relation: Relation; operand: Eval }[] = [];
    for (let relation = relationNext(); relation; relation = relationNext()) {
      links.push({ relation, operand: unary() });
    }
    if (links.length === 0) return first;
    // a < b < c compares neighbours, each operand evaluated once
    return (l) => {
      let left = first(l);
      for (const { relation, operand } of links) {
        const right = operand(l);
        if (!relation(left, right)) return false;
        left = right;
      }
      return true;
    };
  };
  const relationNext = (): Relation | undefined => {
    const token = tokens[at]!;
    if (token.kind === "symbol" && relations[token.text]) {
      at++;
      return relations[token.text];
    }
    if (take("in")) return isIn;
    if (is("not") && tokens[at + 1]!.text === "in" && tokens[at + 1]!.kind === "name") {
      at += 2;
      return (a, b) => !isIn(a, b);
    }
    return undefined;
  };
  const unary = (): Eval => {
    if (!take("-")) return primary();
    const inner = unary();
    return (l) => {
      const value = inner(l);
      return typeof value === "number" ? -value : fail("minus before something that isn't a number");
    };
  };
  const primary = (): Eval => {
    const token = tokens[at++]!;
    if (token.kind === "string") return () => token.text;
    if (token.kind === "number") return () => Number(token.text);
    if (token.text === "(" && token.kind === "symbol") return group(")");
    if (token.text === "[" && token.kind === "symbol") return group("]");
    if (token.kind !== "name") return fail(`unexpected "${token.text}"`);
    if (token.text === "True" || token.text === "False") return () => token.text === "True";
    if (token.text === "None") return () => null;
    if (words.has(token.text)) return fail(`unexpected "${token.text}"`);
    if (is("(")) return fail(`the call of "${token.text}"`);
    names.add(token.text);
    return (l) => l(token.text) ?? fail(`unknown keyword ${token.text}`);
  };
  const group = (close: string): Eval => {
    const items: Eval[] = [];
    let commas = 0;
    while (!take(close)) {
      if (items.length > commas) fail(`missing "${close}"`);
      items.push(conditional());
      if (take(",")) commas++;
    }
    if (close === ")" && items.length === 1 && commas === 0) return items[0]!;
    return (l) => items.map((item) => item(l));
  };

  const evaluate = conditional();
  if (tokens[at]!.kind !== "end") fail(`unexpected "${tokens[at]!.text}"`);
  return { text, names: [...names], evaluate };
}

/** Python's truth of a value. */
export const truth = (value: ExpressionValue): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value);

type Relation = (a: ExpressionValue, b: ExpressionValue) => boolean;

function isEqual(a: ExpressionValue, b: ExpressionValue): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a.length === b.length && a.every((item, i) => isEqual(item as ExpressionValue, b[i] as ExpressionValue))
    );
  }
  if (typeof a === "boolean" && typeof b === "number") return Number(a) === b;
  if (typeof b === "boolean" && typeof a === "number") return Number(b) === a;
  return a === b;
}

function isIn(a: ExpressionValue, b: ExpressionValue): boolean {
  if (Array.isArray(b)) return b.some((item) => isEqual(a, item as ExpressionValue));
  if (typeof b === "string" && typeof a === "string") return b.includes(a);
  throw new ExpressionError(`"in" needs a list or a text on its right`);
}

const ordered =
  (test: (order: number) => boolean): Relation =>
  (a, b) => {
    if (typeof a === "string" && typeof b === "string") return test(a < b ? -1 : a > b ? 1 : 0);
    if (typeof a === "number" && typeof b === "number") return test(a - b);
    throw new ExpressionError("text and number can't be ordered");
  };

const relations: Record<string, Relation> = {
  "==": isEqual,
  "!=": (a, b) => !isEqual(a, b),
  "<": ordered((order) => order < 0),
  "<=": ordered((order) => order <= 0),
  ">": ordered((order) => order > 0),
  ">=": ordered((order) => order >= 0),
};
