/** `iris fits verify`: exit 0 clean, 1 with errors (or with --strict warnings), 2 when a file can't be read. */
import { resolve } from "node:path";
import { openFits, parseLocation, verifyFits, type Finding } from "../../../fits/index.js";
import { isIrisError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { errorLines, reportOf } from "../../error-lines.js";

interface Verified {
  path: string;
  errors: number;
  warnings: number;
  findings: Finding[];
}

function verifyOne(cli: Cli, given: string): Verified | null {
  try {
    const file = openFits(parseLocation(resolve(cli.host.cwd, given)).path);
    try {
      const findings = verifyFits(file);
      const errors = findings.filter(({ severity }) => severity === "error").length;
      return { path: given, errors, warnings: findings.length - errors, findings };
    } finally {
      file.close();
    }
  } catch (error) {
    if (!isIrisError(error)) throw error;
    cli.err(errorLines(reportOf(error)));
    cli.setExit(2);
    return null;
  }
}

const placeOf = ({ hdu, card, keyword }: Finding): string =>
  [hdu === null ? "file" : `HDU ${hdu}`, card === null ? null : `card ${card}`, keyword]
    .filter(Boolean)
    .join(" ");

export function runVerify(cli: Cli, files: readonly string[], strict: boolean): void {
  const all: Verified[] = [];
  for (const given of files) {
    const result = verifyOne(cli, given);
    if (!result) continue;
    all.push(result);
    if (result.errors > 0 || (strict && result.warnings > 0)) cli.setExit(1);
    if (cli.json) continue;
    for (const finding of result.findings) {
      cli.out(`${given}: ${finding.severity}: ${placeOf(finding)}: ${finding.message}`);
    }
    cli.out(`${given}: ${result.errors} errors, ${result.warnings} warnings`);
  }
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: all }, null, 1));
}
