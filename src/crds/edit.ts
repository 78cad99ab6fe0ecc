/** New mappings derived from old ones: the next serial, the derivation, a key replaced; nothing is written here. */
import { RulesError, UsageError } from "../errors.js";
import { loadMapping, mappingNames, type Cache } from "./cache.js";
import { formatMapping } from "./format.js";
import { textOf, type Dict, type Entry, type Literal } from "./literal.js";
import { headerText, observatoryOf, type Mapping } from "./mapping.js";

/** `obs_0007.pmap` → the next serial that neither the cache nor `taken` has. */
export function nextName(cache: Cache, name: string, taken: ReadonlySet<string> = new Set()): string {
  const [, stem, extension] = /^(.*?)(?:_\d{4})?\.([pir]map)$/.exec(name)!;
  const form = new RegExp(`^${stem!.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}_(\\d{4})\\.${extension!}$`);
  const serials = [...mappingNames(cache, observatoryOf(name)), ...taken].map((n) =>
    Number(form.exec(n)?.[1] ?? 0),
  );
  return `${stem}_${String(Math.max(0, ...serials) + 1).padStart(4, "0")}.${extension}`;
}

/** The header with some values replaced; entries that are new stand at the end. */
function withHeader(header: Dict, changes: Readonly<Record<string, Literal>>): Dict {
  const kept = header.entries.filter(({ key }) => !(typeof key === "string" && key in changes));
  const changed = Object.entries(changes).map(([key, value]): Entry<Literal> => ({ key, value, line: 0 }));
  return { kind: "dict", entries: [...kept, ...changed] };
}

/** A mapping under a new name that says what it was made from. */
export const derive = (mapping: Mapping, name: string, selector = mapping.selector): Mapping => ({
  ...mapping,
  name,
  header: withHeader(mapping.header, { name, derived_from: mapping.name }),
  selector,
});

/** A mapping of the cache that says the same and was derived from the same; else the new one. */
export function knownOr(cache: Cache, made: Mapping): Mapping {
  const [stem] = made.name.split(/_\d{4}\./);
  const text = formatMapping(made);
  const isSame = (name: string): boolean => {
    if (!name.startsWith(`${stem!}_`) || !name.endsWith(`.${made.kind}`)) return false;
    try {
      const other = loadMapping(cache, name);
      return formatMapping({ ...other, header: withHeader(other.header, { name: made.name }) }) === text;
    } catch (error) {
      if (error instanceof RulesError) return false;
      throw error;
    }
  };
  const same = mappingNames(cache, observatoryOf(made.name)).find(isSame);
  return same === undefined ? made : loadMapping(cache, same);
}

/** What a context is to have for one instrument and type: an rmap, or N/A. */
export interface Change {
  instrument: string;
  type: string;
  value: string;
}

/** Imaps and a pmap in which these values stand, new ones unless the cache has them; the pmap comes last. */
export function deriveContext(cache: Cache, pmapName: string, changes: readonly Change[]): Mapping[] {
  const pmap = loadMapping(cache, pmapName);
  if (pmap.kind !== "pmap") throw new UsageError(`can't make a context: ${pmapName} isn't a pmap`);
  const made: Mapping[] = [];
  const imapNames = new Map<string, string>();
  for (const instrument of new Set(changes.map((change) => change.instrument))) {
    const old = valueOf(pmap, instrument);
    if (old === undefined || !old.endsWith(".imap")) {
      throw new UsageError(`can't make a context: ${pmapName} has no imap of the instrument '${instrument}'`);
    }
    const imap = loadMapping(cache, old, pmapName);
    let selector = imap.selector as Dict;
    for (const { type, value } of changes.filter((change) => change.instrument === instrument)) {
      selector = withValue(selector, type, value);
    }
    const next = knownOr(cache, derive(imap, nextName(cache, imap.name), selector));
    made.push(next);
    imapNames.set(instrument, next.name);
  }
  let selector = pmap.selector as Dict;
  for (const [instrument, name] of imapNames) selector = withValue(selector, instrument, name);
  return [...made, knownOr(cache, derive(pmap, nextName(cache, pmap.name), selector))];
}

/** Value of a pmap or imap under a key in any case. */
export function valueOf(mapping: Mapping, key: string): string | undefined {
  const entries = mapping.selector.entries as readonly Entry<Literal>[];
  const value = entries.findLast((e) => textOf(e.key).toLowerCase() === key.toLowerCase())?.value;
  return value === undefined ? undefined : textOf(value);
}

function withValue(dict: Dict, key: string, value: string): Dict {
  const same = (entry: Entry<Literal>): boolean => textOf(entry.key).toLowerCase() === key.toLowerCase();
  if (!dict.entries.some(same))
    return { ...dict, entries: [...dict.entries, { key: key.toUpperCase(), value, line: 0 }] };
  return { ...dict, entries: dict.entries.map((entry) => (same(entry) ? { ...entry, value } : entry)) };
}

/** The change which an rmap means by its own header. */
export const changeOf = (rmap: Mapping): Change => ({
  instrument: headerText(rmap, "instrument") ?? "",
  type: headerText(rmap, "filekind") ?? "",
  value: rmap.name,
});
