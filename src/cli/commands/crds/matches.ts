/** `iris crds matches`: the rules which lead to a file. */
import { pathsBelow, referenceClosure, resolveContext, type RulePath } from "../../../crds/rules.js";
import { reprOf, tuple } from "../../../crds/literal.js";
import { UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { openCacheOf } from "./open.js";

export interface MatchesOptions {
  files?: string[];
  contexts?: string[];
  filesFromContexts?: boolean;
  briefPaths?: boolean;
  omitParameterNames?: boolean;
  tupleFormat?: boolean;
  filters?: string[];
}

export function runMatches(cli: Cli, names: readonly string[], options: MatchesOptions): void {
  const cache = openCacheOf(cli);
  const contexts = (options.contexts ?? [undefined]).map((spec) => resolveContext(cache, spec));
  const filters = (options.filters ?? []).map(parseFilter);
  const asked = [...names, ...(options.files ?? [])];
  if (asked.length === 0 && !options.filesFromContexts) {
    throw new UsageError("no files: name references, or all of the contexts with --files-from-contexts");
  }
  const rows: { context: string; path: RulePath }[] = [];
  for (const context of contexts) {
    const paths = pathsBelow(cache, context).filter((path) =>
      filters.every((filter) => passes(path, filter)),
    );
    for (const file of options.filesFromContexts ? referenceClosure(cache, context) : asked) {
      rows.push(...paths.filter((path) => path.file === file).map((path) => ({ context, path })));
    }
  }
  if (cli.json)
    return cli.out(
      JSON.stringify({ v: 1, matches: rows.map(({ context, path }) => ({ context, ...path })) }),
    );
  const several = contexts.length > 1;
  for (const { context, path } of rows)
    cli.out(`${several ? context : ""} ${path.file} : ${formatPath(path, options)}`);
}

function parseFilter(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`can't read the filter "${text}" — expected KEYWORD=VALUE`);
  return [text.slice(0, at).toUpperCase(), text.slice(at + 1).toUpperCase()];
}

/** A path without the keyword passes; else its or-set must have the value. */
function passes(path: RulePath, [keyword, value]: [string, string]): boolean {
  return path.keys.every(
    ([key, text]) => key.toUpperCase() !== keyword || text.toUpperCase().split("|").includes(value),
  );
}

function formatPath(path: RulePath, options: MatchesOptions): string {
  const keys = options.briefPaths ? path.keys.slice(0, path.keys.length - path.tail) : path.keys;
  if (options.tupleFormat) {
    const head: [string, string][] = [
      ["OBSERVATORY", path.observatory],
      ["INSTRUMENT", path.instrument],
      ["FILEKIND", path.filekind],
    ];
    return reprOf(tuple(...[...(options.briefPaths ? [] : head), ...keys].map((pair) => tuple(...pair))));
  }
  const texts = keys.map(([key, text]) => (options.omitParameterNames ? `'${text}'` : `${key}='${text}'`));
  const head = options.briefPaths ? "" : `${path.instrument} ${path.filekind} `;
  return `${options.briefPaths ? " " : ""}${head}${texts.join(" ")}`;
}
