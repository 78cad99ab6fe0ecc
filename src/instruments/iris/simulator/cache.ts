/** A calibration cache made or extended: references measured on the simulated detectors, and the rules that find them. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  getEntry,
  isCall,
  isDict,
  reprOf,
  tuple,
  type Call,
  type Dict,
  type Entry,
  type Literal,
} from "../../../crds/literal.js";
import { parseMapping, rawHeader, type Mapping } from "../../../crds/mapping.js";
import { LiteralReader } from "../../../crds/read-literal.js";
import { writeFileAtomic, writeMapping } from "../../../crds/write-mapping.js";
import { ConfigError, OutputError } from "../../../errors.js";
import type { Progress } from "./bands.js";
import { REFERENCE_TYPES, writeReference, type ReferenceRequest, type ReferenceType } from "./references.js";

const OBSERVATORY = "tmt";
const INSTRUMENT = "iris";

/** Types that steps may ask for and that this instrument doesn't have. */
const NOT_APPLICABLE = { DFLAT: "N/A", INVNONLINCOEFF: "N/A", SUPERBIAS: "N/A" };

/** What extending a cache made. */
export interface CacheChange {
  /** The new context. */
  context: string;
  /** New reference files, as paths. */
  references: string[];
  /** New mappings, as paths. */
  mappings: string[];
}

interface Folders {
  config: string;
  mappings: string;
  references: string;
}

function makeFolders(path: string): Folders {
  const folders = {
    config: join(path, "config", OBSERVATORY),
    mappings: join(path, "mappings", OBSERVATORY),
    references: join(path, "references", OBSERVATORY, INSTRUMENT),
  };
  try {
    for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new OutputError(`can't make the cache: on ${path} — ${(cause as Error).message}`, {
      hint: "choose a folder that you can write: iris sim references --cache DIR",
      cause,
    });
  }
  return folders;
}

const entry = <V>(key: Literal, value: V): Entry<V> => ({ key, value, line: 0 });
const dict = (values: Readonly<Record<string, Literal>>): Dict => ({
  kind: "dict",
  entries: Object.entries(values).map(([key, value]) => entry(key, value)),
});

/** `stem_0007.ext` after `stem_0006.ext`: one more than the largest serial in the folder. */
function nextName(folder: string, stem: string, extension: string): string {
  const serials = readdirSync(folder)
    .filter((name) => name.startsWith(`${stem}_`) && name.endsWith(extension))
    .map((name) => Number(name.slice(stem.length + 1, -extension.length)))
    .filter(Number.isInteger);
  return `${stem}_${String(Math.max(0, ...serials) + 1).padStart(4, "0")}${extension}`;
}

const WHEN = tuple("META.OBSERVATION.DATE", "META.OBSERVATION.TIME");

/** Keywords that choose a reference of this type, outermost selector first. */
function parkeysOf(type: ReferenceType): Literal {
  const optics = type === "FLAT" ? ["META.INSTRUMENT.FILTER", "META.INSTRUMENT.PUPIL"] : [];
  return tuple(tuple("META.INSTRUMENT.DETECTOR", ...optics, "META.SUBARRAY.NAME"), WHEN);
}

const caseOf = ({ type, window, filter }: ReferenceRequest): Literal =>
  tuple(window.detector, ...(type === "FLAT" ? [filter, "CLEAR"] : []), window.name);

/** What the cache's present context says, read back from its files. */
interface Rules {
  context: Mapping | null;
  instrument: Mapping | null;
  references: Map<ReferenceType, Mapping>;
}

const valueIn = (mapping: Mapping, key: string): string | undefined => {
  if (!isDict(mapping.selector)) return undefined;
  const found = mapping.selector.entries.findLast((e) => String(e.key).toUpperCase() === key);
  return typeof found?.value === "string" && found.value !== "N/A" ? found.value : undefined;
};

function readRules({ config, mappings }: Folders): Rules {
  const read = (name: string): Mapping => parseMapping(readFileSync(join(mappings, name), "utf8"), name);
  const settings = join(config, "server_config");
  if (!existsSync(settings)) return { context: null, instrument: null, references: new Map() };
  const server = new LiteralReader(readFileSync(settings, "utf8"), "server_config").readValue();
  const name = isDict(server) ? getEntry(server.entries, "operational_context") : undefined;
  if (typeof name !== "string")
    throw new ConfigError(`can't extend the cache: on ${settings} — it names no operational_context`);
  const context = read(name);
  const instrumentName = valueIn(context, "IRIS");
  const instrument = instrumentName === undefined ? null : read(instrumentName);
  const references = new Map<ReferenceType, Mapping>();
  for (const type of REFERENCE_TYPES) {
    const rules = instrument ? valueIn(instrument, type) : undefined;
    if (rules === undefined) continue;
    const mapping = read(rules);
    const parkey = rawHeader(mapping, "parkey");
    if (parkey === undefined || reprOf(parkey) !== reprOf(parkeysOf(type)))
      throw new ConfigError(
        `can't extend the cache: on ${rules} — it chooses by other keywords than ${type} needs`,
        {
          hint: "make a cache of its own: iris sim references --cache DIR",
        },
      );
    references.set(type, mapping);
  }
  return { context, instrument, references };
}

const plain = (name: string, kind: Mapping["kind"], header: Dict, selector: Dict | Call): Mapping => ({
  name,
  kind,
  header,
  comment: null,
  selector,
  line: 0,
  notes: [],
});

const call = (name: Call["name"], entries: Call["entries"]): Call => ({
  kind: "call",
  name,
  entries,
  line: 0,
});

/** The rules of one type with another case, or with the file of a case replaced from its date on. */
function addCase(selector: Call, key: Literal, useAfter: string, file: string): Call {
  const same = (e: Entry<Literal | Call>) => reprOf(e.key) === reprOf(key);
  const before = selector.entries.find(same)?.value;
  const dates =
    before !== undefined && isCall(before) ? before.entries.filter((e) => e.key !== useAfter) : [];
  const inner = call("UseAfter", [...dates, entry(useAfter, file)]);
  return call("Match", [...selector.entries.filter((e) => !same(e)), entry(key, inner)]);
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
  const folders = makeFolders(path);
  const rules = readRules(folders);
  const files: string[] = [];
  const byType = new Map<ReferenceType, Call>();
  for (const [index, request] of requests.entries()) {
    const { type, useAfter } = request;
    const name = nextName(folders.references, `${OBSERVATORY}_${INSTRUMENT}_${type.toLowerCase()}`, ".fits");
    const file = join(folders.references, name);
    writeReference(request, file, name, (share) => {
      progress((index + share) / requests.length);
    });
    files.push(file);
    const known = byType.get(type) ?? rules.references.get(type)?.selector;
    const selector = known && isCall(known) ? known : call("Match", []);
    byType.set(type, addCase(selector, caseOf(request), useAfter, name));
  }

  const mappings: string[] = [];
  const write = (mapping: Mapping): string => {
    mappings.push(writeMapping(folders.mappings, mapping));
    return mapping.name;
  };
  const common = { observatory: OBSERVATORY.toUpperCase() };
  const named = new Map<ReferenceType, string>();
  for (const [type, mapping] of rules.references) named.set(type, mapping.name);
  for (const [type, selector] of byType) {
    const name = nextName(folders.mappings, `${OBSERVATORY}_${INSTRUMENT}_${type.toLowerCase()}`, ".rmap");
    const header = dict({
      ...common,
      name,
      derived_from: named.get(type) ?? "NONE",
      mapping: "REFERENCE",
      instrument: "IRIS",
      filekind: type,
      classes: tuple("Match", "UseAfter"),
      parkey: parkeysOf(type),
    });
    named.set(type, write(plain(name, "rmap", header, selector)));
  }
  const imapName = nextName(folders.mappings, `${OBSERVATORY}_${INSTRUMENT}`, ".imap");
  const kept = rules.instrument && isDict(rules.instrument.selector) ? rules.instrument.selector.entries : [];
  const types = Object.fromEntries(kept.map((e) => [String(e.key), e.value]));
  write(
    plain(
      imapName,
      "imap",
      dict({
        ...common,
        name: imapName,
        derived_from: rules.instrument?.name ?? "NONE",
        mapping: "INSTRUMENT",
        instrument: "IRIS",
        parkey: tuple("REFTYPE"),
      }),
      dict({ ...NOT_APPLICABLE, ...types, ...Object.fromEntries(named) }),
    ),
  );
  const pmapName = nextName(folders.mappings, OBSERVATORY, ".pmap");
  write(
    plain(
      pmapName,
      "pmap",
      dict({
        ...common,
        name: pmapName,
        derived_from: rules.context?.name ?? "NONE",
        mapping: "PIPELINE",
        parkey: tuple("META.INSTRUMENT.NAME"),
      }),
      dict({ IRIS: imapName }),
    ),
  );
  writeFileAtomic(join(folders.config, "ref_cache_subdir_mode"), "instrument");
  writeFileAtomic(join(folders.config, "server_config"), serverConfig(pmapName, folders));
  return { context: pmapName, references: files, mappings };
}

/** The text of `server_config`: the context in use, and that there is no server. */
function serverConfig(context: string, { mappings }: Folders): string {
  const names = readdirSync(mappings)
    .filter((name) => /map$/.test(name))
    .sort();
  const settings: Readonly<Record<string, Literal>> = {
    bad_files_list: { kind: "list", items: [] },
    connected: false,
    context_history: { kind: "list", items: [] },
    edit_context: context,
    force_remote_mode: false,
    latest_context: context,
    mappings: { kind: "list", items: names },
    observatory: OBSERVATORY,
    operational_context: context,
    server: "https://crds-serverless-mode.stsci.edu",
    status: "made by iris sim references",
    versions_context: context,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${reprOf(key)}: ${reprOf(value)}`);
  return `{${lines.join(",\n ")}}\n`;
}
