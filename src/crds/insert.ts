/** Puts a reference into the rules of an rmap, at the place which its own header asks for. */
import { CalibrationError } from "../errors.js";
import { conditionElement } from "./condition.js";
import { DateError, formatDate, parseDate } from "./dates.js";
import { ExpressionError, parseExpression, truth } from "./expression.js";
import { translateHeader, type CrdsHeader } from "./header.js";
import { isCall, isDict, isSequence, textOf, type Call, type Entry, type Literal } from "./literal.js";
import { rawHeader, type Mapping } from "./mapping.js";
import type { Observatory } from "./observatories/define.js";
import { pathsOf } from "./observatories/index.js";
import { conditionValue } from "./condition.js";
import { parkeyLevels } from "./rule-paths.js";

export interface Inserted {
  selector: Call;
  /** The rule's keys from the outside in. */
  keys: string[][];
  /** File which stood there before. */
  replaced: string | null;
}

/**
 * Header of a reference in the words of the rules: pattern keywords (P_…) stand for the ones they allow, then the
 * rmap's own `reference_to_dataset`, then the use-after date on the date keywords.
 */
export function referenceHeader(
  rmap: Mapping,
  observatory: Observatory,
  header: CrdsHeader,
): Record<string, string> {
  const plain = translateHeader(observatory, header);
  const words: Record<string, string> = {};
  for (const [key, value] of Object.entries(plain))
    if (isGiven(value)) words[key.toUpperCase()] = String(value);
  for (const [keyword, path] of pathsOf(observatory) ?? []) {
    const pattern = header[`P_${keyword.slice(0, 6)}`];
    if (isGiven(pattern)) words[path] = patternText(String(pattern));
  }
  const translation = rawHeader(rmap, "reference_to_dataset");
  if (isDict(translation)) {
    for (const { key, value } of translation.entries) {
      const from = words[textOf(key).toUpperCase()];
      if (isGiven(from)) words[textOf(value).toUpperCase()] = patternText(from!);
    }
  }
  return words;
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && String(value).trim() !== "" && value !== "UNDEFINED";

/** `A|B|` → `A|B`. */
const patternText = (text: string): string =>
  text
    .split("|")
    .map((part) => part.trim())
    .filter(Boolean)
    .join("|");

/** @throws CalibrationError naming the keyword that is missing or wrong */
export function insertReference(
  rmap: Mapping,
  file: string,
  words: Readonly<Record<string, string>>,
): Inserted {
  if (!isCall(rmap.selector))
    throw new CalibrationError(`can't insert into ${rmap.name} — it has no selector`);
  const levels = parkeyLevels(rmap);
  const ignored = new Set([...namesOf(rmap, "extra_keys"), ...irrelevantKeys(rmap, words)]);
  const comments = new Set(namesOf(rmap, "comment_parkeys"));
  const keys: string[][] = [];
  let replaced: string | null = null;

  const insertInto = (call: Call, level: number): Call => {
    const keywords = (levels[level] ?? []).map((k) => k.toUpperCase());
    const elements =
      call.name === "UseAfter" || call.name === "ClosestTime"
        ? [useAfter(words, keywords, file)]
        : keywords.map(element);
    const texts = elements.map(textOf);
    keys.push(texts);
    const identity = (parts: readonly Literal[]): string =>
      parts
        .map((part, i) =>
          comments.has(keywords[i] ?? "")
            ? ""
            : call.name === "Match"
              ? conditionElement(part)
              : textOf(part),
        )
        .join("\0");
    const wanted = identity(elements);
    const at = call.entries.findIndex(({ key }) => identity(isSequence(key) ? key.items : [key]) === wanted);
    const old = call.entries[at];
    const value = nextValue(old?.value, level);
    const key: Literal =
      old?.key ??
      (call.name === "Match" && elements.length !== 1 ? { kind: "tuple", items: elements } : elements[0]!);
    const entry: Entry<Literal | Call> = { key, value, line: 0 };
    const entries = at < 0 ? [...call.entries, entry] : call.entries.with(at, entry);
    return { ...call, entries };
  };

  const nextValue = (old: Literal | Call | undefined, level: number): Literal | Call => {
    if (level + 1 >= levels.length) {
      if (old !== undefined && !isCall(old)) replaced = textOf(old);
      return file;
    }
    const below: Call = old !== undefined && isCall(old) ? old : emptyCall(rmap, level + 1);
    return insertInto(below, level + 1);
  };

  function element(keyword: string): Literal {
    if (ignored.has(keyword)) return "N/A";
    const value = words[keyword];
    if (value === undefined) {
      throw new CalibrationError(`can't insert ${file} into ${rmap.name} — its header has no ${keyword}`, {
        hint: `give it: --set ${keyword}=VALUE (N/A when it doesn't matter)`,
      });
    }
    return value.includes("|") ? value : rawText(value);
  }

  const selector = insertInto(rmap.selector, 0);
  return { selector, keys, replaced };
}

/** Numbers stay as they are written, words are upper case as in the rules. */
const rawText = (value: string): string =>
  conditionValue(value) === "*" ? value.trim() : value.trim().toUpperCase();

const namesOf = (rmap: Mapping, key: string): string[] => {
  const value = rawHeader(rmap, key);
  return isSequence(value) ? value.items.map((item) => textOf(item).toUpperCase()) : [];
};

/** Keywords which the rmap's own conditions say don't matter for this header. */
function irrelevantKeys(rmap: Mapping, words: Readonly<Record<string, string>>): string[] {
  const relevance = rawHeader(rmap, "parkey_relevance");
  if (!isDict(relevance)) return [];
  return relevance.entries.flatMap(({ key, value }) => {
    try {
      const holds = truth(
        parseExpression(textOf(value)).evaluate((name) => conditionValue(words[name] ?? "UNDEFINED")),
      );
      return holds ? [] : [textOf(key).toUpperCase()];
    } catch (error) {
      if (error instanceof ExpressionError)
        throw new CalibrationError(`can't insert into ${rmap.name} — ${error.message}`);
      throw error;
    }
  });
}

/** Selector of a level that has no rule yet: as its neighbours, else as the rmap's classes say. */
function emptyCall(rmap: Mapping, level: number): Call {
  const classes = rawHeader(rmap, "classes");
  const names = isSequence(classes) ? classes.items.map(textOf) : ["Match", "UseAfter"];
  let neighbour: Literal | Call | undefined = rmap.selector;
  for (let i = 0; i < level && neighbour !== undefined && isCall(neighbour); i++)
    neighbour = neighbour.entries[0]?.value;
  const name = neighbour !== undefined && isCall(neighbour) ? neighbour.name : (names[level] ?? "UseAfter");
  return { kind: "call", name: name as Call["name"], entries: [], line: 0 };
}

/** USEAFTER of the reference, else its own date keywords, as `YYYY-MM-DD HH:MM:SS`. */
function useAfter(
  words: Readonly<Record<string, string>>,
  keywords: readonly string[],
  file: string,
): string {
  const own = keywords
    .map((key) => words[key])
    .filter((v) => v !== undefined)
    .join(" ");
  const text = words["META.USEAFTER"] ?? words["USEAFTER"] ?? own;
  try {
    return formatDate({ ...parseDate(text), microsecond: 0 });
  } catch (error) {
    if (!(error instanceof DateError)) throw error;
    throw new CalibrationError(`can't insert ${file} — it has no date to use it after: ${error.message}`, {
      hint: "give it: --useafter 2026-01-31",
    });
  }
}
