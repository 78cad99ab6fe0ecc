/** `iris crds bestrefs`: the references which the rules choose for files or headers. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { bestrefs, type BestRef } from "../../../crds/bestrefs.js";
import { badFiles, type Cache } from "../../../crds/cache.js";
import { isTrue } from "../../../crds/cache-paths.js";
import { observatoryOf } from "../../../crds/mapping.js";
import { resolveContext } from "../../../crds/resolve-context.js";
import { isIrisError, UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { openCacheOf, parseHeader, readCrdsHeader, withCompiled } from "./open.js";

export interface BestrefsOptions {
  batch?: string;
  context?: string;
  types?: string[];
  oldContext?: string;
  newContext?: string;
}

type Results = Record<string, BestRef>;

interface Outcome {
  results?: Results;
  error?: { code: string; message: string; hint?: string };
  /** References among the results that the observatory has withdrawn. */
  withdrawn?: string[];
}

export function runBestrefs(cli: Cli, files: readonly string[], options: BestrefsOptions): void {
  if (files.length === 0 && options.batch === undefined) {
    throw new UsageError("no input: name files, or headers with --batch", {
      hint: "iris crds bestrefs raw/*.fits",
    });
  }
  const cache = openCacheOf(cli);
  const context = resolveContext(cache, options.newContext ?? options.context);
  const old = options.oldContext === undefined ? undefined : resolveContext(cache, options.oldContext);
  const look: Look = (read, name) => {
    const outcome = attempt(
      cli,
      () => bestrefs(cache, name, read(), options.types),
      options.types !== undefined,
    );
    const withdrawn = withdrawnFiles(cache, name, outcome.results);
    if (withdrawn.length === 0) return outcome;
    if (!isTrue(cache.env["CRDS_ALLOW_BAD_REFERENCES"])) cli.setExit(3);
    return { ...outcome, withdrawn };
  };
  withCompiled(cache, context, () => {
    if (options.batch !== undefined) runBatch(cli, options.batch, context, old, look);
    if (files.length > 0) runFiles(cli, files, context, old, look);
  });
}

function withdrawnFiles(cache: Cache, context: string, results: Results = {}): string[] {
  const bad = badFiles(cache, observatoryOf(context));
  if (bad.size === 0) return [];
  return Object.values(results).flatMap((r) => (r.kind === "file" && bad.has(r.name) ? [r.name] : []));
}

type Look = (read: () => ReturnType<typeof parseHeader>, context: string) => Outcome;

function runFiles(
  cli: Cli,
  files: readonly string[],
  context: string,
  old: string | undefined,
  look: Look,
): void {
  const rows = files.map((file) => {
    const read = () => readCrdsHeader(cli, file);
    return { file, ...look(read, context), ...(old === undefined ? {} : { before: look(read, old) }) };
  });
  if (old !== undefined) printChanges(cli, rows, old, context);
  else if (cli.json) cli.out(JSON.stringify({ v: 1, context, files: rows }));
  else cli.out(rows.map((row) => formatFile(row.file, context, row)).join("\n"));
}

/** One file's failure doesn't stop the others; status 3 when a calibration can't be resolved. */
function attempt(cli: Cli, run: () => Results, asked: boolean): Outcome {
  try {
    const results = run();
    if (asked && Object.values(results).some((r) => r.kind === "notFound")) cli.setExit(3);
    return { results };
  } catch (error) {
    if (!isIrisError(error)) throw error;
    cli.setExit(3);
    return {
      error: { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) },
    };
  }
}

/** One JSON object per header; of two contexts, only the headers whose references change. */
function runBatch(cli: Cli, batch: string, context: string, old: string | undefined, look: Look): void {
  const text = readFileSync(batch === "-" ? 0 : resolve(cli.host.cwd, batch), "utf8");
  const lines = text.split("\n");
  const out: string[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = () => parseHeader(line, `${batch}, line ${i + 1}`);
    const outcome = look(read, context);
    if (old === undefined) out.push(JSON.stringify({ v: 1, line: i + 1, context, ...outcome }));
    else {
      const changes = changesOf(outcome, look(read, old));
      if (changes.length > 0)
        out.push(JSON.stringify({ v: 1, line: i + 1, oldContext: old, context, changes }));
    }
  }
  if (out.length > 0) cli.out(out.join("\n"));
}

function formatFile(file: string, context: string, { results, error, withdrawn = [] }: Outcome): string {
  if (!results) return `${file}   ${error!.message}${error!.hint ? `\nhint   ${error!.hint}` : ""}`;
  const types = Object.keys(results).sort();
  const width = Math.max(0, ...types.map((type) => type.length));
  return [
    `${file}   context ${context}`,
    ...types.map((type) => `  ${type.padEnd(width)}  ${formatResult(results[type]!)}`),
    ...withdrawn.map((name) => `  ! ${name} was withdrawn: it is in the bad_files_list`),
  ].join("\n");
}

function formatResult(result: BestRef): string {
  switch (result.kind) {
    case "file":
      return result.name;
    case "pair":
      return result.names.join(" and ");
    case "value":
      return JSON.stringify(result.value);
    case "n/a":
      return `not applicable: ${result.why}`;
    case "notFound":
      return `not found: ${result.message}`;
  }
}

interface ChangeRow extends Outcome {
  file: string;
  before?: Outcome;
}

/** What one context chooses and another doesn't, type by type; a lookup that failed as a whole changes all. */
function changesOf(now: Outcome, before: Outcome | undefined): { type: string; old: string; new: string }[] {
  const types = new Set([...Object.keys(before?.results ?? {}), ...Object.keys(now.results ?? {})]);
  return [...types].sort().flatMap((type) => {
    const tell = (outcome: Outcome | undefined): string => {
      const result = outcome?.results?.[type];
      if (result) return formatResult(result);
      return outcome?.error ? `failed: ${outcome.error.message}` : "left out";
    };
    const [a, b] = [tell(before), tell(now)];
    return a === b ? [] : [{ type, old: a, new: b }];
  });
}

function printChanges(cli: Cli, rows: readonly ChangeRow[], old: string, context: string): void {
  const changes = rows.flatMap(({ file, before, ...now }) =>
    changesOf(now, before).map((change) => ({ file, ...change })),
  );
  if (cli.json) cli.out(JSON.stringify({ v: 1, oldContext: old, context, changes }));
  else for (const { file, type, old: a, new: b } of changes) cli.out(`${file} ${type}: ${a} → ${b}`);
}
