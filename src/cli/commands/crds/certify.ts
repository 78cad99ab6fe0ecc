/** `iris crds certify`: is a mapping right, and everything below it? */
import { certify, resolveContext, type Finding } from "../../../crds/index.js";
import { isMappingName } from "../../../crds/index.js";
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
    const path = locateMapping(cache, name);
    const findings = certify(cache, path, {
      exist: options.exist,
      shallow: options.dontRecurseMappings,
      comparison: comparison !== undefined && isMappingName(comparison) ? comparison : undefined,
    });
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

const count = (findings: readonly Finding[], level: Finding["level"]): number =>
  findings.filter((finding) => finding.level === level).length;

const formatFinding = ({ level, file, line, message }: Finding): string =>
  `${level === "error" ? "✗" : "!"} ${file}${line === null ? "" : `, line ${line}`}: ${message}`;
