/** How far a sync is: a bar of bytes on a terminal, a line per file elsewhere. */
import type { SyncOptions } from "../../../crds/cache-remote/sync.js";
import type { Cli } from "../../cli.js";

export interface Progress extends Pick<SyncOptions, "onPlan" | "onFile" | "onBytes"> {
  end(): void;
}

/** A bar of bytes on a terminal, a line per file elsewhere, nothing when quiet. */
export async function makeProgress(cli: Cli, dryRun: boolean): Promise<Progress> {
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
