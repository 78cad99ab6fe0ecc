/** The reporter that suits the place where a run is watched. */
import type { Cli } from "../cli.js";
import type { Reporter } from "./reporter.js";

/** Bars on a terminal, lines elsewhere, JSON lines when asked for. `context`: the one that the user has named. */
export async function makeReporter(cli: Cli, context?: string): Promise<Reporter> {
  if (cli.json) return (await import("./json.js")).jsonReporter(cli);
  const { stderr, env } = cli.host;
  const bars = stderr.isTTY && env["TERM"] !== "dumb" && !cli.quiet;
  return bars
    ? (await import("./tty.js")).ttyReporter(cli, context)
    : (await import("./plain.js")).plainReporter(cli, context);
}
