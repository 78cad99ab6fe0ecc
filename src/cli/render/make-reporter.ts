/** The reporter that suits the place where a run is watched. */
import type { Cli } from "../cli.js";
import type { Reporter } from "./reporter.js";

/** Bars on a terminal, lines elsewhere, JSON lines when asked for. */
export async function makeReporter(cli: Cli): Promise<Reporter> {
  if (cli.json) return (await import("./json.js")).jsonReporter(cli);
  const { stderr, env } = cli.host;
  const bars = stderr.isTTY && env["TERM"] !== "dumb" && !cli.quiet;
  return bars ? (await import("./tty.js")).ttyReporter(cli) : (await import("./plain.js")).plainReporter(cli);
}
