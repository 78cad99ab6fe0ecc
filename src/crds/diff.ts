/** Logical differences of two mappings of one kind, from the top down. */
import { UsageError } from "../errors.js";
import { loadMapping, type Cache } from "./cache.js";
import { conditionElement } from "./condition.js";
import { compareFields, mergeRepeated } from "./format.js";
import {
  getEntry,
  isCall,
  isDict,
  isSequence,
  reprOf,
  textOf,
  tuple,
  type Call,
  type Entry,
  type Literal,
} from "./literal.js";
import { isExpression, isMappingName, type Mapping } from "./mapping.js";
import { keyTexts, parkeyLevels } from "./rule-paths.js";

export interface Difference {
  /** Old and new mapping from the top down. */
  files: [string, string][];
  /** Keys of the selectors from the outside in. */
  keys: string[][];
  /** added, deleted or replaced something. */
  what: string;
}

export interface DiffOptions {
  /** Compare the headers too. */
  headers?: boolean | undefined;
  /** Leave out name, derivation and checksum. */
  hideBoring?: boolean | undefined;
  /** Tell every rule of mappings that are added or deleted as a whole. */
  recurse?: boolean | undefined;
}

const boring = new Set(["name", "derived_from", "sha1sum", "description"]);

/** @throws UsageError when the mappings aren't of one kind */
export function diffMappings(
  cache: Cache,
  old: Mapping,
  now: Mapping,
  options: DiffOptions = {},
  above: [string, string][] = [],
): Difference[] {
  if (old.kind !== now.kind) {
    throw new UsageError(
      `can't compare ${old.name} with ${now.name} — one is a ${old.kind}, the other a ${now.kind}`,
    );
  }
  const files: [string, string][] = [...above, [old.name, now.name]];
  const headers = options.headers ? diffHeaders(old, now, files, options.hideBoring ?? false) : [];
  const own = old.kind === "rmap" ? diffRules(old, now, files) : [];
  const nested = old.kind === "rmap" ? [] : diffNames(cache, old, now, files, options);
  return [...nested, ...own, ...headers];
}

function diffNames(
  cache: Cache,
  old: Mapping,
  now: Mapping,
  files: [string, string][],
  options: DiffOptions,
): Difference[] {
  const before = namesByKey(old);
  const after = namesByKey(now);
  const nested: Difference[] = [];
  const own: Difference[] = [];
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [a, b] = [before.get(key), after.get(key)];
    const add = (what: string): void => void own.push({ files, keys: [[key]], what });
    if (a === undefined) add(`added ${b}`);
    else if (b === undefined) add(`deleted ${a}`);
    if (options.recurse) nested.push(...diffWhole(cache, a, b, options, files));
    if (a !== undefined && b !== undefined && a !== b) {
      add(`replaced ${a} with ${b}`);
      if (isMappingName(a) && isMappingName(b)) {
        nested.push(...diffMappings(cache, loadMapping(cache, a), loadMapping(cache, b), options, files));
      }
    }
  }
  return [...nested, ...own];
}

/** The rules below a name that has a mapping on one side only: compared with one that has no entries. */
function diffWhole(
  cache: Cache,
  a: string | undefined,
  b: string | undefined,
  options: DiffOptions,
  above: [string, string][],
): Difference[] {
  const [old, now] = [a, b].map((name) => (name && isMappingName(name) ? loadMapping(cache, name) : null));
  const whole = old ?? now;
  if (!whole || (old && now)) return [];
  const none: Mapping = { ...whole, name: "N/A", selector: { ...whole.selector, entries: [] } };
  return diffMappings(cache, old ?? none, now ?? none, { ...options, headers: false }, above);
}

const namesByKey = (mapping: Mapping): Map<string, string> =>
  new Map(
    (mapping.selector.entries as Entry<Literal>[]).map(({ key, value }) => [
      textOf(key).toLowerCase(),
      textOf(value),
    ]),
  );

function diffRules(old: Mapping, now: Mapping, files: [string, string][]): Difference[] {
  if (!isCall(old.selector) || !isCall(now.selector)) return [];
  const found: Difference[] = [];
  const levels = [parkeyLevels(old), parkeyLevels(now)] as const;
  compareCalls(old.selector, now.selector, 0, []);
  return found.sort((a, b) => compareFields([...a.keys.flat(), a.what], [...b.keys.flat(), b.what]));

  function compareCalls(a: Call, b: Call, level: number, keys: string[][]): void {
    const [ka, kb] = [levels[0][level] ?? [], levels[1][level] ?? []];
    const add = (what: string, at = keys): void => void found.push({ files, keys: at, what });
    if (a.name !== b.name) return add(`different classes ${a.name} : ${b.name}`);
    if (ka.join("\0") !== kb.join("\0")) {
      return add(`different parameter lists  ${listOf(ka)} : ${listOf(kb)}`);
    }
    const before = entriesByKey(a);
    const after = entriesByKey(b);
    for (const [identity, entry] of before) {
      const other = after.get(identity);
      const at = [...keys, keyTexts(a, entry.key, ka)];
      if (!other) tell("deleted", a, entry.value, level, at);
      else if (isCall(entry.value) && isCall(other.value))
        compareCalls(entry.value, other.value, level + 1, at);
      else if (isCall(entry.value) || isCall(other.value)) {
        add(`different classes ${classOf(entry.value)} : ${classOf(other.value)}`, at);
      } else if (reprOf(entry.value) !== reprOf(other.value)) {
        add(`replaced ${textOf(entry.value)} with ${textOf(other.value)}`, at);
      }
    }
    for (const [identity, entry] of after) {
      if (!before.has(identity)) tell("added", b, entry.value, level, [...keys, keyTexts(b, entry.key, kb)]);
    }
  }

  /** A whole rule is told by the files below it. */
  function tell(
    verb: "added" | "deleted",
    call: Call,
    value: Literal | Call,
    level: number,
    at: string[][],
  ): void {
    if (!isCall(value)) {
      const noun = call.name === "Match" ? "Match rule for" : "terminal";
      found.push({ files, keys: at, what: `${verb} ${noun} ${textOf(value)}` });
      return;
    }
    for (const entry of value.entries) {
      const keywords = (verb === "added" ? levels[1] : levels[0])[level + 1] ?? [];
      const below = [...at, keyTexts(value, entry.key, keywords)];
      if (isCall(entry.value)) tell(verb, call, entry.value, level + 1, below);
      else tell(verb, call, entry.value, level + 1, below);
    }
  }
}

const listOf = (names: readonly string[]): string =>
  names.length === 1 ? `(${names[0]},)` : `(${names.join(", ")})`;

const classOf = (value: Literal | Call): string => {
  if (isCall(value)) return value.name;
  return isDict(value) ? "dict" : isSequence(value) ? value.kind : "str";
};

/** Entries by what their keys mean; the raw text may differ. */
function entriesByKey(call: Call): Map<string, Entry<Literal | Call>> {
  const identity = (key: Literal): string =>
    call.name === "Match"
      ? (isSequence(key) ? key.items : [key]).map(conditionElement).join("\0")
      : textOf(key);
  return new Map(mergeRepeated(call.entries).map((entry) => [identity(entry.key), entry]));
}

function diffHeaders(
  old: Mapping,
  now: Mapping,
  files: [string, string][],
  hideBoring: boolean,
): Difference[] {
  const keys = new Set([...old.header.entries, ...now.header.entries].map((e) => textOf(e.key)));
  const found: Difference[] = [];
  for (const key of [...keys].sort()) {
    if (hideBoring && boring.has(key)) continue;
    const [a, b] = [old, now].map((mapping) => headerRepr(getEntry(mapping.header.entries, key)));
    if (a === b) continue;
    const what =
      a === undefined
        ? `header added '${key}' = ${b}`
        : b === undefined
          ? `header deleted '${key}' = ${a}`
          : `header replaced '${key}' = ${a} with ${b}`;
    found.push({ files, keys: [], what });
  }
  return found;
}

const headerRepr = (value: Literal | undefined): string | undefined => {
  if (value === undefined) return undefined;
  return reprOf(typeof value === "string" && !isExpression(value) ? value.toLowerCase() : value);
};

/** One difference as a Python tuple, as the field's own tool prints it. */
export function formatDifference(d: Difference): string {
  return reprOf(
    tuple(...d.files.map((pair) => tuple(...pair)), ...d.keys.map((key) => tuple(...key)), d.what),
  );
}

/** `old new -- key key -- what`, with the lowest mapping only. */
export const formatSquashed = (d: Difference): string =>
  [d.files.at(-1)!.join(" "), ...d.keys.map((key) => key.join(" ")), d.what].join(" -- ");
