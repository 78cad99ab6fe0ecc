/** One rmap asked for one header: omission, relevance, keyword relevance, the selectors, and what a failure means. */
import type { EqualWeights, Rmap } from "./compile-rmap.js";
import { ExpressionError, parseExpression, truth, type Expression } from "./expression.js";
import type { Literal } from "./literal.js";
import type { Observatory } from "./observatories/define.js";
import { miss, type Conditioned, type Hit, type Miss } from "./selectors/select.js";

export type { EqualWeights };

export type RmapAnswer =
  | { readonly kind: "hit"; readonly hit: Hit }
  | { readonly kind: "omitted"; readonly why: string }
  | { readonly kind: "n/a"; readonly why: string }
  | { readonly kind: "miss"; readonly miss: Miss };

const naWords = new Set(["N/A", "TEMP_N/A", "n/a", "temp_n/a"]);
const omitWords = new Set(["OMIT", "TEMP_OMIT", "omit"]);

export const isNotApplicable = (value: Literal): boolean => typeof value === "string" && naWords.has(value);
export const isOmitted = (value: Literal): boolean => typeof value === "string" && omitWords.has(value);

export function applyRmap(rmap: Rmap, header: Conditioned, observatory: Observatory): RmapAnswer {
  if (rmap.omit && holds(rmap.omit, header) === true)
    return { kind: "omitted", why: `rmap_omit ${rmap.omit.text}` };
  if (rmap.relevance && holds(rmap.relevance, header) === false) {
    return { kind: "n/a", why: `rmap_relevance ${rmap.relevance.text} is false` };
  }
  const adjusted = adjustHeader(rmap, header);
  if ("ok" in adjusted) return failed(rmap, adjusted as Miss, header, observatory);
  const answer = rmap.selector.choose(adjusted as Conditioned);
  if (!answer.ok) return failed(rmap, answer, header, observatory);
  if (isNotApplicable(answer.value)) return { kind: "n/a", why: `the rule says ${String(answer.value)}` };
  if (isOmitted(answer.value)) return { kind: "omitted", why: `the rule says ${String(answer.value)}` };
  return { kind: "hit", hit: answer };
}

/** The header in which keywords that don't matter are N/A; a condition on an unknown keyword fails the type. */
export function adjustHeader(rmap: Rmap, header: Conditioned): Conditioned | Miss {
  if (rmap.parkeyRelevance.length === 0 && rmap.commentParkeys.length === 0) return header;
  const adjusted: Record<string, string> = { ...header };
  for (const keyword of rmap.commentParkeys) adjusted[keyword] = "N/A";
  for (const { keyword, expression } of rmap.parkeyRelevance) {
    const value = holds(expression, header);
    if (value instanceof ExpressionError) return miss("internal", value.message);
    if (!value) adjusted[keyword] = "N/A";
  }
  return adjusted;
}

/** Truth of a condition, or the reason why it has none; a rule whose condition has none goes on without it. */
function holds(expression: Expression, header: Conditioned): boolean | ExpressionError {
  try {
    return truth(expression.evaluate((name) => lookUp(header, name)));
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

/** Dotted keywords may be written with underscores. */
function lookUp(header: Conditioned, name: string): string | undefined {
  const value = header[name];
  if (value !== undefined || !name.includes("_")) return value;
  const key = Object.keys(header).find((k) => k.includes(".") && k.replaceAll(".", "_") === name);
  return key === undefined ? undefined : header[key];
}

const conditions = new Map<string, Expression>();

function failed(rmap: Rmap, cause: Miss, header: Conditioned, observatory: Observatory): RmapAnswer {
  const never = observatory.noReprocess.find(({ instrument, when }) => {
    if (instrument !== rmap.instrument) return false;
    let expression = conditions.get(when);
    if (!expression) conditions.set(when, (expression = parseExpression(when)));
    return holds(expression, header) === true;
  });
  if (never) return { kind: "n/a", why: `never reprocessed: ${never.when}` };
  if (rmap.optional) return { kind: "n/a", why: `not required, and ${cause.message.trim()}` };
  return { kind: "miss", miss: cause };
}
