/** Which of all contexts a sync is about: a list, or a stretch of their history. */
import { UsageError } from "../../errors.js";

export interface ContextChoice {
  all?: boolean | undefined;
  /** First and last serial number: `25:30`. */
  range?: string | undefined;
  last?: number | undefined;
  /** Both with the context itself. */
  upTo?: string | undefined;
  after?: string | undefined;
}

export const isChoice = (choice: ContextChoice): boolean =>
  Object.values(choice).some((value) => value !== undefined && value !== false);

/** `tmt_0012.pmap` → 12; a context without serial number is the zeroth. */
const serialOf = (name: string): number => Number(/_(\d+)\.pmap$/.exec(name)?.[1] ?? 0);

/**
 * The contexts that fulfil every condition, oldest first.
 *
 * @throws UsageError for a range that can't be read, a name that isn't among them, or when none is left
 */
export function chooseContexts(names: readonly string[], choice: ContextChoice): string[] {
  const contexts = names
    .filter((name) => name.endsWith(".pmap"))
    .sort((a, b) => serialOf(a) - serialOf(b) || (a < b ? -1 : 1));
  const place = (name: string): number => {
    const at = contexts.indexOf(name);
    if (at >= 0) return at;
    throw new UsageError(`no such context: ${name} — the source has ${contexts.join(", ") || "none"}`);
  };
  const [first, last] = readRange(choice.range);
  const from = choice.after === undefined ? 0 : place(choice.after);
  const to = choice.upTo === undefined ? contexts.length : place(choice.upTo) + 1;
  const chosen = contexts
    .slice(from, to)
    .filter((name) => serialOf(name) >= first && serialOf(name) <= last)
    .slice(choice.last === undefined ? 0 : -choice.last);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`no context is left — the source has ${contexts.join(", ") || "none"}`);
}

function readRange(text: string | undefined): [number, number] {
  if (text === undefined) return [0, Infinity];
  const found = /^(\d*):(\d*)$/.exec(text);
  if (!found) throw new UsageError(`can't read --range "${text}" — expected FIRST:LAST, such as 25:30`);
  return [Number(found[1]), found[2] === "" ? Infinity : Number(found[2])];
}
