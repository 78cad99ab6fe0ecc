/** Checks against an observatory's tables: the keys of rules, and the headers of references. */
import { conditionValue, alternativesOf } from "./condition.js";
import type { Cache } from "./cache.js";
import type { Add } from "./certify-rmap.js";
import type { Rmap } from "./compile-rmap.js";
import { DateError, parseDate } from "./dates.js";
import { toFloat } from "./element.js";
import { ExpressionError, parseExpression } from "./expression.js";
import type { CrdsHeader } from "./header.js";
import { checkValue, isMatch } from "./selectors/match.js";
import type { BranchNode, Node } from "./selectors/select.js";
import { readRegistry, readTables } from "./tables.js";
import { isCondition, type Constraint } from "./tpn.js";

/** Instrument and type must be registered, and every value of a key be one that the tables allow. */
export function certifyByTables(cache: Cache, observatory: string, rmap: Rmap, add: Add): void {
  certifyType(cache, observatory, rmap.instrument, rmap.filekind, add);
  const allowed = new Map<string, ReadonlySet<string>>();
  for (const { of, name, values, presence } of readTables(
    cache,
    observatory,
    rmap.instrument,
    rmap.filekind,
    "rules",
  )) {
    if (of !== "header" || allowed.has(name) || isCondition(presence)) continue;
    if (values.length > 0 && !values.some((value) => isCondition(value) || value.startsWith("&")))
      allowed.set(name, new Set(values.map(conditionValue)));
  }
  if (allowed.size > 0) visit(rmap.selector);

  function visit(node: Node): void {
    if (isMatch(node)) {
      for (const { elements, line, node: below } of node.rules) {
        elements.forEach((element, i) => certifyElement(node.parkeys[i]!, element, line));
        visit(below);
      }
    } else if (node.kind !== "file")
      for (const { node: below } of (node as BranchNode).branches) visit(below);
  }

  function certifyElement(keyword: string, element: string, line: number): void {
    const known = allowed.get(keyword);
    if (!known) return;
    for (const value of alternativesOf(element)) {
      const fault = checkValue(keyword, value, known, {});
      if (fault) add("error", `the tables of ${observatory} don't allow it:${fault.message}`, line);
    }
  }
}

function certifyType(cache: Cache, observatory: string, instrument: string, type: string, add: Add): void {
  const registry = readRegistry(cache, observatory);
  if (!registry) return;
  const types = registry.get(instrument);
  if (!types)
    add(
      "error",
      `the instrument '${instrument}' isn't registered: there are ${[...registry.keys()].join(", ")}`,
    );
  else if (!types.has(type))
    add(
      "error",
      `the type '${type}' of ${instrument} isn't registered: there are ${[...types.keys()].join(", ")}`,
    );
}

/**
 * A reference against the tables of its type.
 *
 * @param header keywords and, for observatories that have them, data-model paths, upper case
 * @param columns names of all columns of its tables
 */
export function certifyHeader(
  cache: Cache,
  observatory: string,
  instrument: string,
  type: string,
  header: CrdsHeader,
  columns: readonly string[],
  add: Add,
): void {
  certifyType(cache, observatory, instrument, type, add);
  const seen = new Set<string>();
  const present = new Set(columns.map((name) => name.toUpperCase()));
  for (const constraint of readTables(cache, observatory, instrument, type, "reference")) {
    const { of, name } = constraint;
    const key = `${of} ${name}`;
    if ((of !== "header" && of !== "column") || seen.has(key)) continue;
    seen.add(key);
    const value = of === "header" ? (header[name] ?? undefined) : present.has(name) ? name : undefined;
    const what = of === "header" ? `the keyword ${name}` : `the column ${name}`;
    const fault = presenceFault(constraint, value !== undefined, header);
    if (fault) add(fault.level, `${what} ${fault.why}${placeOf(constraint)}`);
    else if (of === "header" && value !== undefined) {
      const wrong = valueFault(constraint, value);
      if (wrong) add("error", `${what} is '${String(value)}', ${wrong}${placeOf(constraint)}`);
    }
  }
}

const placeOf = ({ file, line }: Constraint): string => ` (${file}, line ${line})`;

/** Full frames are those whose subarray has one of these names. */
const fullFrame = new Set(["FULL", "GENERIC", "N/A"]);

function presenceFault(
  { presence, of }: Constraint,
  there: boolean,
  header: CrdsHeader,
): { level: "error" | "warning"; why: string } | null {
  const subarray = header["META.SUBARRAY.NAME"] ?? header["SUBARRAY"] ?? "UNDEFINED";
  const full = fullFrame.has(String(subarray).toUpperCase());
  const wanted =
    presence === "R" || presence === "P" || (presence === "F" && full) || (presence === "S" && !full);
  if (presence === "E" && there) return { level: "error", why: "must not be there" };
  if (there) return null;
  if (wanted || (isCondition(presence) && holds(presence, header) === true))
    return { level: "error", why: "is missing" };
  return presence === "W" && of === "header" ? { level: "warning", why: "is missing" } : null;
}

/** null for a condition that only the observatory's own software can evaluate. */
function holds(text: string, header: CrdsHeader): boolean | null {
  try {
    return Boolean(
      parseExpression(text).evaluate((name) => conditionValue(header[name.toUpperCase()] ?? "UNDEFINED")),
    );
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

function valueFault({ datatype, values, name }: Constraint, value: string | number | boolean): string | null {
  const text = conditionValue(value);
  const number = toFloat(text);
  if (datatype === "I" && (number === undefined || !Number.isInteger(number))) return "not a whole number";
  if ((datatype === "R" || datatype === "D") && number === undefined) return "not a number";
  if (datatype === "L" && text !== "T" && text !== "F") return "neither T nor F";
  const [first] = values;
  if (first === undefined || isCondition(first)) return null;
  if (first.startsWith("&")) return checks[first.slice(1)]?.(String(value)) ?? null;
  const fault = checkValue(name, text, new Set(values.map(conditionValue)), {});
  return fault ? `which isn't among ${values.join(", ")}` : null;
}

const isDate = (text: string): string | null => {
  try {
    parseDate(text);
    return null;
  } catch (error) {
    if (error instanceof DateError) return "not a date";
    throw error;
  }
};

const isPedigree = (text: string): string | null =>
  /^(INFLIGHT|GROUND|MODEL|DUMMY|SIMULATION)\b/i.test(text)
    ? null
    : "which begins with none of INFLIGHT, GROUND, MODEL, DUMMY, SIMULATION";

/** The named checks of the tables; one of another name asks for nothing here. */
const checks: Readonly<Record<string, (text: string) => string | null>> = {
  SYBDATE: isDate,
  JWSTDATE: isDate,
  ANYDATE: isDate,
  SLASHDATE: isDate,
  PEDIGREE: isPedigree,
  JWSTPEDIGREE: isPedigree,
};
