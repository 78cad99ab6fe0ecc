/** `iris crds explain`: every key of the choice, the file's value and the rule's. */
import { explain, formatExplanation, resolveContext } from "../../../crds/index.js";
import type { Cli } from "../../cli.js";
import { openCacheOf, readCrdsHeader } from "./open.js";

export interface ExplainOptions {
  type: string[];
  context?: string;
}

export function runExplain(cli: Cli, file: string, { type, context: spec }: ExplainOptions): void {
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, spec);
  const header = readCrdsHeader(cli, file);
  const explanations = type.map((name) => explain(cache, context, header, name));
  if (explanations.some(({ result }) => result.kind === "notFound")) cli.setExit(3);
  if (cli.json) cli.out(JSON.stringify({ v: 1, file, context, explanations }));
  else {
    const width = cli.host.stdout.columns ?? 100;
    cli.out(explanations.map((explanation) => formatExplanation(explanation, width)).join("\n\n"));
  }
}
