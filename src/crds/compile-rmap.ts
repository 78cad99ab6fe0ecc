/** An rmap as a tree of selectors, compiled from its text; every fault names file and line. */
import { RulesError } from "../errors.js";
import { conditionElement } from "./condition.js";
import { ElementError, makeMatcher } from "./element.js";
import { ExpressionError, parseExpression, type Expression } from "./expression.js";
import { mergeRepeated } from "./format.js";
import {
  isCall,
  isDict,
  isSequence,
  isTuple,
  reprOf,
  textOf,
  type Call,
  type Entry,
  type Literal,
} from "./literal.js";
import { headerText, isExpression, placeOf, rawHeader, type Mapping } from "./mapping.js";
import { standardParts } from "./names.js";
import type { Observatory } from "./observatories/define.js";
import { makeMatch, type MatchRule } from "./selectors/match.js";
import { makeBracket, makeNearest } from "./selectors/number.js";
import { makeFile, miss, type Branch, type BranchNode, type Node } from "./selectors/select.js";
import { makeClosestTime, makeUseAfter } from "./selectors/time.js";
import { makeSelectVersion, makeVersionAfter } from "./selectors/version.js";

export interface Rmap {
  readonly name: string;
  readonly mapping: Mapping;
  readonly instrument: string;
  readonly filekind: string;
  /** Keywords per selector level, outermost first. */
  readonly parkeys: readonly (readonly string[])[];
  /** Upper-case keywords of the header which the rules look at. */
  readonly required: readonly string[];
  readonly omit: Expression | null;
  readonly relevance: Expression | null;
  readonly parkeyRelevance: readonly { readonly keyword: string; readonly expression: Expression }[];
  readonly commentParkeys: readonly string[];
  /** A failed choice means that no reference applies. */
  readonly optional: boolean;
  readonly selector: Node;
}

export type EqualWeights = Observatory["equalWeights"];

const defaultSubstitutions: Readonly<Record<string, Readonly<Record<string, Literal>>>> = {
  "META.SUBARRAY.NAME": { GENERIC: "N/A" },
  SUBARRAY: { GENERIC: "N/A" },
};

type BranchMaker = (parkeys: readonly string[], branches: readonly Branch[]) => BranchNode;

const branchMakers: Record<string, BranchMaker> = {
  UseAfter: makeUseAfter,
  ClosestTime: makeClosestTime,
  VersionAfter: makeVersionAfter,
  SelectVersion: makeSelectVersion,
  GeometricallyNearest: makeNearest,
  Bracket: makeBracket,
};

const requiredKeys = {
  pmap: ["mapping", "parkey", "name", "derived_from", "observatory"],
  imap: ["mapping", "parkey", "name", "derived_from", "observatory", "instrument"],
  rmap: ["mapping", "parkey", "name", "derived_from", "observatory", "instrument", "filekind"],
};

/** @throws RulesError when a header key that every mapping has is absent */
export function checkHeader(mapping: Mapping): void {
  for (const key of requiredKeys[mapping.kind]) {
    if (rawHeader(mapping, key) === undefined) {
      throw new RulesError(`can't use the rules: ${mapping.name} — the header key '${key}' is missing`);
    }
  }
  checkName(mapping);
  if (mapping.kind !== "rmap" && !isDict(mapping.selector)) {
    throw new RulesError(
      `can't use the rules: ${mapping.name}, line ${mapping.selector.line} — the selector of a ${mapping.kind} is a dictionary of names`,
    );
  }
}

/** A file with a standard name belongs to the observatory and instrument which the name says. */
function checkName(mapping: Mapping): void {
  const { observatory, instrument } = standardParts(mapping.name) ?? {};
  for (const [key, expected] of Object.entries({ observatory, instrument })) {
    const got = rawHeader(mapping, key);
    if (expected === undefined || (typeof got === "string" && got.toLowerCase() === expected)) continue;
    throw new RulesError(
      `can't use the rules: ${placeOf(mapping, key)} — the header says ${key} ${got === undefined ? "nothing" : reprOf(got)}, the name of the file '${expected}'`,
    );
  }
}

/** Header value that must be a tuple of texts. */
export function namesIn(mapping: Mapping, key: string): string[] {
  const value = rawHeader(mapping, key);
  if (value === undefined) return [];
  if (isSequence(value) && value.items.every((item) => typeof item === "string"))
    return value.items as string[];
  throw new RulesError(`can't use the rules: ${placeOf(mapping, key)} — '${key}' must be a tuple of names`);
}

/** @throws RulesError naming file and line */
export function compileRmap(mapping: Mapping, observatory: Observatory, equalWeights: EqualWeights): Rmap {
  checkHeader(mapping);
  const parkeys = readParkeys(mapping);
  const selector = mapping.selector;
  if (!isCall(selector)) {
    throw new RulesError(
      `can't use the rules: ${mapping.name} — the selector of an rmap is a call like Match({…})`,
    );
  }
  const context = {
    mapping,
    parkeys,
    merge: allowsMerge(mapping, equalWeights),
    substitutions: readSubstitutions(mapping),
  };
  const extra = namesIn(mapping, "extra_keys");
  const switchKey = headerText(mapping, "reffile_switch");
  const switches = switchKey && switchKey !== "none" ? [switchKey] : [];
  const required = [...parkeys.flat(), ...extra, ...switches, ...observatory.extraKeys].map((k) =>
    k.toUpperCase(),
  );
  return {
    name: mapping.name,
    mapping,
    instrument: headerText(mapping, "instrument") ?? "",
    filekind: headerText(mapping, "filekind") ?? "",
    parkeys,
    required: [...new Set(required)],
    omit: readCondition(mapping, "rmap_omit"),
    relevance: readCondition(mapping, "rmap_relevance"),
    parkeyRelevance: readParkeyRelevance(mapping),
    commentParkeys: namesIn(mapping, "comment_parkeys").map((k) => k.toUpperCase()),
    optional: headerText(mapping, "reffile_required") === "no",
    selector: compileCall(selector, 0, context),
  };
}

function readParkeys(mapping: Mapping): string[][] {
  const value = rawHeader(mapping, "parkey");
  const levels = isTuple(value) ? value.items : [];
  const names = levels.map((level) => (isTuple(level) ? level.items : null));
  if (!isTuple(value) || names.some((level) => !level?.every((name) => typeof name === "string"))) {
    throw new RulesError(
      `can't use the rules: ${placeOf(mapping, "parkey")} — the parkey of an rmap is a tuple of tuples of keywords, one per selector level`,
    );
  }
  return (names as string[][]).map((level) => level.map((name) => name.toUpperCase()));
}

function allowsMerge(mapping: Mapping, equalWeights: EqualWeights): boolean {
  const value = rawHeader(mapping, "merge_overlaps");
  if (value === undefined) return equalWeights === "merge";
  return ["true", "1"].includes(textOf(value).toLowerCase());
}

type Substitutions = Readonly<Record<string, Readonly<Record<string, Literal>>>>;

function readSubstitutions(mapping: Mapping): Substitutions {
  const value = rawHeader(mapping, "substitutions");
  if (value === undefined) return defaultSubstitutions;
  const tables: Record<string, Record<string, Literal>> = { ...defaultSubstitutions };
  for (const { key, value: table } of isDict(value) ? value.entries : []) {
    if (!isDict(table))
      throw new RulesError(
        `can't use the rules: ${placeOf(mapping, "substitutions")} — a substitution is a dictionary of values`,
      );
    tables[textOf(key).toUpperCase()] = Object.fromEntries(
      table.entries.map((e) => [textOf(e.key), e.value]),
    );
  }
  return tables;
}

/** A condition without outer parentheses is lower-cased as in CRDS; only the bare word ALWAYS means something then. */
function readCondition(mapping: Mapping, key: string): Expression | null {
  const text = headerText(mapping, key);
  if (text === undefined || (key === "rmap_relevance" && text === "always")) return null;
  return readExpression(mapping, key, text);
}

function readExpression(mapping: Mapping, key: string, text: string): Expression {
  try {
    return parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new RulesError(`can't use the rules: ${placeOf(mapping, key)} — ${key}: ${error.message}`);
  }
}

function readParkeyRelevance(mapping: Mapping): Rmap["parkeyRelevance"] {
  const value = rawHeader(mapping, "parkey_relevance");
  if (!isDict(value)) return [];
  return value.entries.map(({ key, value: condition }) => {
    const text = textOf(condition);
    return {
      keyword: textOf(key).toUpperCase(),
      expression: readExpression(mapping, "parkey_relevance", isExpression(text) ? text : text.toLowerCase()),
    };
  });
}

interface Context {
  readonly mapping: Mapping;
  readonly parkeys: readonly (readonly string[])[];
  readonly merge: boolean;
  readonly substitutions: Substitutions;
}

function compileNode(value: Literal | Call, line: number, level: number, context: Context): Node {
  if (isCall(value)) return compileCall(value, level, context);
  const refuse = (why: string): Node => {
    const answer = miss(
      "internal",
      `${context.mapping.name}, line ${line}: the rule's value ${reprOf(value)} ${why}`,
    );
    return { ...makeFile(value), choose: () => answer };
  };
  if (typeof value === "string") {
    if (value === "") return refuse("is empty");
    // a rule must not lead out of the cache
    if (/[\\/]/.test(value) && !/^(temp_)?n\/a$/i.test(value)) return refuse("holds a folder");
    return makeFile(value);
  }
  return isTuple(value) || isDict(value) ? makeFile(value) : refuse("isn't a file name");
}

function compileCall(call: Call, level: number, context: Context): Node {
  const { mapping, parkeys } = context;
  const keys = parkeys[level];
  if (!keys) {
    throw new RulesError(
      `can't use the rules: ${mapping.name}, line ${call.line} — parkey has ${parkeys.length} levels and ${call.name} stands on level ${level + 1}`,
    );
  }
  const entries = mergeRepeated(call.entries);
  if (call.name === "Match") return compileMatch(entries, keys, level, context);
  const branches = entries.map(({ key, value, line }) => ({
    key,
    line,
    node: compileNode(value, line, level + 1, context),
  }));
  return branchMakers[call.name]!(keys, branches);
}

function compileMatch(
  entries: readonly Entry<Literal | Call>[],
  keys: readonly string[],
  level: number,
  context: Context,
): Node {
  const { mapping, substitutions, merge } = context;
  const rules = new Map<string, { rule: MatchRule; substituted: boolean }>();
  for (const { key, value, line } of entries) {
    const at = `${mapping.name}, line ${line}`;
    const raw = isSequence(key) ? key.items : [key];
    if (raw.length !== keys.length) {
      throw new RulesError(
        `can't use the rules: ${at} — the key ${reprOf(key)} has ${raw.length} elements for the ${keys.length} keywords (${keys.join(", ")})`,
      );
    }
    const replaced = raw.map((element, i) => substitutions[keys[i]!]?.[textOf(element)]);
    const elements = raw.map((element, i) => conditionRemembered(replaced[i] ?? element));
    const substituted = replaced.some((element) => element !== undefined);
    const identity = elements.join("\0");
    const other = rules.get(identity);
    if (other && !other.substituted && !substituted) {
      throw new RulesError(
        `can't use the rules: ${at} — the key (${elements.join(", ")}) appears more than once, first in line ${other.rule.line}`,
      );
    }
    if (other?.substituted && !substituted) continue;
    const node = compileNode(value, line, level + 1, context);
    checkElements(elements, keys, at);
    rules.set(identity, { rule: { raw, elements, line, node }, substituted });
  }
  const replacements = Object.fromEntries(
    keys.map((key) => [
      key,
      Object.fromEntries(
        Object.entries(substitutions[key] ?? {}).map(([from, to]) => [from, conditionElement(to)]),
      ),
    ]),
  );
  return makeMatch(
    keys,
    [...rules.values()].map(({ rule }) => rule),
    { merge, replacements },
  );
}

/** Rules repeat the same few words. */
const conditioned = new Map<string, string>();

function conditionRemembered(element: Literal): string {
  if (typeof element !== "string") return conditionElement(element);
  let text = conditioned.get(element);
  if (text === undefined) {
    if (conditioned.size >= 8192) conditioned.clear();
    conditioned.set(element, (text = conditionElement(element)));
  }
  return text;
}

/** Only these forms can fail to compile. */
const fallible = /^(?:[(#<>]|between|not )/i;

function checkElements(elements: readonly string[], keys: readonly string[], at: string): void {
  for (const [i, element] of elements.entries()) {
    if (!fallible.test(element)) continue;
    try {
      makeMatcher(element);
    } catch (error) {
      if (!(error instanceof ElementError)) throw error;
      throw new RulesError(`can't use the rules: ${at} — ${keys[i]}: ${error.message}`);
    }
  }
}
