/** All that a context leads to: its mappings and its references. */
import { isNotApplicable, isOmitted } from "./apply-rmap.js";
import { loadMapping, type Cache } from "./cache.js";
import { RulesError } from "../errors.js";
import { isCall, isDict, isSequence, type Call, type Literal } from "./literal.js";
import { isMappingName, type Mapping } from "./mapping.js";

/** Names that a mapping's selector gives, in the order of its text. */
export function namesGivenBy(mapping: Mapping): string[] {
  const names: string[] = [];
  const visit = (value: Literal | Call): void => {
    if (typeof value === "string") {
      if (!isNotApplicable(value) && !isOmitted(value)) names.push(value);
    } else if (isCall(value)) for (const entry of value.entries) visit(entry.value);
    else if (isDict(value)) for (const entry of value.entries) visit(entry.value);
    else if (isSequence(value)) value.items.forEach(visit);
  };
  visit(mapping.selector);
  return names;
}

/** The mappings below a context, itself included; throws RulesError on a missing file or a loop, naming the way to it. */
export function mappingsBelow(cache: Cache, context: string): Mapping[] {
  const found = new Map<string, Mapping>();
  const visit = (name: string, way: readonly string[]): void => {
    if (way.includes(name))
      throw new RulesError(`the rules lead back to themselves: ${[...way, name].join(" → ")}`);
    if (found.has(name)) return;
    const mapping = loadMapping(cache, name, way.at(-1));
    found.set(name, mapping);
    if (mapping.kind === "rmap") return;
    for (const below of namesGivenBy(mapping)) if (isMappingName(below)) visit(below, [...way, name]);
  };
  visit(context, []);
  return [...found.values()];
}

export const mappingClosure = (cache: Cache, context: string): string[] =>
  mappingsBelow(cache, context)
    .map(({ name }) => name)
    .sort();

export function referenceClosure(cache: Cache, context: string): string[] {
  const rmaps = mappingsBelow(cache, context).filter(({ kind }) => kind === "rmap");
  return [...new Set(rmaps.flatMap(namesGivenBy))].sort();
}
