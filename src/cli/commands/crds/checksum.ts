/** `iris crds checksum`: verify the sums of mappings, or write them. */
import { updateMapping, verifyMapping } from "../../../crds/rules.js";
import type { Cli } from "../../cli.js";
import { locateMapping } from "./mapping-file.js";
import { openCacheOf } from "./open.js";

export interface ChecksumOptions {
  update?: boolean;
}

/** Status 1 when a sum is wrong or missing, or a mapping doesn't load. */
export function runChecksum(cli: Cli, names: readonly string[], { update = false }: ChecksumOptions): void {
  const cache = openCacheOf(cli);
  const check = update ? updateMapping : verifyMapping;
  const rows = names.map((name) => ({ file: name, ...check(locateMapping(cache, name)) }));
  if (rows.some(({ state }) => state !== "valid" && state !== "written")) cli.setExit(1);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, files: rows }));
  for (const { file, state, message } of rows) {
    if (state !== "valid") cli.out(`${file}: ${message}`);
    else if (!cli.quiet) cli.err(`${file}: sha1sum is right`);
  }
}
