/** An rmap as if some of its files had never been put into it. */
import { isCall, type Call } from "./literal.js";
import type { Mapping } from "./mapping.js";

export function withoutFiles(rmap: Mapping, files: ReadonlySet<string>): Mapping {
  const { selector } = rmap;
  return isCall(selector) ? { ...rmap, selector: prune(selector, files) } : rmap;
}

/** Rules that lead to nothing else go with the files. */
const prune = (call: Call, files: ReadonlySet<string>): Call => ({
  ...call,
  entries: call.entries.flatMap((entry) => {
    const { value } = entry;
    if (!isCall(value)) return typeof value === "string" && files.has(value) ? [] : [entry];
    const below = prune(value, files);
    return below.entries.length > 0 ? [{ ...entry, value: below }] : [];
  }),
});
