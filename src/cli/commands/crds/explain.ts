/** `iris crds explain`: every key of the choice, the file's value and the rule's. */
import { formatExplanation } from "../../../crds/explain-text.js";
import { explain } from "../../../crds/explain.js";
import { resolveContext } from "../../../crds/resolve-context.js";
import type { Cli } from "../../cli.js";
import { openCacheOf, readCrdsHeader, withCompiled } from "./open.js";

export interface ExplainOptions {
  type: string[];
  context?: string;
}

export function runExplain(cli: Cli, file: string, { type, context: spec }: ExplainOptions): void {
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, spec);
  const header = readCrdsHeader(cli, file);
  const explanations = withCompiled(cache, context, () =>
    type.map((name) => explain(cache, context, header, name)),
  );
  if (explanations.some(({ result }) => result.kind === "notFound")) cli.setExit(3);
  if (cli.json) cli.out(JSON.stringify({ v: 1, file, context, explanations }));
  else {
    const width = cli.host.stdout.columns ?? 100;
    cli.out(explanations.map((explanation) => formatExplanation(explanation, width)).join("\n\n"));
  }
}
