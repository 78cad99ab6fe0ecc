/** Events as JSON lines on stdout, as they come. */
import type { Cli } from "../cli.js";
import type { Reporter } from "./reporter.js";

export const jsonReporter = (cli: Cli): Reporter => ({
  event: (event) => cli.out(JSON.stringify(event)),
  note: (text) => cli.out(JSON.stringify({ v: 1, type: "note", message: text })),
  say: () => undefined,
});
