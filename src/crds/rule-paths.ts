/** Every way through the rules to a file, with the texts that stand in the rules. */
import { mappingsBelow } from "./closure.js";
import type { Cache } from "./cache.js";
import { compareFields } from "./format.js";
import { isCall, isSequence, isTuple, textOf, type Call, type Literal } from "./literal.js";
import { rawHeader, type Mapping } from "./mapping.js";

export interface RulePath {
  file: string;
  observatory: string;
  instrument: string;
  filekind: string;
  rmap: string;
  /** Keyword and raw text per level, Match levels first. */
  keys: [string, string][];
  /** How many of the last keys belong to a choice by date or number. */
  tail: number;
}

/** Keywords of each selector level as they stand in the parkey. */
export function parkeyLevels(mapping: Mapping): string[][] {
  const parkey = rawHeader(mapping, "parkey");
  if (!isTuple(parkey)) return [];
  return parkey.items.map((level) => (isSequence(level) ? level.items.map(textOf) : [textOf(level)]));
}

/** Texts of one key over the keywords of its level; a date is split at blanks over date and time. */
export function keyTexts(call: Call, key: Literal, keywords: readonly string[]): string[] {
  if (call.name === "Match") return isSequence(key) ? key.items.map(textOf) : [textOf(key)];
  const text = textOf(key);
  if (keywords.length < 2) return [text];
  const parts = text.split(/\s+/);
  return parts.length === keywords.length ? parts : [text];
}

/** All paths of one rmap, sorted. */
function rulePaths(mapping: Mapping): RulePath[] {
  const header = (key: string): string => textOf(rawHeader(mapping, key) ?? "");
  const levels = parkeyLevels(mapping);
  const base = {
    observatory: header("observatory"),
    instrument: header("instrument"),
    filekind: header("filekind"),
    rmap: mapping.name,
  };
  const paths: RulePath[] = [];
  const visit = (call: Call, level: number, keys: [string, string][], tail: number): void => {
    const keywords = levels[level] ?? [];
    for (const { key, value } of call.entries) {
      const texts = keyTexts(call, key, keywords);
      const here: [string, string][] = [
        ...keys,
        ...texts.map((text, i): [string, string] => [keywords[i] ?? "", text]),
      ];
      const last = tail + (call.name === "Match" ? 0 : texts.length);
      if (isCall(value)) visit(value, level + 1, here, last);
      else
        for (const file of isSequence(value) ? value.items : [value]) {
          paths.push({ ...base, file: textOf(file), keys: here, tail: last });
        }
    }
  };
  if (isCall(mapping.selector)) visit(mapping.selector, 0, [], 0);
  const fields = (path: RulePath): string[] => path.keys.flat();
  return paths.sort((a, b) => compareFields(fields(a), fields(b)));
}

/** Paths of all rmaps below a context. */
export const pathsBelow = (cache: Cache, context: string): RulePath[] =>
  mappingsBelow(cache, context)
    .filter(({ kind }) => kind === "rmap")
    .flatMap(rulePaths);
