/** Why the rules choose what they choose for one header and type, as plain data. */
import { adjustHeader, applyRmap } from "./apply-rmap.js";
import { locate, toBestRef, type BestRef, type LookupOptions } from "./bestrefs.js";
import type { Cache } from "./cache.js";
import type { Rmap } from "./compile-rmap.js";
import { dateSeconds, parseDate } from "./dates.js";
import { minimiseHeader, type CrdsHeader } from "./header.js";
import { textOf, type Literal } from "./literal.js";
import { isMatch, type MatchNode, type MatchRule } from "./selectors/match.js";
import type { BranchNode, Conditioned, Node } from "./selectors/select.js";
import { headerDate, isMiss } from "./selectors/time.js";

export interface Explanation {
  type: string;
  instrument: string | null;
  /** Mappings from the context down, as far as the path leads. */
  via: string[];
  result: BestRef | { kind: "omitted"; why: string };
  /** Conditions of the rmap, with what came of them. */
  conditions: string[];
  /** Selectors from the outside in, as far as the choice went. */
  levels: Level[];
}

export type Level = MatchLevel | BranchLevel;

export interface MatchLevel {
  kind: "Match";
  /** "chosen", or the rule that differs least when none fits. */
  rule: "chosen" | "nearest" | "none";
  /** Lines of the rules that `keys` shows; several when rules of one weight are merged. */
  lines: number[];
  keys: KeyLine[];
  /** Rules by how well they fit, the best first. */
  candidates: Candidate[];
}

export interface KeyLine {
  key: string;
  /** Value in the file, null when the file has none. */
  file: string | null;
  /** The same as rules compare it. */
  value: string;
  /** Value in the rule as it is written there. */
  rule: string;
  /** 1 matches, 0 doesn't matter, −1 excludes. */
  weight: number;
  /** Set where the value is wrong: all that this mapping knows. */
  known?: string[];
}

export interface Candidate {
  line: number;
  key: string[];
  weight: number;
  /** Keywords whose values exclude it. */
  differs: string[];
  verdict: "chosen" | "lighter" | "no answer" | "excluded";
  why: string;
}

export interface BranchLevel {
  kind: Exclude<Node["kind"], "Match" | "file">;
  keys: string[];
  /** The header's date or number as compared. */
  value: string;
  chosen: string | null;
  /** Entries before and after the chosen place. */
  before: string | null;
  after: string | null;
  entries: number;
  /** Whole days from the chosen entry (or, when none was, from the nearest) to the header's date. */
  days: number | null;
  problem: string | null;
}

/** @throws what `bestrefs` throws when the lookup fails as a whole */
export function explain(
  cache: Cache,
  contextName: string,
  header: CrdsHeader,
  typeName: string,
  options: LookupOptions = {},
): Explanation {
  const type = typeName.toLowerCase();
  const { context, rules, header: translated, instrument } = locate(cache, contextName, header, options);
  const via = [...new Set([contextName, rules.imap ?? contextName])];
  const rule = rules.types.get(type);
  const base = { type, instrument, via, conditions: [], levels: [] };
  if (!rule) {
    const message = `Unknown reference type '${type}'; ${via.at(-1)} knows ${[...rules.types.keys()].sort().join(", ")}`;
    return { ...base, result: { kind: "notFound", class: "unknownType", message } };
  }
  if (rule.kind !== "rmap") {
    const why = `${via.at(-1)} says ${rule.kind === "n/a" ? "N/A" : "OMIT"}`;
    return { ...base, result: { kind: rule.kind, why } };
  }
  const { rmap } = rule;
  const conditioned = minimiseHeader(translated, rules.required);
  const answer = applyRmap(rmap, conditioned, context.observatory);
  const result = toBestRef(answer, contextName, rules.imap, rmap.name) ?? {
    kind: "omitted" as const,
    why: answer.kind === "omitted" ? answer.why : "",
  };
  const adjusted = adjustHeader(rmap, conditioned);
  return {
    ...base,
    via: [...new Set([...via, rmap.name])],
    result,
    conditions: describeConditions(rmap, conditioned, adjusted),
    levels: isMiss(adjusted) ? [] : explainNode(rmap.selector, adjusted as Conditioned, translated),
  };
}

function describeConditions(rmap: Rmap, header: Conditioned, adjusted: object): string[] {
  const lines: string[] = [];
  if (rmap.omit) lines.push(`rmap_omit ${rmap.omit.text}`);
  if (rmap.relevance) lines.push(`rmap_relevance ${rmap.relevance.text}`);
  for (const { keyword, expression } of rmap.parkeyRelevance) {
    const off = !isMiss(adjusted) && (adjusted as Conditioned)[keyword] !== header[keyword];
    lines.push(`${keyword} ${off ? "doesn't matter" : "matters"}: parkey_relevance ${expression.text}`);
  }
  if (rmap.optional) lines.push("reffile_required NO");
  return lines;
}

function explainNode(node: Node, header: Conditioned, file: CrdsHeader): Level[] {
  if (node.kind === "file") return [];
  if (isMatch(node)) {
    const { level, next } = explainMatch(node, header, file);
    return [level, ...(next ? explainNode(next, header, file) : [])];
  }
  const { level, next } = explainBranches(node as BranchNode, header);
  return [level, ...(next ? explainNode(next, header, file) : [])];
}

const fileValue = (file: CrdsHeader, key: string): string | null => {
  const value = file[key.toLowerCase()] ?? file[key];
  return value === undefined || value === null ? null : String(value);
};

const ruleText = (element: Literal): string => textOf(element);

function explainMatch(
  node: MatchNode,
  header: Conditioned,
  file: CrdsHeader,
): { level: MatchLevel; next: Node | null } {
  const values = node.parkeys.map((key) => header[key] ?? "UNDEFINED");
  const columns = values.map((value, i) => node.column(i, value));
  const weightsOf = (index: number): number[] => columns.map((column) => column.weights[index]!);
  const tried = node.trace(header);
  const winner = tried.find(({ answer }) => answer.ok || !answer.soft);
  const place = new Map(node.rules.map((rule, i) => [rule, i]));
  const ranked = node.rules
    .map((rule, index) => ({ rule, weights: weightsOf(index) }))
    .sort(
      (a, b) =>
        countOf(a.weights, -1) - countOf(b.weights, -1) || countOf(b.weights, 1) - countOf(a.weights, 1),
    );
  const candidates = ranked.map(({ rule, weights }): Candidate => {
    const differs = node.parkeys.filter((_, i) => weights[i] === -1);
    const group = tried.find(({ rules }) => rules.includes(rule));
    const weight = countOf(weights, 1);
    const key = rule.raw.map(ruleText);
    const common = { line: rule.line, key, weight, differs };
    if (winner?.rules.includes(rule)) {
      const merged =
        winner.rules.length > 1 ? `; merged with ${winner.rules.length - 1} of the same weight` : "";
      return {
        ...common,
        verdict: "chosen",
        why: `heaviest rule that answers (${weight} keys match)${merged}`,
      };
    }
    if (differs.length > 0 || !group)
      return { ...common, verdict: "excluded", why: excludedWhy(node, rule, differs, values) };
    if (winner && group.weight < winner.weight) {
      return {
        ...common,
        verdict: "lighter",
        why: `${weight} keys match, the chosen rule has ${winner.weight}`,
      };
    }
    return { ...common, verdict: "no answer", why: group.answer.ok ? "" : group.answer.message.trim() };
  });
  const shown = winner?.rules ?? tried[0]?.rules ?? ranked.slice(0, 1).map(({ rule }) => rule);
  const [first] = shown;
  const level: MatchLevel = {
    kind: "Match",
    rule: winner?.answer.ok ? "chosen" : first ? "nearest" : "none",
    lines: shown.map(({ line }) => line),
    keys: node.parkeys.map((key, i): KeyLine => {
      const weight = first ? weightsOf(place.get(first)!)[i]! : -1;
      const wrong = weight === -1 || columns[i]!.fault !== null;
      return {
        key,
        file: fileValue(file, key),
        value: values[i]!,
        rule: first ? ruleText(first.raw[i]!) : "",
        weight: wrong ? -1 : weight,
        ...(wrong ? { known: [...node.known[i]!].sort() } : {}),
      };
    }),
    candidates,
  };
  return { level, next: (winner ?? tried[0])?.node ?? null };
}

function excludedWhy(
  node: MatchNode,
  rule: MatchRule,
  differs: readonly string[],
  values: readonly string[],
): string {
  if (differs.length === 0) return "the header has a value that no rule knows";
  return differs
    .map((key) => {
      const i = node.parkeys.indexOf(key);
      return `${key} is ${values[i]}, not ${ruleText(rule.raw[i]!)}`;
    })
    .join("; ");
}

const countOf = (weights: readonly number[], wanted: number): number =>
  weights.filter((w) => w === wanted).length;

function explainBranches(node: BranchNode, header: Conditioned): { level: BranchLevel; next: Node | null } {
  const kind = node.kind as BranchLevel["kind"];
  const keys = node.branches.map(({ key }) => textOf(key));
  const level: BranchLevel = {
    kind,
    keys: [...node.parkeys],
    value: node.parkeys.map((key) => header[key] ?? "UNDEFINED").join(" "),
    chosen: null,
    before: null,
    after: null,
    entries: keys.length,
    days: null,
    problem: null,
  };
  const answer = node.choose(header);
  const timed = kind === "UseAfter" || kind === "ClosestTime";
  const date = timed ? headerDate(kind, node.parkeys, header) : null;
  if (date && !isMiss(date)) level.value = date.text;
  if (!answer.ok) level.problem = answer.message.trim();
  // every entry answers with an object of its own, so the answer tells the entry
  const asked = answer.ok ? node.branches.findIndex((branch) => branch.node.choose(header) === answer) : -1;
  const useAfter = kind === "UseAfter" && date && !isMiss(date);
  const index = useAfter ? keys.filter((key) => key <= date.text).length - 1 : asked;
  level.chosen = keys[index] ?? null;
  level.before = keys[index - 1] ?? null;
  level.after = keys[index + 1] ?? null;
  if (date && !isMiss(date)) level.days = daysBetween(level.chosen ?? level.after, date.seconds);
  return { level, next: level.chosen === null ? null : node.branches[index]!.node };
}

function daysBetween(key: string | null, seconds: number): number | null {
  if (key === null) return null;
  try {
    return Math.round((seconds - dateSeconds(parseDate(key))) / 86400);
  } catch {
    return null;
  }
}
