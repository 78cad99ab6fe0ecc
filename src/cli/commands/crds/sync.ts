/** `iris crds sync`: fill the cache from a server or a folder. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { folderSource } from "../../../crds/cache-remote/folder-source.js";
import { httpSource } from "../../../crds/cache-remote/http-source.js";
import type { Source } from "../../../crds/cache-remote/source.js";
import { openNewCache, syncCache, type SyncOptions } from "../../../crds/cache-remote/sync.js";
import { observatoryOf } from "../../../crds/rules.js";
import { UsageError } from "../../../errors.js";
import { bundledCache } from "../../../package.js";
import type { Cli } from "../../cli.js";

export interface SyncCommandOptions {
  from?: string;
  contexts?: string[];
  fetchReferences?: boolean;
  check?: boolean;
  jobs: string;
  retries: string;
  timeout: string;
  dryRun?: boolean;
}

export async function runSync(cli: Cli, options: SyncCommandOptions): Promise<void> {
  const { env, cwd } = cli.host;
  const path = env["CRDS_PATH_SINGLE"] ?? env["CRDS_PATH"]?.split(":")[0];
  if (!path || resolve(cwd, path) === bundledCache) {
    throw new UsageError("no cache to fill: the one that comes with iris isn't changed", {
      hint: "make one of your own: CRDS_PATH=$HOME/crds_cache iris crds sync --from SERVER",
    });
  }
  const source = chooseSource(cli, options);
  const named = options.contexts?.[0];
  const observatory = env["CRDS_OBSERVATORY"]?.toLowerCase() ?? (named ? observatoryOf(named) : undefined);
  const cache = openNewCache(resolve(cwd, path), observatory, env);
  const progress = await makeProgress(cli, options.dryRun ?? false);
  const report = await syncCache(cache, source, {
    contexts: options.contexts ?? [],
    references: options.fetchReferences ?? false,
    check: options.check ?? false,
    jobs: whole(options.jobs, "--jobs"),
    retries: whole(options.retries, "--retries"),
    delay: 250,
    dryRun: options.dryRun ?? false,
    now: cli.host.now(),
    ...progress,
  }).finally(progress.end);
  if (cli.json)
    return cli.out(JSON.stringify({ v: 1, from: source.name, dryRun: options.dryRun ?? false, ...report }));
  if (!cli.quiet) {
    const repaired = report.repaired.length > 0 ? `   ${report.repaired.length} repaired` : "";
    cli.err(
      `${report.fetched.length} fetched (${report.bytes} bytes)   ${report.kept} there already${repaired}`,
    );
  }
  cli.out(report.contexts.join("\n"));
}

function chooseSource(cli: Cli, { from, timeout }: SyncCommandOptions): Source {
  const named = from ?? cli.host.env["CRDS_SERVER_URL"];
  if (!named || (/server-?less/.test(named) && from === undefined)) {
    throw new UsageError("no source: CRDS_SERVER_URL isn't set, or says server-less", {
      hint: "name one: iris crds sync --from https://HOST or --from FOLDER",
    });
  }
  if (/^https?:\/\//.test(named)) return httpSource(named, { timeout: whole(timeout, "--timeout") * 1000 });
  const folder = resolve(cli.host.cwd, named);
  if (existsSync(folder) && statSync(folder).isDirectory()) return folderSource(folder);
  throw new UsageError(`no source: ${named} is neither an address nor a folder`);
}

function whole(text: string, option: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`can't read ${option} "${text}" — expected a whole number`);
}

interface Progress extends Pick<SyncOptions, "onPlan" | "onFile" | "onBytes"> {
  end(): void;
}

/** A bar of bytes on a terminal, a line per file elsewhere, nothing when quiet. */
async function makeProgress(cli: Cli, dryRun: boolean): Promise<Progress> {
  if (cli.quiet || cli.json) return { end: () => undefined };
  if (!cli.host.stderr.isTTY || dryRun) {
    return {
      onFile: (name) => cli.err(`${dryRun ? "would fetch" : "fetched"} ${name}`),
      end: () => undefined,
    };
  }
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar({
    format: "  {bar} {value} of {total} bytes   {files} files   {eta_formatted}",
    stream: cli.host.stderr,
  });
  let [files, total] = [0, 0];
  bar.start(0, 0, { files });
  return {
    onPlan: (_files, bytes) => bar.setTotal((total += bytes)),
    onBytes: (bytes) => bar.increment(bytes),
    onFile: () => bar.update({ files: ++files }),
    end: () => bar.stop(),
  };
}
