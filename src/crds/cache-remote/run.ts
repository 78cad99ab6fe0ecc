/** One sync under way: what it works on, and the ways in which it asks and fetches. */
import { CalibrationError, isIrisError, RulesError } from "../../errors.js";
import type { Cache } from "../cache.js";
import { download, type DownloadOptions } from "./download.js";
import { isSafeName, TransferError, type FileInfo, type FileKind, type Source } from "./source.js";

export interface SyncOptions extends DownloadOptions {
  /** Contexts to fetch; the source's own default when there are neither contexts nor files. */
  contexts: readonly string[];
  /** Just these mappings and references, and nothing that they lead to. */
  files?: readonly string[] | undefined;
  references: boolean;
  /** A plain copy: all files side by side, without configuration and record. */
  flat?: boolean | undefined;
  /** Keep the source's configuration even when a file couldn't be fetched. */
  forceConfig?: boolean | undefined;
  /** Verify files that are there already by their checksum, and fetch wrong ones again. */
  check: boolean;
  jobs: number;
  dryRun: boolean;
  now: Date;
  /** More is to come: files and, as far as the source tells, bytes. */
  onPlan?: ((files: number, bytes: number) => void) | undefined;
  onFile?: ((name: string) => void) | undefined;
}

export interface SyncReport {
  observatory: string;
  contexts: string[];
  fetched: string[];
  /** Files that were there already. */
  kept: number;
  /** Files that were wrong and were fetched again. */
  repaired: string[];
  bytes: number;
}

export interface Run {
  cache: Cache;
  source: Source;
  options: SyncOptions;
  observatory: string;
  /** Where mappings wait until all that they need is there. */
  staging: string;
  report: SyncReport;
}

/** Asks the source, again and later where that may help; @throws CalibrationError */
export async function ask<T>(
  source: Source,
  { retries, delay }: DownloadOptions,
  question: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      if (isIrisError(error)) throw error;
      if (!(error instanceof TransferError) || attempt >= retries) {
        throw new CalibrationError(`can't ask ${source.name} — ${(error as Error).message}`, {
          hint: "check CRDS_SERVER_URL and the network, or give a folder: --from FOLDER",
        });
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(delay * 2 ** attempt, 30_000)));
    }
  }
}

/** Sizes and sums as the source knows them. */
export const askInfo = (run: Run, names: readonly string[]): Promise<Map<string, FileInfo>> =>
  names.length === 0
    ? Promise.resolve(new Map())
    : ask(run.source, run.options, () => run.source.fileInfo(run.observatory, names));

export function checkName(name: string, source: Source): string {
  if (isSafeName(name)) return name;
  throw new RulesError(`${source.name} names a file that can't be one: ${JSON.stringify(name)}`);
}

/** Fetches files with so many transfers at a time; a dry run only counts them. */
export async function fetchFiles(
  run: Run,
  kind: FileKind,
  names: readonly string[],
  infos: ReadonlyMap<string, FileInfo>,
  place: (name: string) => string,
): Promise<void> {
  const { options } = run;
  const bytes = names.reduce((sum, name) => sum + (infos.get(name)?.size ?? 0), 0);
  options.onPlan?.(names.length, bytes);
  await parallel(names, options.jobs, (name) => fetchFile(run, kind, name, place(name), infos.get(name)));
}

async function fetchFile(
  { source, options, observatory, report }: Run,
  kind: FileKind,
  name: string,
  path: string,
  info: FileInfo | undefined,
): Promise<void> {
  if (options.dryRun) report.bytes += info?.size ?? 0;
  else {
    await download(source, observatory, kind, name, path, info, {
      ...options,
      onBytes: (bytes) => {
        report.bytes += bytes;
        options.onBytes?.(bytes);
      },
    });
  }
  report.fetched.push(name);
  options.onFile?.(name);
}

/** Runs the work with at most `jobs` at a time; the first failure is thrown when the running ones have ended. */
async function parallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  if (failures.length > 0) throw failures[0];
}
