/** The two ends of a sync: the source that is named, and the cache that it fills. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { folderSource } from "../../../crds/cache-remote/folder-source.js";
import { httpSource } from "../../../crds/cache-remote/http-source.js";
import type { Source } from "../../../crds/cache-remote/source.js";
import { openFlatCopy, openNewCache } from "../../../crds/cache-remote/sync.js";
import { observatoryOf, type Cache } from "../../../crds/rules.js";
import { UsageError } from "../../../errors.js";
import { bundledCache } from "../../../package.js";
import type { Cli } from "../../cli.js";

/** The user's own cache; the one that comes with the program isn't changed. */
export function openOwnCache(cli: Cli, named: string | undefined): Cache {
  const { env, cwd } = cli.host;
  const path = env["CRDS_PATH_SINGLE"] || env["CRDS_PATH"]?.split(":")[0];
  if (!path || resolve(cwd, path) === bundledCache) {
    throw new UsageError("no cache to fill: the one that comes with iris isn't changed", {
      hint: "make one of your own: CRDS_PATH=$HOME/crds_cache iris crds sync --from SERVER",
    });
  }
  const observatory = env["CRDS_OBSERVATORY"]?.toLowerCase() ?? (named ? observatoryOf(named) : undefined);
  return openNewCache(resolve(cwd, path), observatory, env);
}

/** `--output-dir`: a folder for plain copies, whatever CRDS_PATH says. */
export function openOutput(cli: Cli, folder: string, named: string | undefined): Cache {
  const observatory = cli.host.env["CRDS_OBSERVATORY"]?.toLowerCase();
  return openFlatCopy(
    resolve(cli.host.cwd, folder),
    observatory ?? (named ? observatoryOf(named) : undefined),
  );
}

/** undefined when there is none and none is needed: the work is `local`. */
export function chooseSource(
  cli: Cli,
  { from, timeout }: { from?: string; timeout?: string },
  local: boolean,
): Source | undefined {
  const named = from ?? cli.host.env["CRDS_SERVER_URL"];
  if (!named || (/server-?less/.test(named) && from === undefined)) {
    if (local) return undefined;
    throw new UsageError("no source: CRDS_SERVER_URL isn't set, or says server-less", {
      hint: "name one: iris crds sync --from https://HOST or --from FOLDER",
    });
  }
  if (/^https?:\/\//.test(named)) {
    const { env } = cli.host;
    return httpSource(named, {
      timeout: whole(timeout ?? env["CRDS_CLIENT_TIMEOUT_SECONDS"] ?? "60", "--timeout") * 1000,
      addresses: {
        mappings: env["CRDS_MAPPING_URI"],
        references: env["CRDS_REFERENCE_URI"],
        config: env["CRDS_CONFIG_URI"],
      },
    });
  }
  const folder = resolve(cli.host.cwd, named);
  if (existsSync(folder) && statSync(folder).isDirectory()) return folderSource(folder);
  throw new UsageError(`no source: ${named} is neither an address nor a folder`);
}

export function whole(text: string, option: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`can't read ${option} "${text}" — expected a whole number`);
}
