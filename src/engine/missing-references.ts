/** References that can't be had: all that an exposure needs are collected, and said in one error. */
import { CalibrationError } from "../errors.js";

export interface Lack {
  /** Type of the reference, upper case. */
  type: string;
  why: string;
  /** What helps before a file is named; types are added to one that ends with --type. */
  remedy: string | null;
  /** Whether --allow-missing helps: not where a file that was named can't be read. */
  allowable: boolean;
  /** What is said where it is the only one. */
  error: CalibrationError;
}

/** `what`: what failed on what, for the error that says it alone. */
export function lackOf(type: string, what: string, why: string, remedy: string | null): Lack {
  const hint = hintOf([{ type, remedy, allowable: true }]);
  return { type, why, remedy, allowable: true, error: new CalibrationError(`${what} — ${why}`, { hint }) };
}

/** Runs what may find that a reference can't be read; null where it can't, and why is in `lacks`. */
export function orLack<T>(lacks: Lack[], type: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CalibrationError)) throw error;
    lacks.push({ type, why: error.message, remedy: null, allowable: false, error });
    return null;
  }
}

/** One error for all references that `path` lacks: equal reasons once, and a hint that serves all of them. */
export function errorOf(path: string, lacks: readonly Lack[]): CalibrationError {
  const distinct = [...new Map(lacks.map((lack) => [lack.type, lack])).values()];
  if (distinct.length === 1) return lacks[0]!.error;
  const reasons = typesBy(distinct, ({ why }) => why);
  const said = [...reasons].map(([why, types]) => `${types.join(", ")}: ${why}`).join("; ");
  return new CalibrationError(`cannot resolve ${distinct.length} references for ${path} — ${said}`, {
    hint: hintOf(distinct),
  });
}

function hintOf(lacks: readonly Pick<Lack, "type" | "remedy" | "allowable">[]): string {
  const remedies = typesBy(lacks, ({ remedy }) => remedy);
  const all = lacks.map(({ type }) => type.toLowerCase());
  const allowed = lacks.filter(({ allowable }) => allowable).map(({ type }) => type.toLowerCase());
  return [
    ...[...remedies].map(([command, types]) =>
      command.endsWith("--type") ? `${command} ${types.join(" ").toLowerCase()}` : command,
    ),
    `name ${all.length > 1 ? "them" : "one"} with ${all.map((type) => `--ref ${type}=FILE`).join(" ")}`,
    ...(allowed.length > 0
      ? [`or go on without: ${allowed.map((type) => `--allow-missing ${type}`).join(" ")}`]
      : []),
  ].join(", ");
}

/** Types by what is the same of them; without those of which it is null. */
function typesBy<L extends Pick<Lack, "type">>(
  lacks: readonly L[],
  key: (lack: L) => string | null,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const lack of lacks) {
    const at = key(lack);
    if (at !== null) groups.set(at, [...(groups.get(at) ?? []), lack.type]);
  }
  return groups;
}
