/** A calibration cache made or extended: references measured on the simulated detectors, and the rules that find them. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  loadMapping,
  mappingNames,
  mappingPath,
  openCache,
  readServerConfig,
  recordReferences,
  referenceFolder,
  storeConfig,
  storeMappings,
  tuple,
  type Cache,
  type Call,
  type Dict,
  type Entry,
  type Literal,
  type Mapping,
} from "../../../crds/index.js";
import { writeFileAtomic } from "../../../crds/cache-write.js";
import { isCall, isDict, reprOf } from "../../../crds/literal.js";
import { rawHeader } from "../../../crds/mapping.js";
import { ConfigError, OutputError } from "../../../errors.js";
import type { Progress } from "./bands.js";
import { REFERENCE_TYPES, writeReference, type ReferenceRequest, type ReferenceType } from "./references.js";

const OBSERVATORY = "tmt";
const INSTRUMENT = "iris";

/** Calibrations that observers make themselves: the rules are there before the first of them is. */
const OBSERVERS = ["DARK", "FLAT", "MASK", "SKY"] as const;

type RuleType = ReferenceType | (typeof OBSERVERS)[number];

const RULE_TYPES: readonly RuleType[] = [...new Set<RuleType>([...REFERENCE_TYPES, ...OBSERVERS])];

/** Types that steps may ask for and that this instrument doesn't have. */
const NOT_APPLICABLE = { DFLAT: "N/A", INVNONLINCOEFF: "N/A", SUPERBIAS: "N/A" };

/** Settings of a cache that has no server. */
const FRESH = {
  bad_files_list: [],
  connected: false,
  context_history: [],
  force_remote_mode: false,
  observatory: OBSERVATORY,
  server: "https://crds-serverless-mode.stsci.edu",
  status: "made by iris sim references",
};

/** What extending a cache made. */
export interface CacheChange {
  /** The new context. */
  context: string;
  /** New reference files, as paths. */
  references: string[];
  /** New mappings, as paths. */
  mappings: string[];
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new OutputError(`can't make the cache: on ${path} — ${(cause as Error).message}`, {
      hint: "choose a folder that you can write: iris sim references --cache DIR",
      cause,
    });
  }
}

const entry = <V>(key: Literal, value: V): Entry<V> => ({ key, value, line: 0 });
const dict = (values: Readonly<Record<string, Literal>>): Dict => ({
  kind: "dict",
  entries: Object.entries(values).map(([key, value]) => entry(key, value)),
});
const call = (name: Call["name"], entries: Call["entries"]): Call => ({
  kind: "call",
  name,
  entries,
  line: 0,
});

/** `stem_0007.ext` after `stem_0006.ext`: one more than the largest serial among the names. */
function nextName(names: readonly string[], stem: string, extension: string): string {
  const serials = names
    .filter((name) => name.startsWith(`${stem}_`) && name.endsWith(extension))
    .map((name) => Number(name.slice(stem.length + 1, -extension.length)))
    .filter(Number.isInteger);
  return `${stem}_${String(Math.max(0, ...serials) + 1).padStart(4, "0")}${extension}`;
}

const WHEN = tuple("META.OBSERVATION.DATE", "META.OBSERVATION.TIME");

/** Keywords that choose a reference of this type, outermost selector first. */
function parkeysOf(type: RuleType): Literal {
  const optics = type === "FLAT" || type === "SKY" ? ["META.INSTRUMENT.FILTER", "META.INSTRUMENT.PUPIL"] : [];
  return tuple(tuple("META.INSTRUMENT.DETECTOR", ...optics, "META.SUBARRAY.NAME"), WHEN);
}

const caseOf = ({ type, window, filter }: ReferenceRequest): Literal =>
  tuple(window.detector, ...(type === "FLAT" ? [filter, "CLEAR"] : []), window.name);

/** What the cache's present context says. */
interface Rules {
  context: Mapping | null;
  instrument: Mapping | null;
  references: Map<RuleType, Mapping>;
}

const valueIn = (mapping: Mapping, key: string): string | undefined => {
  if (!isDict(mapping.selector)) return undefined;
  const found = mapping.selector.entries.findLast((e) => String(e.key).toUpperCase() === key);
  return typeof found?.value === "string" && found.value !== "N/A" ? found.value : undefined;
};

function readRules(cache: Cache): Rules {
  const references = new Map<RuleType, Mapping>();
  const name = readServerConfig(cache, OBSERVATORY)["operational_context"];
  if (name === undefined) return { context: null, instrument: null, references };
  const context = loadMapping(cache, String(name));
  const instrumentName = valueIn(context, "IRIS");
  const instrument = instrumentName === undefined ? null : loadMapping(cache, instrumentName, context.name);
  for (const type of RULE_TYPES) {
    const rules = instrument ? valueIn(instrument, type) : undefined;
    if (rules === undefined) continue;
    const mapping = loadMapping(cache, rules, instrument!.name);
    const parkey = rawHeader(mapping, "parkey");
    if (parkey === undefined || reprOf(parkey) !== reprOf(parkeysOf(type)))
      throw new ConfigError(
        `can't extend the cache: on ${rules} — it chooses by other keywords than ${type} needs`,
        { hint: "make a cache of its own: iris sim references --cache DIR" },
      );
    references.set(type, mapping);
  }
  return { context, instrument, references };
}

/** The rules of one type with another case, or with the file of a case replaced from its date on. */
function addCase(selector: Call, key: Literal, useAfter: string, file: string): Call {
  const same = (e: Entry<Literal | Call>) => reprOf(e.key) === reprOf(key);
  const before = selector.entries.find(same)?.value;
  const dates =
    before !== undefined && isCall(before) ? before.entries.filter((e) => e.key !== useAfter) : [];
  const inner = call("UseAfter", [...dates, entry(useAfter, file)]);
  return call("Match", [...selector.entries.filter((e) => !same(e)), entry(key, inner)]);
}

/** The mappings that hold these cases beside those of the old rules, each before the one that names it. */
function newMappings(cache: Cache, rules: Rules, selectors: ReadonlyMap<RuleType, Call>): Mapping[] {
  const names = mappingNames(cache, OBSERVATORY);
  const mapping = (
    stem: string,
    kind: Mapping["kind"],
    header: Record<string, Literal>,
    selector: Dict | Call,
  ) => {
    const name = nextName(names, stem, `.${kind}`);
    const full = dict({ observatory: OBSERVATORY.toUpperCase(), name, ...header });
    return { name, kind, header: full, comment: null, selector, line: 0, notes: [] };
  };
  const named = new Map([...rules.references].map(([type, { name }]) => [type, name]));
  const rmaps = [...selectors].map(([type, selector]) => {
    const header = {
      derived_from: named.get(type) ?? "NONE",
      mapping: "REFERENCE",
      instrument: INSTRUMENT.toUpperCase(),
      filekind: type,
      classes: tuple("Match", "UseAfter"),
      parkey: parkeysOf(type),
    };
    const rmap = mapping(`${OBSERVATORY}_${INSTRUMENT}_${type.toLowerCase()}`, "rmap", header, selector);
    named.set(type, rmap.name);
    return rmap;
  });
  const kept = rules.instrument && isDict(rules.instrument.selector) ? rules.instrument.selector.entries : [];
  const imap = mapping(
    `${OBSERVATORY}_${INSTRUMENT}`,
    "imap",
    {
      derived_from: rules.instrument?.name ?? "NONE",
      mapping: "INSTRUMENT",
      instrument: INSTRUMENT.toUpperCase(),
      parkey: tuple("REFTYPE"),
    },
    dict({
      ...NOT_APPLICABLE,
      ...Object.fromEntries(kept.map((e) => [String(e.key), e.value])),
      ...Object.fromEntries(named),
    }),
  );
  const pmap = mapping(
    OBSERVATORY,
    "pmap",
    {
      derived_from: rules.context?.name ?? "NONE",
      mapping: "PIPELINE",
      parkey: tuple("META.INSTRUMENT.NAME"),
    },
    dict({ IRIS: imap.name }),
  );
  return [...rmaps, imap, pmap];
}

/**
 * Makes the references and a context that finds them, in a cache that may hold others already: those stay, but a
 * reference of the same detector, optics, window and date is replaced in the rules. Nothing changes for readers
 * until the last file, `server_config`, is in place.
 *
 * @throws OutputError when the folder can't be written, ConfigError when its rules aren't ones to extend.
 */
export function extendCache(
  path: string,
  requests: readonly ReferenceRequest[],
  progress: Progress = () => undefined,
): CacheChange {
  makeFolder(path);
  const cache = openCache({ path, observatory: OBSERVATORY });
  const rules = readRules(cache);
  writeFileAtomic(join(path, "config", OBSERVATORY, "ref_cache_subdir_mode"), "instrument");
  const folder = referenceFolder(cache, OBSERVATORY, INSTRUMENT);
  makeFolder(folder);
  const references: string[] = [];
  const selectors = new Map<RuleType, Call>(
    OBSERVERS.filter((type) => !rules.references.has(type)).map((type) => [type, call("Match", [])]),
  );
  for (const [index, request] of requests.entries()) {
    const { type, useAfter } = request;
    const stem = `${OBSERVATORY}_${INSTRUMENT}_${type.toLowerCase()}`;
    const name = nextName(readdirSync(folder), stem, ".fits");
    writeReference(request, join(folder, name), name, (share) => {
      progress((index + share) / requests.length);
    });
    references.push(join(folder, name));
    const known = selectors.get(type) ?? rules.references.get(type)?.selector;
    const selector = known && isCall(known) ? known : call("Match", []);
    selectors.set(type, addCase(selector, caseOf(request), useAfter, name));
  }
  recordReferences(cache, OBSERVATORY, references);
  const mappings = newMappings(cache, rules, selectors);
  storeMappings(cache, mappings);
  const context = mappings.at(-1)!.name;
  storeConfig(cache, OBSERVATORY, {
    ...FRESH,
    ...readServerConfig(cache, OBSERVATORY),
    edit_context: context,
    latest_context: context,
    mappings: mappingNames(cache, OBSERVATORY),
    operational_context: context,
    versions_context: context,
  });
  return { context, references, mappings: mappings.map(({ name }) => mappingPath(cache, name)!) };
}
