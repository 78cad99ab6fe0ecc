/** `iris crds certify`: is a mapping right, and everything below it? Has a reference what the rules need? */
import { basename, resolve } from "node:path";
import { certifyHeader } from "../../../crds/certify-tables.js";
import type { Add } from "../../../crds/certify-rmap.js";
import { translateHeader } from "../../../crds/header.js";
import {
  certify,
  chooseObservatory,
  getObservatory,
  isMappingName,
  observatoriesIn,
  observatoryOf,
  referencePath,
  resolveContext,
  type Cache,
  type CrdsHeader,
  type Finding,
} from "../../../crds/rules.js";
import { keywordsOf, openFits, verifyFits, type FitsFile } from "../../../fits/index.js";
import type { Cli } from "../../cli.js";
import { locateMapping } from "./mapping-file.js";
import { openCacheOf } from "./open.js";

export interface CertifyCommandOptions {
  comparisonContext?: string;
  exist?: boolean;
  dontRecurseMappings?: boolean;
}

/** Status 1 when anything is an error; silence means that all is right. */
export function runCertify(cli: Cli, names: readonly string[], options: CertifyCommandOptions): void {
  const cache = openCacheOf(cli);
  const spec = options.comparisonContext;
  const comparison = spec === undefined || spec === "none" ? undefined : resolveContext(cache, spec);
  const rows = names.map((name) => {
    const findings = isMappingName(name)
      ? certify(cache, locateMapping(cache, name), {
          exist: options.exist,
          shallow: options.dontRecurseMappings,
          comparison: comparison !== undefined && isMappingName(comparison) ? comparison : undefined,
        })
      : certifyReference(cli, cache, name);
    return { file: name, errors: count(findings, "error"), warnings: count(findings, "warning"), findings };
  });
  if (rows.some(({ errors }) => errors > 0)) cli.setExit(1);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, files: rows }));
  for (const { findings } of rows) for (const finding of findings) cli.out(formatFinding(finding));
  if (!cli.quiet) {
    const sum = (key: "errors" | "warnings"): number => rows.reduce((n, row) => n + row[key], 0);
    cli.err(`${names.length} certified   ${sum("errors")} errors   ${sum("warnings")} warnings`);
  }
}

/** What the rules and a reader of the header need, and the FITS standard. */
const wanted: readonly [string, Finding["level"], string][] = [
  ["INSTRUME", "error", "rules are found by it"],
  ["REFTYPE", "error", "rules are found by it"],
  ["USEAFTER", "error", "it says from when on the file is used"],
  ["PEDIGREE", "warning", "it says where the data come from"],
  ["DESCRIP", "warning", "it says what the file is"],
  ["AUTHOR", "warning", "it says whom to ask"],
];

function certifyReference(cli: Cli, cache: Cache, name: string): Finding[] {
  const bare = name.replace(/^crds:\/\//, "");
  const path = name === bare ? resolve(cli.host.cwd, bare) : (referencePath(cache, bare) ?? bare);
  const finding = (level: Finding["level"], message: string): Finding => ({
    file: bare,
    level,
    line: null,
    message,
  });
  let file: FitsFile;
  try {
    file = openFits(path);
  } catch (error) {
    return [finding("error", error instanceof Error ? error.message : String(error))];
  }
  try {
    const header: CrdsHeader = Object.assign({}, ...file.hdus.map((hdu) => keywordsOf(hdu.header)));
    const missing = wanted.filter(([keyword]) => header[keyword] === undefined);
    const findings = missing.map(([keyword, level, why]) => finding(level, `no ${keyword}: ${why}`));
    certifyAgainstTables(cache, name, file, header, (level, message) =>
      findings.push(finding(level, message)),
    );
    return [...findings, ...verifyFits(file).map(({ severity, message }) => finding(severity, message))];
  } finally {
    file.close();
  }
}

/** Instrument and type as the header tells them; without them there is no table to look into. */
function certifyAgainstTables(
  cache: Cache,
  name: string,
  file: FitsFile,
  header: CrdsHeader,
  add: Add,
): void {
  const named = observatoryOf(basename(name));
  const observatory = observatoriesIn(cache).includes(named) ? named : chooseObservatory(cache);
  const full = { ...header, ...translateHeader(getObservatory(observatory), header) };
  const instrument = full["META.INSTRUMENT.NAME"] ?? full["INSTRUME"];
  const type = full["META.REFTYPE"] ?? full["REFTYPE"];
  if (typeof instrument !== "string" || typeof type !== "string") return;
  const columns = file.hdus.flatMap((hdu) =>
    Object.entries(keywordsOf(hdu.header)).flatMap(([key, value]) =>
      /^TTYPE\d+$/.test(key) ? [String(value)] : [],
    ),
  );
  certifyHeader(cache, observatory, instrument.toLowerCase(), type.toLowerCase(), full, columns, add);
}

const count = (findings: readonly Finding[], level: Finding["level"]): number =>
  findings.filter((finding) => finding.level === level).length;

const formatFinding = ({ level, file, line, message }: Finding): string =>
  `${level === "error" ? "✗" : "!"} ${file}${line === null ? "" : `, line ${line}`}: ${message}`;
