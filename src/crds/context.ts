/** The rules below a pmap, imap or rmap, loaded when an instrument is first asked for. */
import { RulesError } from "../errors.js";
import { loadMapping, type Cache } from "./cache.js";
import { isNotApplicable, isOmitted } from "./apply-rmap.js";
import { checkHeader, compileRmap, namesIn, type EqualWeights, type Rmap } from "./compile-rmap.js";
import { textOf, type Entry, type Literal } from "./literal.js";
import { headerText, isExpression, observatoryOf, rawHeader, type Mapping } from "./mapping.js";
import type { Observatory } from "./observatories/define.js";
import { getObservatory } from "./observatories/index.js";

export type TypeRules =
  { readonly kind: "rmap"; readonly rmap: Rmap } | { readonly kind: "n/a" } | { readonly kind: "omitted" };

export interface InstrumentRules {
  readonly imap: string | null;
  readonly types: ReadonlyMap<string, TypeRules>;
  /** Upper-case keywords that any rmap of the instrument looks at. */
  readonly required: readonly string[];
}

export interface Context {
  readonly name: string;
  readonly observatory: Observatory;
  readonly mapping: Mapping;
  /** Keyword which names the instrument, null below a pmap. */
  readonly instrumentKey: string | null;
  /** Lower-case instrument → imap name, or a word like N/A. */
  readonly instruments: ReadonlyMap<string, string>;
}

/** @throws RulesError */
export function loadContext(cache: Cache, name: string): Context {
  const key = `context ${name}`;
  const known = cache.memory.get(key) as Context | undefined;
  if (known) return known;
  const mapping = loadMapping(cache, name);
  checkHeader(mapping);
  const observatory = getObservatory(headerText(mapping, "observatory") ?? observatoryOf(name));
  const context: Context = {
    name,
    observatory,
    mapping,
    instrumentKey: mapping.kind === "pmap" ? pmapKey(mapping) : null,
    instruments: mapping.kind === "pmap" ? namesBelow(mapping) : new Map(),
  };
  cache.memory.set(key, context);
  return context;
}

function pmapKey(mapping: Mapping): string {
  const value = rawHeader(mapping, "parkey");
  const first =
    typeof value === "object" && value !== null && value.kind === "tuple" ? value.items[0] : value;
  if (typeof first === "string") return first;
  throw new RulesError(
    `can't use the rules: ${mapping.name} — the parkey of a pmap is a tuple with one keyword`,
  );
}

/** Lower-case key → value of a pmap or imap. */
function namesBelow(mapping: Mapping): Map<string, string> {
  const names = new Map<string, string>();
  for (const { key, value, line } of mapping.selector.entries as readonly Entry<Literal>[]) {
    if (typeof value !== "string") {
      throw new RulesError(
        `can't use the rules: ${mapping.name}, line ${line} — the value of '${textOf(key)}' must be a name`,
      );
    }
    // values in parentheses keep their case like all header text
    names.set(textOf(key).toLowerCase(), isExpression(value) ? value : value.trim());
  }
  return names;
}

/** Rules of one instrument of a context (or of the imap or rmap that the context is). */
export function loadInstrument(
  cache: Cache,
  context: Context,
  instrument: string,
  equalWeights: EqualWeights,
): InstrumentRules {
  const key = `rules ${equalWeights} ${context.name} ${instrument}`;
  const known = cache.memory.get(key) as InstrumentRules | undefined;
  if (known) return known;
  const rules = compileInstrument(cache, context, instrument, equalWeights);
  cache.memory.set(key, rules);
  return rules;
}

function compileInstrument(
  cache: Cache,
  context: Context,
  instrument: string,
  equalWeights: EqualWeights,
): InstrumentRules {
  const { mapping, observatory } = context;
  if (mapping.kind === "rmap") {
    const rmap = compileRmap(mapping, observatory, equalWeights);
    return { imap: null, types: new Map([[rmap.filekind, { kind: "rmap", rmap }]]), required: rmap.required };
  }
  const imap = mapping.kind === "imap" ? mapping : loadImap(cache, context, instrument);
  const types = new Map<string, TypeRules>();
  const instrumentKeys = context.instrumentKey ? [context.instrumentKey] : [];
  const required = new Set([...instrumentKeys, ...namesIn(imap, "parkey")].map((key) => key.toUpperCase()));
  for (const [type, name] of namesBelow(imap)) {
    const rules = loadType(cache, imap, name, observatory, equalWeights);
    types.set(type, rules);
    if (rules.kind === "rmap") for (const keyword of rules.rmap.required) required.add(keyword);
  }
  return { imap: imap.name, types, required: [...required] };
}

function loadImap(cache: Cache, context: Context, instrument: string): Mapping {
  const name = context.instruments.get(instrument)!;
  if (!name.endsWith(".imap")) {
    throw new RulesError(
      `can't use the rules: ${context.name} — '${instrument}' leads to '${name}', which isn't an imap`,
    );
  }
  const imap = loadMapping(cache, name, context.name);
  checkHeader(imap);
  return imap;
}

function loadType(
  cache: Cache,
  imap: Mapping,
  name: string,
  observatory: Observatory,
  equalWeights: EqualWeights,
): TypeRules {
  if (isNotApplicable(name)) return { kind: "n/a" };
  if (isOmitted(name)) return { kind: "omitted" };
  if (!name.endsWith(".rmap")) {
    throw new RulesError(`can't use the rules: ${imap.name} — it names '${name}', which isn't an rmap`);
  }
  return { kind: "rmap", rmap: compileRmap(loadMapping(cache, name, imap.name), observatory, equalWeights) };
}
