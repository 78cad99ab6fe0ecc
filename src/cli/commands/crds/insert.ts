/** `iris crds insert`: new references into new rules, in one command. */
import { basename, resolve } from "node:path";
import { sha1OfFile } from "../../../crds/cache-verify.js";
import {
  certify,
  changeOf,
  changing,
  derive,
  deriveContext,
  getObservatory,
  headerText,
  insertReference,
  knownOr,
  loadMapping,
  mappingPath,
  nextName,
  observatoryOf,
  referenceHeader,
  referencePath,
  resolveContext,
  storeConfig,
  storeMappings,
  storeReference,
  valueOf,
  type Cache,
  type Mapping,
} from "../../../crds/rules.js";
import { CalibrationError, UsageError } from "../../../errors.js";
import { keywordsOf, openFits } from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
import { lostWindow } from "./insert-window.js";
import { openCacheOf } from "./open.js";

export interface InsertOptions {
  type?: string;
  instrument?: string;
  context?: string;
  set?: string[];
  useafter?: string;
  pin?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

/** A reference at its place in the rules. */
interface Placed {
  path: string;
  instrument: string;
  /** The rmap with the reference in it, under its old name; the old one where it has this content there already. */
  rmap: Mapping;
  keys: string[][];
  replaced: string | null;
}

/** Prints the new context; references are copied first and the pmap is written last. */
export function runInsert(cli: Cli, files: readonly string[], options: InsertOptions): void {
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, options.context);
  const run = (): void => insert(cli, cache, context, files, options);
  if (options.dryRun) run();
  else changing(cache, observatoryOf(context), run);
}

function insert(
  cli: Cli,
  cache: Cache,
  context: string,
  files: readonly string[],
  options: InsertOptions,
): void {
  const rmaps = new Map<string, Mapping>();
  const placed = files.map((file) => {
    const one = place(cli, cache, context, rmaps, file, options);
    rmaps.set(one.rmap.name, one.rmap);
    return one;
  });
  const twice = placed.find(({ replaced }) => placed.some(({ path }) => basename(path) === replaced));
  if (twice)
    throw new UsageError(
      `can't insert both ${twice.replaced!} and ${basename(twice.path)} — they belong at one place`,
      {
        hint: "insert one of them, or give the other a later date: iris crds insert FILE --useafter DATE",
      },
    );
  const changed = [...rmaps.values()].filter((rmap) => rmap !== loadMapping(cache, rmap.name));
  const made = changed.map((rmap) => knownOr(cache, derive(rmap, nextName(cache, rmap.name), rmap.selector)));
  const above = made.length === 0 ? [] : deriveContext(cache, context, made.map(changeOf));
  const mappings = [...made, ...above];
  const fresh = mappings.filter(({ name }) => mappingPath(cache, name) === undefined);
  const report = {
    v: 1,
    references: placed.map(({ path, keys, replaced }) => ({ reference: basename(path), keys, replaced })),
    mappings: mappings.map(({ name }) => name),
    context: above.at(-1)?.name ?? context,
    written: !options.dryRun,
  };
  if (!options.dryRun) store(cli, cache, { placed, fresh, context: report.context }, options);
  if (cli.json) return cli.out(JSON.stringify(report));
  for (const { reference, keys, replaced } of report.references) {
    const at = keys.map((level) => `(${level.join(", ")})`).join(" ");
    cli.err(`${reference} at ${at}${replaced === null ? "" : `, in place of ${replaced}`}`);
  }
  const names = fresh.map(({ name }) => name).join(", ");
  cli.err(names === "" ? "all is there already" : `new: ${names}${options.dryRun ? " (not written)" : ""}`);
  if (!options.pin && !options.dryRun && report.context !== resolveContext(cache, undefined))
    cli.err(`not the default yet: say --context ${report.context}, to the next insert too, or --pin`);
  cli.out(report.context);
}

function store(
  cli: Cli,
  cache: Cache,
  { placed, fresh, context }: { placed: readonly Placed[]; fresh: readonly Mapping[]; context: string },
  { pin }: InsertOptions,
): void {
  const observatory = observatoryOf(context);
  for (const { path, instrument } of placed) storeReference(cache, observatory, instrument, path);
  storeMappings(cache, fresh);
  for (const { name } of fresh.filter(({ kind }) => kind === "rmap"))
    for (const { level, message, line } of certify(cache, mappingPath(cache, name)!))
      if (level === "error") cli.err(`! ${name}${line === null ? "" : `, line ${line}`}: ${message}`);
  if (pin) storeConfig(cache, observatory, { operational_context: context, latest_context: context });
}

/** Finds the place of a reference in the rules as those before it in `rmaps` have left them. */
function place(
  cli: Cli,
  cache: Cache,
  context: string,
  rmaps: ReadonlyMap<string, Mapping>,
  file: string,
  options: InsertOptions,
): Placed {
  const pmap = loadMapping(cache, context);
  const observatory = getObservatory(headerText(pmap, "observatory") ?? "");
  const path = resolve(cli.host.cwd, file);
  const header = { ...headerOf(path), ...settings(options) };
  const anyway = { hint: `insert it all the same: iris crds insert ${file} --force` };
  if (header["CALFIT"] === false && !options.force)
    throw new CalibrationError(
      `can't insert ${file} — it isn't fit for the cache: ${header["CALWHY"] ?? "no reason is given"}`,
      anyway,
    );
  const instrument = lower(
    options.instrument ?? header["INSTRUME"] ?? header["META.INSTRUMENT.NAME"],
    "instrument",
  );
  const type = lower(options.type ?? header["REFTYPE"] ?? header["META.REFTYPE"], "type");
  const imap = valueOf(pmap, instrument);
  const old = imap === undefined ? undefined : valueOf(loadMapping(cache, imap, context), type);
  if (old === undefined || !old.endsWith(".rmap")) {
    throw new CalibrationError(`can't insert ${file} — ${context} has no rules for ${instrument} ${type}`, {
      hint: `iris crds list --required-parkeys --contexts ${imap ?? context} shows the types there are`,
    });
  }
  const rmap = rmaps.get(old) ?? loadMapping(cache, old, imap);
  const words = referenceHeader(rmap, observatory, header);
  const { selector, keys, replaced } = insertReference(rmap, basename(path), words);
  const before = replaced === null ? undefined : referencePath(cache, replaced);
  if (before !== undefined && sha1OfFile(before) === sha1OfFile(path))
    return { path: before, instrument, rmap, keys, replaced: null };
  const lost = before === undefined ? undefined : lostWindow(path, before);
  if (lost !== undefined && !options.force)
    throw new CalibrationError(
      `can't insert ${file} — in place of ${replaced!} it would leave exposures without a reference: ${lost}`,
      { hint: `${anyway.hint}, or from a later date on: --useafter DATE` },
    );
  return { path, instrument, rmap: { ...rmap, selector }, keys, replaced };
}

function headerOf(path: string): Record<string, string | number | boolean> {
  const file = openFits(path);
  try {
    return Object.assign(
      {},
      ...file.hdus
        .slice(0, 2)
        .reverse()
        .map((hdu) => keywordsOf(hdu.header)),
    ) as Record<string, string>;
  } finally {
    file.close();
  }
}

function settings({ set = [], useafter }: InsertOptions): Record<string, string> {
  const given = set.map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`can't read --set "${text}" — expected KEYWORD=VALUE`);
    return [text.slice(0, at).toUpperCase(), text.slice(at + 1)];
  });
  return Object.fromEntries([
    ...given,
    ...(useafter === undefined ? [] : [["USEAFTER", useafter]]),
  ]) as Record<string, string>;
}

function lower(value: unknown, what: string): string {
  if (value !== undefined) return String(value).trim().toLowerCase();
  throw new UsageError(`the ${what} of the reference isn't known — its header doesn't say`, {
    hint: `give it: --${what} NAME`,
  });
}
