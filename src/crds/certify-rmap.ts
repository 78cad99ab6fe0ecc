/** Checks of the rules of an rmap: values, dates, versions, overlaps. */
import { isNotApplicable, isOmitted } from "./apply-rmap.js";
import { conditionValue } from "./condition.js";
import { DateError, parseDate } from "./dates.js";
import { toFloat } from "./element.js";
import { isCall, isDict, isSequence, reprOf, textOf, type Call, type Literal } from "./literal.js";
import type { Mapping } from "./mapping.js";
import { isSuperset, weightOf } from "./match-superset.js";
import { isMatch, type MatchNode } from "./selectors/match.js";
import type { BranchNode, Node } from "./selectors/select.js";
import { versionNumbers } from "./selectors/version.js";

export interface Finding {
  file: string;
  level: "error" | "warning";
  line: number | null;
  message: string;
}

export type Add = (level: Finding["level"], message: string, line?: number | null) => void;

/** @param overlaps what two keys of equal weight are, of which one is a special case of the other */
export function certifySelector(mapping: Mapping, node: Node, add: Add, overlaps: Finding["level"]): void {
  if (isCall(mapping.selector)) certifyCall(mapping.selector, add);
  certifyNode(node, add, overlaps);
}

function certifyNode(node: Node, add: Add, overlaps: Finding["level"]): void {
  if (isMatch(node)) {
    certifyOverlaps(node, add, overlaps);
    for (const rule of node.rules) certifyNode(rule.node, add, overlaps);
  } else if (node.kind !== "file") {
    for (const branch of (node as BranchNode).branches) certifyNode(branch.node, add, overlaps);
  }
}

function certifyOverlaps(node: MatchNode, add: Add, level: Finding["level"]): void {
  for (const rule of node.rules) {
    const wider = node.rules.find(
      (other) =>
        other !== rule &&
        weightOf(other.elements) === weightOf(rule.elements) &&
        isSuperset(other.elements, rule.elements),
    );
    if (!wider) continue;
    const [a, b] = [rule, wider].map(({ elements }) => `(${elements.join(", ")})`);
    add(level, `the key ${a} is a special case of ${b} of equal weight, line ${wider.line}`, rule.line);
  }
}

function certifyCall(call: Call, add: Add): void {
  for (const { key, value, line } of call.entries) {
    certifyKey(call, key, line, add);
    if (isCall(value)) certifyCall(value, add);
    else certifyValue(value, line, add);
  }
}

function certifyValue(value: Literal, line: number, add: Add): void {
  if (isSequence(value) && value.kind === "tuple")
    return value.items.forEach((item) => certifyValue(item, line, add));
  if (isDict(value)) return add("warning", "a dictionary stands in place of a selector", line);
  if (typeof value !== "string")
    return add("error", `illegal value ${reprOf(value)} in place of a file name`, line);
  if (isNotApplicable(value) || isOmitted(value)) return;
  if (value === "") add("warning", "an empty file name", line);
  if (/[\\/]/.test(value))
    add("warning", `the file name ${reprOf(value)} holds a folder; lookups refuse it`, line);
}

function certifyKey(call: Call, key: Literal, line: number, add: Add): void {
  const text = textOf(key);
  const wrong = (why: string): void => add("error", `the ${call.name} key ${reprOf(key)} ${why}`, line);
  switch (call.name) {
    case "UseAfter":
    case "ClosestTime":
      return certifyDate(call, key, line, add);
    case "VersionAfter":
      return versionNumbers(text) ? undefined : wrong("isn't a version");
    case "SelectVersion": {
      const version = text === "default" ? "0" : text.replace(/^(<|==?)\s*/, "");
      return toFloat(version) === undefined ? wrong("isn't a version") : undefined;
    }
    case "GeometricallyNearest":
    case "Bracket":
      return toFloat(conditionValue(text)) === undefined ? wrong("isn't a number") : undefined;
    case "Match":
      return undefined;
  }
}

function certifyDate(call: Call, key: Literal, line: number, add: Add): void {
  const at = `the ${call.name} key ${reprOf(key)}`;
  if (typeof key !== "string") return add("error", `${at} isn't a text`, line);
  try {
    parseDate(key);
  } catch (error) {
    if (!(error instanceof DateError)) throw error;
    return add("error", `${at} isn't a date: ${error.message}`, line);
  }
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(key)) {
    add("warning", `${at} should read YYYY-MM-DD HH:MM:SS: keys are compared as text`, line);
  }
}
