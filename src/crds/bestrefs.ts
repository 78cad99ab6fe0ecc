/** The calibration files which the rules of a context choose for one header. */
import { CalibrationError } from "../errors.js";
import { applyRmap, type EqualWeights } from "./apply-rmap.js";
import type { Cache } from "./cache.js";
import { compileRmap } from "./compile-rmap.js";
import { loadContext, loadInstrument, type Context, type InstrumentRules } from "./context.js";
import { instrumentOf, minimiseHeader, translateHeader, type CrdsHeader } from "./header.js";
import { toJson, type Literal } from "./literal.js";
import type { MissClass } from "./selectors/select.js";
import { checkRules } from "./withdrawn.js";
import { withoutFiles } from "./without.js";

export type NotFoundClass = MissClass | "unknownType";

export type BestRef =
  | { readonly kind: "file"; readonly name: string; readonly via: readonly string[] }
  /** Bracket gives the files below and above. */
  | { readonly kind: "pair"; readonly names: readonly [string, string]; readonly via: readonly string[] }
  /** A tuple or dictionary of the rules, handed through. */
  | { readonly kind: "value"; readonly value: unknown; readonly via: readonly string[] }
  | { readonly kind: "n/a"; readonly why: string }
  | { readonly kind: "notFound"; readonly class: NotFoundClass; readonly message: string };

export interface LookupOptions {
  /** Replaces the observatory's own policy for several rules of one weight. */
  equalWeights?: EqualWeights | undefined;
  /** Files that can't serve: the rules answer as if they weren't there. */
  without?: readonly string[];
}

export interface Located {
  readonly context: Context;
  readonly rules: InstrumentRules;
  readonly header: CrdsHeader;
  readonly instrument: string | null;
}

/** Context, instrument and its rules for one header; throws for everything that fails a lookup as a whole. */
export function locate(
  cache: Cache,
  contextName: string,
  header: CrdsHeader,
  options: LookupOptions = {},
): Located {
  const context = loadContext(cache, contextName);
  const translated = translateHeader(context.observatory, header);
  const equalWeights = options.equalWeights ?? context.observatory.equalWeights;
  if (context.instrumentKey === null) {
    const rules = loadInstrument(cache, context, "", equalWeights);
    checkRules(cache, context, rules);
    return { context, rules, header: translated, instrument: null };
  }
  const instrument = instrumentOf(translated, context.instrumentKey);
  if (instrument === undefined) {
    throw new CalibrationError(
      `no calibration: the header has no '${context.instrumentKey}' keyword to tell the instrument by`,
    );
  }
  const known = context.instruments.get(instrument);
  if (known === undefined) {
    throw new CalibrationError(
      `no calibration: the instrument '${instrument}' is unknown to the context ${contextName} — it knows ${[...context.instruments.keys()].join(", ") || "none"}`,
      { hint: "choose another context with --context; iris crds list --contexts shows those of the cache" },
    );
  }
  if (!/\.[ir]map$/.test(known)) {
    throw new CalibrationError(
      `no calibration: the context ${contextName} says ${known} for the instrument '${instrument}'`,
    );
  }
  const rules = loadInstrument(cache, context, instrument, equalWeights);
  checkRules(cache, context, rules);
  return { context, rules, header: translated, instrument };
}

/**
 * Best references by lower-case type; types which the rules omit are left out.
 *
 * @param types all types of the instrument when absent
 * @throws RulesError when a mapping of the instrument is missing or malformed, CalibrationError when the instrument is unknown
 */
export function bestrefs(
  cache: Cache,
  contextName: string,
  header: CrdsHeader,
  types?: readonly string[],
  options: LookupOptions = {},
): Record<string, BestRef> {
  const { context, rules, header: translated } = locate(cache, contextName, header, options);
  const conditioned = minimiseHeader(translated, rules.required);
  const results: Record<string, BestRef> = {};
  const equalWeights = options.equalWeights ?? context.observatory.equalWeights;
  const unusable = new Set(options.without);
  for (const word of types ?? rules.types.keys()) {
    const type = word.toLowerCase();
    const rule = rules.types.get(type);
    if (!rule) {
      results[type] = { kind: "notFound", class: "unknownType", message: `Unknown reference type '${type}'` };
    } else if (rule.kind === "n/a") {
      results[type] = { kind: "n/a", why: `${rules.imap ?? contextName} says N/A` };
    } else if (rule.kind === "rmap") {
      const { observatory } = context;
      const rmap =
        unusable.size > 0
          ? compileRmap(withoutFiles(rule.rmap.mapping, unusable), observatory, equalWeights)
          : rule.rmap;
      const answer = applyRmap(rmap, conditioned, observatory);
      const result = toBestRef(answer, contextName, rules.imap, rule.rmap.name);
      if (result) results[type] = result;
    }
  }
  return results;
}

/** null for a type that the rules omit. */
export function toBestRef(
  answer: ReturnType<typeof applyRmap>,
  context: string,
  imap: string | null,
  rmap: string,
): BestRef | null {
  if (answer.kind === "omitted") return null;
  if (answer.kind === "n/a") return answer;
  if (answer.kind === "miss") {
    return { kind: "notFound", class: answer.miss.class, message: answer.miss.message.trim() };
  }
  const via = [...new Set([context, imap ?? context, rmap])];
  const { value, pair } = answer.hit;
  if (pair) return { kind: "pair", names: [nameOf(pair[0]), nameOf(pair[1])], via };
  if (typeof value === "string") return { kind: "file", name: value, via };
  return { kind: "value", value: toJson(value), via };
}

const nameOf = (value: Literal): string =>
  typeof value === "string" ? value : JSON.stringify(toJson(value));
