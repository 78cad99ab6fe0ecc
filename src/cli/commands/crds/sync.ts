/** `iris crds sync`: fill the cache from a server or a folder, check it, make it smaller, order it anew. */
import { dirname } from "node:path";
import { checkFiles } from "../../../crds/cache-remote/check-files.js";
import { chooseContexts, isChoice, type ContextChoice } from "../../../crds/cache-remote/choose-contexts.js";
import { clearLocks, type ClearedLock } from "../../../crds/cache-remote/lock.js";
import type { Source } from "../../../crds/cache-remote/source.js";
import { syncCache, type SyncOptions } from "../../../crds/cache-remote/sync.js";
import { checkWritable, lockPath } from "../../../crds/cache-store.js";
import { organizeCache, purgeCache } from "../../../crds/cache-tidy.js";
import {
  bestrefs,
  changing,
  chooseObservatory,
  mappingClosure,
  mappingNames,
  observatoryOf,
  referenceClosure,
  resolveContext,
  type Cache,
  type Layout,
} from "../../../crds/rules.js";
import { UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { readCrdsHeader } from "./open.js";
import { chooseSource, openOutput, openOwnCache, whole } from "./sync-ends.js";
import { makeProgress } from "./sync-progress.js";

export interface SyncCommandOptions {
  from?: string;
  contexts?: string[];
  all?: boolean;
  range?: string;
  lastNContexts?: string;
  upToContext?: string;
  afterContext?: string;
  files?: string[];
  datasetFiles?: string[];
  fetchReferences?: boolean;
  check?: boolean;
  repairFiles?: boolean;
  checkFiles?: string[] | true;
  checkSha1sum?: boolean;
  purgeMappings?: boolean;
  purgeReferences?: boolean;
  organize?: string;
  organizeDeleteJunk?: boolean;
  outputDir?: string;
  forceConfigUpdate?: boolean;
  clearLocks?: boolean;
  jobs: string;
  retries?: string;
  timeout?: string;
  dryRun?: boolean;
}

/** What one command did, printed at its end. */
interface Done {
  from: string | null;
  contexts: string[];
  fetched: string[];
  kept: number;
  repaired: string[];
  bytes: number;
  faults: { name: string; what: string }[];
  moved: string[];
  left: { name: string; why: string }[];
  purged: string[];
}

/** Fetches first; then checks, orders and purges what is there, for which no source is needed. */
export async function runSync(cli: Cli, options: SyncCommandOptions): Promise<void> {
  const tidies = options.organize !== undefined || options.purgeMappings || options.purgeReferences;
  const checks = options.checkFiles !== undefined;
  const named = options.contexts?.[0] ?? options.files?.[0];
  if (
    options.outputDir !== undefined &&
    (tidies || checks || options.forceConfigUpdate || options.clearLocks)
  )
    throw new UsageError("--output-dir only copies: it has no cache to check, to order or to configure");
  const cache =
    options.outputDir === undefined
      ? openOwnCache(cli, options.contexts?.[0])
      : openOutput(cli, options.outputDir, named);
  if (options.clearLocks) return clear(cli, cache, options.dryRun ?? false);
  const source = chooseSource(cli, options, checks || Boolean(tidies));
  const done: Done = {
    ...{ from: source?.name ?? null, contexts: [], fetched: [], kept: 0, repaired: [], bytes: 0 },
    ...{ faults: [], moved: [], left: [], purged: [] },
  };
  if (source && !checks) await fetchAll(cli, cache, source, options, done);
  if (checks || tidies) {
    const observatory = chooseObservatory(cache);
    if (done.contexts.length === 0) done.contexts = localContexts(cache, observatory, options);
    if (checks) done.faults = await check(cache, observatory, source, options, done.contexts);
    if (done.faults.length > 0) cli.setExit(1);
    const run = (): void => tidy(cache, observatory, options, done);
    if (tidies && options.dryRun) run();
    else if (tidies) changing(cache, observatory, run);
  }
  report(cli, done, options.dryRun ?? false);
}

/** Nothing else is done, so that no source is needed. */
function clear(cli: Cli, cache: Cache, dryRun: boolean): void {
  if (!dryRun) checkWritable(cache);
  const cleared = clearLocks(dirname(lockPath(cache, "")), dryRun);
  if (cli.json) return cli.out(JSON.stringify({ v: 1, dryRun, cleared }));
  for (const { name, holder } of cli.quiet ? [] : cleared)
    cli.err(`${dryRun ? "would remove" : "removed"} ${name}: ${tellHolder(holder)}`);
}

function tellHolder(holder: ClearedLock["holder"]): string {
  if (!holder) return "nobody knows who held it";
  return `process ${holder.pid} on ${holder.host}, which ${holder.alive ? "may still be at work" : "is gone"}`;
}

async function check(
  cache: Cache,
  observatory: string,
  source: Source | undefined,
  { checkFiles: given, checkSha1sum = false }: SyncCommandOptions,
  contexts: readonly string[],
): Promise<Done["faults"]> {
  const below = (): string[] =>
    contexts.flatMap((c) => [...mappingClosure(cache, c), ...referenceClosure(cache, c)]);
  const names = [...new Set(Array.isArray(given) ? given : below())];
  await source?.info(observatory);
  const infos = source ? await source.fileInfo(observatory, names) : null;
  return checkFiles(cache, observatory, names, infos, checkSha1sum);
}

function tidy(cache: Cache, observatory: string, options: SyncCommandOptions, done: Done): void {
  const dryRun = options.dryRun ?? false;
  if (options.organize !== undefined) {
    const replace = options.organizeDeleteJunk ?? false;
    Object.assign(
      done,
      organizeCache(cache, observatory, layoutNamed(options.organize), { replace, dryRun }),
    );
  }
  const { purgeMappings: mappings = false, purgeReferences: references = false } = options;
  if (mappings || references)
    done.purged = purgeCache(cache, observatory, done.contexts, { mappings, references, dryRun });
}

const choiceOf = (options: SyncCommandOptions): ContextChoice => ({
  all: options.all,
  range: options.range,
  last: options.lastNContexts === undefined ? undefined : whole(options.lastNContexts, "--last-n-contexts"),
  upTo: options.upToContext,
  after: options.afterContext,
});

async function fetchAll(
  cli: Cli,
  cache: Cache,
  source: Source,
  options: SyncCommandOptions,
  done: Done,
): Promise<void> {
  const choice = choiceOf(options);
  const { env } = cli.host;
  const { end, ...progress } = await makeProgress(cli, options.dryRun ?? false);
  const common: SyncOptions = {
    contexts: options.contexts ?? [],
    files: options.files,
    references: options.fetchReferences ?? false,
    flat: options.outputDir !== undefined,
    forceConfig: options.forceConfigUpdate,
    check: (options.check || options.repairFiles) ?? false,
    jobs: whole(options.jobs, "--jobs"),
    retries: whole(options.retries ?? env["CRDS_CLIENT_RETRY_COUNT"] ?? "4", "--retries"),
    delay:
      1000 * whole(env["CRDS_CLIENT_RETRY_DELAY_SECONDS"] ?? "0", "CRDS_CLIENT_RETRY_DELAY_SECONDS") || 250,
    dryRun: options.dryRun ?? false,
    now: cli.host.now(),
    ...progress,
  };
  const sync = async (more: Partial<SyncOptions>): Promise<void> => {
    const report = await syncCache(cache, source, { ...common, ...more });
    done.fetched.push(...report.fetched);
    done.repaired.push(...report.repaired);
    done.contexts = [...new Set([...done.contexts, ...report.contexts])];
    done.kept += report.kept;
    done.bytes += report.bytes;
  };
  try {
    await sync(isChoice(choice) ? { contexts: await contextsOf(cache, source, choice) } : {});
    const headers = options.datasetFiles ?? [];
    if (headers.length === 0) return;
    const context = done.contexts.at(-1) ?? resolveContext(cache);
    const chosen = headers.flatMap((file) =>
      Object.values(bestrefs(cache, context, readCrdsHeader(cli, file))),
    );
    const files = chosen.flatMap((r) => (r.kind === "file" ? [r.name] : r.kind === "pair" ? r.names : []));
    if (files.length > 0) await sync({ contexts: [], files: [...new Set(files)] });
  } finally {
    end();
  }
}

async function contextsOf(cache: Cache, source: Source, choice: ContextChoice): Promise<string[]> {
  const info = await source.info(cache.observatory);
  const named = info["observatory"] ?? observatoryOf(String(info["operational_context"] ?? ""));
  const names = await source.contexts(cache.observatory ?? String(named));
  if (names) return chooseContexts(names, choice);
  throw new UsageError(`${source.name} doesn't say which contexts there are`, {
    hint: "name them: --contexts tmt_0001.pmap",
  });
}

/** Contexts which are meant when nothing was fetched: those named or chosen, else the default one. */
function localContexts(cache: Cache, observatory: string, options: SyncCommandOptions): string[] {
  const choice = choiceOf(options);
  if (isChoice(choice)) return chooseContexts(mappingNames(cache, observatory), choice);
  const { contexts = [undefined] } = options;
  return contexts.map((spec) => resolveContext(cache, spec));
}

function layoutNamed(word: string): Layout {
  if (word === "flat" || word === "instrument" || word === "legacy") return word;
  throw new UsageError(`no such layout: ${word} — there are flat, instrument and legacy`);
}

function report(cli: Cli, done: Done, dryRun: boolean): void {
  if (cli.json) return cli.out(JSON.stringify({ v: 1, dryRun, ...done }));
  const talk: [number, string][] = [
    [
      done.from === null ? 0 : 1,
      `${done.fetched.length} fetched (${done.bytes} bytes)   ${done.kept} there already`,
    ],
    [done.repaired.length, `${done.repaired.length} repaired`],
    [done.moved.length, `${done.moved.length} moved`],
    [done.purged.length, `${done.purged.length} removed`],
  ];
  if (!cli.quiet) {
    for (const name of done.purged) cli.err(`${dryRun ? "would remove" : "removed"} ${name}`);
    for (const { name, why } of done.left) cli.err(`! ${name} stays where it is: ${why}`);
    const said = talk.flatMap(([count, words]) => (count > 0 ? [words] : []));
    if (said.length > 0) cli.err(said.join("   "));
  }
  for (const { name, what } of done.faults) cli.out(`${name}: ${what}`);
  if (done.from !== null && done.faults.length === 0) cli.out(done.contexts.join("\n"));
}
