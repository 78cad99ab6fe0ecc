/** Checks of a mapping and of everything below it: what is wrong, and what is only odd. */
import { basename } from "node:path";
import { RulesError } from "../errors.js";
import { isNotApplicable, isOmitted } from "./apply-rmap.js";
import { loadMapping, mappingPath, readMapping, referencePath, type Cache } from "./cache.js";
import { certifySelector, type Add, type Finding } from "./certify-rmap.js";
import { certifyByTables } from "./certify-tables.js";
import { checkMapping } from "./checksum.js";
import { checkHeader, compileRmap } from "./compile-rmap.js";
import { diffMappings } from "./diff.js";
import { getEntry, isDict, isTuple, reprOf, textOf, type Entry, type Literal } from "./literal.js";
import {
  findDuplicates,
  headerText,
  isMappingName,
  observatoryOf,
  rawHeader,
  type Mapping,
} from "./mapping.js";
import { getObservatory } from "./observatories/index.js";
import { parkeyLevels } from "./rule-paths.js";
import { mappingsBelow, namesGivenBy } from "./closure.js";
import { keyIdentity } from "./format.js";

export type { Finding };

export interface CertifyOptions {
  /** References must be in the cache. */
  exist?: boolean | undefined;
  /** Only the files themselves, not what they name. */
  shallow?: boolean | undefined;
  /** Changes against the corresponding mapping of this context are told as warnings. */
  comparison?: string | undefined;
}

const kindWords = { pmap: "pipeline", imap: "instrument", rmap: "reference" };

/** Certifies a mapping file, and everything that it names. */
export function certify(cache: Cache, path: string, options: CertifyOptions = {}): Finding[] {
  const findings: Finding[] = [];
  visit(path, []);
  return findings;

  function visit(file: string, above: readonly Mapping[]): void {
    const name = basename(file);
    const add = (level: Finding["level"], message: string, line: number | null = null): void =>
      void findings.push({ file: name, level, line, message });
    let mapping: Mapping;
    try {
      const read = readMapping(file);
      mapping = read.mapping;
      certifyText(mapping, read.text, add);
      checkHeader(mapping);
    } catch (error) {
      if (!(error instanceof RulesError)) throw error;
      return add("error", error.message);
    }
    certifyHeader(mapping, above.at(-1), add);
    if (mapping.kind === "pmap") certifyLoads(cache, mapping.name, add);
    if (mapping.kind === "rmap") certifyRmap(cache, mapping, add);
    else if (!options.shallow) certifyBelow(mapping, [...above, mapping], add);
    if (mapping.kind === "rmap" && options.exist) certifyReferences(cache, mapping, add);
    if (above.length === 0 && options.comparison !== undefined)
      compare(cache, mapping, options.comparison, add);
  }

  function certifyBelow(mapping: Mapping, way: readonly Mapping[], add: Add): void {
    const extension = mapping.kind === "pmap" ? ".imap" : ".rmap";
    const seen = new Map<string, number>();
    for (const { key, value, line } of mapping.selector.entries as readonly Entry<Literal>[]) {
      const word = textOf(key).toLowerCase();
      const first = seen.get(word);
      if (first !== undefined)
        add("warning", `'${textOf(key)}' stands in line ${first} in another case; the last counts`, line);
      seen.set(word, line);
      if (typeof value !== "string") {
        add("error", `the value of '${textOf(key)}' is ${reprOf(value)}, not a name`, line);
      } else if (isNotApplicable(value) || isOmitted(value)) continue;
      else if (way.some(({ name }) => name === value)) {
        add(
          "error",
          `the rules lead back to themselves: ${[...way.map(({ name }) => name), value].join(" → ")}`,
          line,
        );
      } else if (!value.endsWith(extension)) {
        add(
          "error",
          `'${textOf(key)}' names ${value}; a ${mapping.kind} names ${extension} files only`,
          line,
        );
      } else if (value.includes("/")) add("error", `${value} holds a folder`, line);
      else {
        const below = mappingPath(cache, value);
        if (below) visit(below, way);
        else add("error", `${value} isn't in the cache`, line);
      }
    }
  }
}

function certifyText(mapping: Mapping, text: string, add: Add): void {
  for (const { line, what } of mapping.notes) add("error", `${what} isn't in the grammar of mappings`, line);
  for (const { path, line } of findDuplicates(mapping, keyIdentity)) {
    add(
      "error",
      `duplicate entry at ${path.map((key) => (typeof key === "string" ? key : reprOf(key))).join(" ")}`,
      line,
    );
  }
  const sum = checkMapping(mapping, text);
  if (sum.state === "missing")
    add("warning", `sha1sum is missing in '${mapping.name}'; the text has ${sum.computed}`);
  if (sum.state === "wrong")
    add("warning", `sha1sum mismatch in '${mapping.name}'; the text has ${sum.computed}`);
}

/** A context in which a mapping can't be loaded fails every lookup of that instrument. */
function certifyLoads(cache: Cache, name: string, add: Add): void {
  if (!mappingPath(cache, name)) return;
  try {
    mappingsBelow(cache, name);
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    add("error", error.message);
  }
}

/** The header against the file's name and against the mapping that names it. */
function certifyHeader(mapping: Mapping, parent: Mapping | undefined, add: Add): void {
  const line = (key: string): number | null =>
    mapping.header.entries.findLast((e) => e.key === key)?.line ?? null;
  const expect = (
    key: string,
    expected: string | undefined,
    level: Finding["level"],
    whose: string,
  ): void => {
    const got = headerText(mapping, key);
    if (expected !== undefined && got !== expected) {
      add(level, `the header says ${key} '${got ?? ""}', ${whose} '${expected}'`, line(key));
    }
  };
  expect("mapping", kindWords[mapping.kind], "error", `a ${mapping.kind} is`);
  expect("name", mapping.name.toLowerCase(), "warning", "the file is");
  expect("observatory", observatoryOf(mapping.name), "error", "the name of the file says");
  const [, instrument] = mapping.name.replace(/(_\d{4})?\..map$/, "").split("_");
  if (mapping.kind !== "pmap" && instrument)
    expect("instrument", instrument, "error", "the name of the file says");
  if (!parent) return;
  expect("observatory", headerText(parent, "observatory"), "error", `${parent.name} says`);
  const key = (parent.selector.entries as readonly Entry<Literal>[]).find(
    (e) => e.value === mapping.name,
  )?.key;
  const own = mapping.kind === "imap" ? "instrument" : "filekind";
  if (key !== undefined) expect(own, textOf(key).toLowerCase(), "error", `${parent.name} has it under`);
}

function certifyRmap(cache: Cache, mapping: Mapping, add: Add): void {
  const observatory = getObservatory(headerText(mapping, "observatory") ?? "");
  let rmap;
  try {
    rmap = compileRmap(mapping, observatory, observatory.equalWeights);
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    return add("error", error.message);
  }
  const classes = rawHeader(mapping, "classes");
  const nesting = isTuple(classes) ? classes.items.map(textOf) : ["Match", "UseAfter"];
  if (rmap.parkeys.length !== nesting.length) {
    const whose = isTuple(classes) ? "classes" : "the default classes";
    add(
      "error",
      `parkey has ${rmap.parkeys.length} levels and ${whose} (${nesting.join(", ")}) ${nesting.length}`,
    );
  }
  const targets = rawHeader(mapping, "reference_to_dataset");
  if (isDict(targets)) {
    const known = new Set(
      [...parkeyLevels(mapping).flat(), ...rmap.required].map((key) => key.toUpperCase()),
    );
    for (const { key, value, line } of targets.entries) {
      if (!known.has(textOf(value).toUpperCase())) {
        add(
          "error",
          `reference_to_dataset leads from ${textOf(key)} to ${textOf(value)}, which isn't in the parkey`,
          line,
        );
      }
    }
  }
  const known = new Set(rmap.required.flatMap((key) => [key, key.replaceAll(".", "_")]));
  for (const { text, names } of [
    rmap.omit,
    rmap.relevance,
    ...rmap.parkeyRelevance.map((r) => r.expression),
  ].filter((e) => e !== null)) {
    for (const name of names)
      if (!known.has(name))
        add("warning", `the condition ${text} asks for ${name}, which this rmap doesn't require`);
  }
  const mergeable =
    observatory.name === "hst" && getEntry(mapping.header.entries, "merge_overlaps") !== false;
  certifySelector(mapping, rmap.selector, add, mergeable ? "warning" : "error");
  certifyByTables(cache, observatory.name, rmap, add);
}

function certifyReferences(cache: Cache, mapping: Mapping, add: Add): void {
  for (const name of new Set(namesGivenBy(mapping))) {
    if (!referencePath(cache, name)) add("error", `the reference ${name} isn't in the cache`);
  }
}

/** The mapping of a context which this one would replace. */
function compare(cache: Cache, mapping: Mapping, contextName: string, add: Add): void {
  const other = counterpart(cache, mapping, contextName);
  if (other === undefined || other.name === mapping.name) return;
  for (const { files, keys, what } of diffMappings(cache, other, mapping)) {
    const where = [files.at(-1)![1], ...keys.map((key) => `(${key.join(", ")})`)].join(" ");
    add("warning", `changed from ${contextName}: ${where} ${what}`);
  }
}

function counterpart(cache: Cache, mapping: Mapping, contextName: string): Mapping | undefined {
  const context = loadMapping(cache, contextName);
  if (context.kind === mapping.kind) return context;
  const step = (from: Mapping, key: string): Mapping | undefined => {
    const entries = from.selector.entries as readonly Entry<Literal>[];
    const value = entries.find((e) => textOf(e.key).toLowerCase() === key)?.value;
    return typeof value === "string" && isMappingName(value)
      ? loadMapping(cache, value, from.name)
      : undefined;
  };
  const imap = context.kind === "pmap" ? step(context, headerText(mapping, "instrument") ?? "") : context;
  return mapping.kind === "imap" || !imap ? imap : step(imap, headerText(mapping, "filekind") ?? "");
}
