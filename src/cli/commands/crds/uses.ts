/** `iris crds uses`: the mappings which name a file. */
import {
  chooseObservatory,
  directUsers,
  observatoriesIn,
  observatoryOf,
  usersOf,
} from "../../../crds/rules.js";

import type { Cli } from "../../cli.js";
import { openCacheOf } from "./open.js";

export interface UsesOptions {
  files?: string[];
  includeUsed?: boolean;
  direct?: boolean;
}

export function runUses(cli: Cli, names: readonly string[], options: UsesOptions): void {
  const cache = openCacheOf(cli);
  const report = (error: unknown, mapping: string): void =>
    cli.err(`${mapping}: not looked into — ${error instanceof Error ? error.message : String(error)}`);
  const find = options.direct ? directUsers : usersOf;
  const rows = [...names, ...(options.files ?? [])].map((file) => {
    const known = observatoriesIn(cache);
    const own = observatoryOf(file);
    const observatory = known.includes(own) ? own : chooseObservatory(cache);
    return { file, users: find(cache, observatory, file, report) };
  });
  if (cli.json) return cli.out(JSON.stringify({ v: 1, files: rows }));
  const withUsed = rows.flatMap(({ file, users }) => users.map((user) => `${file} ${user}`));
  const lines = options.includeUsed ? withUsed : [...new Set(rows.flatMap(({ users }) => users))].sort();
  if (lines.length > 0) cli.out(lines.join("\n"));
}
