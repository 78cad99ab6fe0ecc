/** `iris crds insert`: a new reference into new rules, in one command. */
import { basename, resolve } from "node:path";
import {
  certify,
  changeOf,
  changing,
  derive,
  deriveContext,
  getObservatory,
  headerText,
  insertReference,
  loadMapping,
  mappingPath,
  nextName,
  observatoryOf,
  referenceHeader,
  resolveContext,
  storeConfig,
  storeMappings,
  storeReference,
  valueOf,
  type Cache,
} from "../../../crds/rules.js";
import { CalibrationError, UsageError } from "../../../errors.js";
import { keywordsOf, openFits } from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
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

/** Prints the new context; the reference is copied first and the pmap written last. */
export function runInsert(cli: Cli, file: string, options: InsertOptions): void {
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, options.context);
  const run = (): void => insert(cli, cache, context, file, options);
  if (options.dryRun) run();
  else changing(cache, observatoryOf(context), run);
}

function insert(cli: Cli, cache: Cache, context: string, file: string, options: InsertOptions): void {
  const pmap = loadMapping(cache, context);
  const observatory = getObservatory(headerText(pmap, "observatory") ?? "");
  const path = resolve(cli.host.cwd, file);
  const header = { ...headerOf(path), ...settings(options) };
  if (header["CALFIT"] === false && !options.force)
    throw new CalibrationError(
      `can't insert ${file} — it isn't fit for the cache: ${header["CALWHY"] ?? "no reason is given"}`,
      { hint: `insert it all the same: iris crds insert ${file} --force` },
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
  const rmap = loadMapping(cache, old, imap);
  const words = referenceHeader(rmap, observatory, header);
  const { selector, keys, replaced } = insertReference(rmap, basename(path), words);
  const made = derive(rmap, nextName(cache, rmap.name), selector);
  const above = deriveContext(cache, context, [changeOf(made)]);
  const report = {
    v: 1,
    reference: basename(path),
    keys,
    replaced,
    mappings: [made, ...above].map(({ name }) => name),
    context: above.at(-1)!.name,
    written: !options.dryRun,
  };
  if (!options.dryRun) {
    storeReference(cache, observatory.name, instrument, path);
    storeMappings(cache, [made, ...above]);
    const wrong = certify(cache, mappingPath(cache, made.name)!).filter(({ level }) => level === "error");
    for (const { message, line } of wrong)
      cli.err(`! ${made.name}${line === null ? "" : `, line ${line}`}: ${message}`);
    if (options.pin)
      storeConfig(cache, observatory.name, {
        operational_context: report.context,
        latest_context: report.context,
      });
  }
  if (cli.json) return cli.out(JSON.stringify(report));
  const place = keys.map((level) => `(${level.join(", ")})`).join(" ");
  cli.err(`${report.reference} at ${place}${replaced === null ? "" : `, in place of ${replaced}`}`);
  cli.err(`new: ${report.mappings.join(", ")}${options.dryRun ? " (not written)" : ""}`);
  if (!options.pin && !options.dryRun)
    cli.err(`not the default yet: say --context ${report.context}, to the next insert too, or --pin`);
  cli.out(report.context);
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
