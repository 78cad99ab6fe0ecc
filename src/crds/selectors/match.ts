/** Match: rules over several keywords, the heaviest compatible one wins. */
import { alternativesOf, isEsoteric } from "../condition.js";
import { makeMatcher, toFloat, type Matcher } from "../element.js";
import { compareFields } from "../format.js";
import type { Literal } from "../literal.js";
import { mergeNodes } from "./merge.js";
import { miss, noMatch, type Answer, type Conditioned, type Miss, type Node } from "./select.js";

/** One rule: its key as written and as compared. */
export interface MatchRule {
  readonly raw: readonly Literal[];
  readonly elements: readonly string[];
  readonly line: number;
  readonly node: Node;
}

export interface MatchOptions {
  /** Equal weights are merged; otherwise they are an error. */
  readonly merge: boolean;
  /** Conditioned replacements of header values per keyword, for the validity check only. */
  readonly replacements: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What one header value means for all rules. */
export interface Column {
  readonly fault: Miss | null;
  /** 1, 0 or −1 per rule. */
  readonly weights: Int8Array;
  /** A bit per rule that it doesn't exclude. */
  readonly compatible: Uint32Array;
}

export interface MatchNode extends Node {
  readonly kind: "Match";
  /** Sorted by conditioned key. */
  readonly rules: readonly MatchRule[];
  /** All values the rules know for a keyword; empty when anything may come. */
  readonly known: readonly ReadonlySet<string>[];
  column(index: number, value: string): Column;
  /** What `choose` did, group by group from the heaviest on. */
  trace(header: Conditioned): readonly TriedGroup[];
}

/** The rules of one weight, and what they answered. */
export interface TriedGroup {
  readonly weight: number;
  readonly rules: readonly MatchRule[];
  /** The rule's own node, or the merged one; null when rules of one weight can't be merged. */
  readonly node: Node | null;
  readonly answer: Answer;
}

export const isMatch = (node: Node): node is MatchNode => node.kind === "Match";

const rememberedValues = 512;

/**
 * @param unsorted rules with keys as long as `parkeys`, whose elements compile
 */
export function makeMatch(
  parkeys: readonly string[],
  unsorted: readonly MatchRule[],
  options: MatchOptions,
): MatchNode {
  // sorted, and its values known, when it is first asked: most of a context's rules never are
  let rules: readonly MatchRule[] = [];
  let known: readonly ReadonlySet<string>[] = [];
  let ready = false;
  const prepare = (): void => {
    rules = [...unsorted].sort((a, b) => compareFields(a.elements, b.elements));
    known = parkeys.map((_, i) => knownValues(rules.map((rule) => rule.elements[i]!)));
    ready = true;
  };
  const compiled = new Map<string, Matcher>();
  const matcherOf = (element: string): Matcher => {
    let matcher = compiled.get(element);
    if (!matcher) compiled.set(element, (matcher = makeMatcher(element)));
    return matcher;
  };
  const columns = parkeys.map(() => new Map<string, Column>());
  const merged = new Map<string, Miss | Node>();

  const column = (index: number, value: string): Column => {
    if (!ready) prepare();
    const remembered = columns[index]!;
    let found = remembered.get(value);
    if (!found) {
      if (remembered.size >= rememberedValues) remembered.clear();
      const weights = Int8Array.from(rules, (rule) => matcherOf(rule.elements[index]!)(value));
      const fault = checkValue(parkeys[index]!, value, known[index]!, options.replacements);
      found = { fault, weights, compatible: bitsOf(weights) };
      remembered.set(value, found);
    }
    return found;
  };

  /** The rules that no value excludes, by weight; or the fault of a value. */
  const weigh = (header: Conditioned): number[][] | Miss => {
    if (!ready) prepare();
    const asked: Column[] = [];
    for (let c = 0; c < parkeys.length; c++) {
      const found = column(c, header[parkeys[c]!] ?? "UNDEFINED");
      if (found.fault) return found.fault;
      asked.push(found);
    }
    const byWeight: number[][] = [];
    for (let w = 0; w << 5 < rules.length; w++) {
      let bits = asked.length > 0 ? -1 : bitsOf(new Int8Array(rules.length))[w]!;
      for (const { compatible } of asked) bits &= compatible[w]!;
      for (; bits !== 0; bits &= bits - 1) {
        const i = (w << 5) + 31 - Math.clz32(bits & -bits);
        let weight = 0;
        for (const { weights } of asked) weight += weights[i]!;
        (byWeight[weight] ??= []).push(i);
      }
    }
    return byWeight;
  };

  const nodeOf = (at: readonly number[]): Node | Miss => {
    if (at.length === 1) return rules[at[0]!]!.node;
    const key = at.join();
    let node = merged.get(key);
    if (!node) {
      const nodes = at.map((i) => rules[i]!.node);
      node = options.merge ? mergeNodes(nodes) : miss("ambiguous", "More than one match clause matched.");
      merged.set(key, node);
    }
    return node;
  };

  return {
    kind: "Match",
    parkeys,
    get rules() {
      if (!ready) prepare();
      return rules;
    },
    get known() {
      if (!ready) prepare();
      return known;
    },
    column,
    choose(header) {
      const byWeight = weigh(header);
      if ("ok" in byWeight) return byWeight;
      for (let weight = byWeight.length - 1; weight >= 0; weight--) {
        const at = byWeight[weight];
        if (!at) continue;
        const node = nodeOf(at);
        const answer = "choose" in node ? node.choose(header) : node;
        if (answer.ok || !answer.soft) return answer;
      }
      return noMatch;
    },
    trace(header) {
      const weighed = weigh(header);
      const byWeight = "ok" in weighed ? [] : weighed;
      const groups: TriedGroup[] = [];
      for (let weight = byWeight.length - 1; weight >= 0; weight--) {
        const at = byWeight[weight];
        if (!at) continue;
        const node = nodeOf(at);
        const answer = "choose" in node ? node.choose(header) : node;
        groups.push({
          weight,
          rules: at.map((i) => rules[i]!),
          node: "choose" in node ? node : null,
          answer,
        });
      }
      return groups;
    },
  };
}

/** One bit per weight that isn't −1. */
function bitsOf(weights: Int8Array): Uint32Array {
  const bits = new Uint32Array((weights.length + 31) >> 5);
  weights.forEach((weight, i) => {
    if (weight >= 0) bits[i >> 5]! |= 1 << (i & 31);
  });
  return bits;
}

function knownValues(elements: readonly string[]): ReadonlySet<string> {
  if (elements.some(isEsoteric)) return new Set();
  return new Set(elements.flatMap(alternativesOf));
}

/** The check that stands before every match: is the value one of those which the rules know? */
export function checkValue(
  key: string,
  value: string,
  known: ReadonlySet<string>,
  replacements: MatchOptions["replacements"],
): Miss | null {
  if (known.size === 0 || known.has("*") || known.has("ANY") || known.has("N/A") || known.has(value))
    return null;
  if (value.startsWith("NOT")) return checkValue(key, value.slice(3).trim(), known, replacements);
  if (isEsoteric(value) || value === "*" || value === "ANY" || value === "N/A") return null;
  const [only] = known;
  if (known.size === 1 && only!.includes(":")) {
    const x = toFloat(value);
    if (x === undefined)
      return miss("internal", `'${value}' of ${key} can't be compared with the range ${only}`);
    const [low, high] = only!.split(":").map(toFloat);
    if (low !== undefined && high !== undefined && low <= x && x <= high) return null;
  }
  const replacement = replacements[key]?.[value];
  if (replacement !== undefined && replacement !== value) {
    const valid = alternativesOf(replacement).some((part) => !checkValue(key, part, known, {}));
    if (valid) return null;
  }
  return miss(
    "invalidValue",
    ` parameter='${key}' value='${value}' is not in [${[...known]
      .sort()
      .map((v) => `'${v}'`)
      .join(", ")}]`,
  );
}
