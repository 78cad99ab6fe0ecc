/** The keywords which the rules of a context look at. */
import { headerText } from "./mapping.js";
import { loadMapping, type Cache } from "./cache.js";
import { compileRmap } from "./compile-rmap.js";
import { loadContext, loadInstrument } from "./context.js";

/** By instrument for a pmap, by type for an imap, by name for an rmap; in the order in which the rules ask for them. */
export function requiredKeywords(cache: Cache, contextName: string): Record<string, string[]> {
  const context = loadContext(cache, contextName);
  const { observatory, mapping } = context;
  const policy = observatory.equalWeights;
  if (mapping.kind === "rmap") {
    const rmap = compileRmap(loadMapping(cache, contextName), observatory, policy);
    return { [contextName]: [...rmap.required] };
  }
  if (mapping.kind === "imap") {
    const { types } = loadInstrument(cache, context, headerText(mapping, "instrument") ?? "", policy);
    return Object.fromEntries(
      [...types]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([type, rules]) => (rules.kind === "rmap" ? [[type, [...rules.rmap.required]]] : [])),
    );
  }
  const names = [...context.instruments].filter(([, name]) => name.endsWith(".imap")).map(([name]) => name);
  return Object.fromEntries(
    names.sort().map((name) => {
      const [first, ...others] = loadInstrument(cache, context, name, policy).required;
      return [name, [first!, ...others.sort()]];
    }),
  );
}
