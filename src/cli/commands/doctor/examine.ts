/** The checks of `iris doctor`, each a finding with what to do when it isn't good. */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { formatBytes, parseBytes } from "../../../config/bytes.js";
import {
  findCache,
  observatoriesIn,
  mappingNames,
  mappingPath,
  readMapping,
  type Cache,
} from "../../../crds/cache.js";
import { checkMapping } from "../../../crds/checksum.js";
import { resolveContext } from "../../../crds/resolve-context.js";
import { isIrisError } from "../../../errors.js";
import type { Host } from "../../../host.js";
import { bundledCache, version } from "../../../package.js";
import { count } from "../../render/table.js";
import { fromHere } from "../../paths.js";
import { loadSettings } from "../../request.js";

export interface Finding {
  state: "good" | "warning" | "bad";
  what: string;
  found: string;
  /** What to do; null when there is nothing to do. */
  hint: string | null;
}

const good = (what: string, found: string): Finding => ({ state: "good", what, found, hint: null });

const bad = (what: string, error: unknown, hint: string | null = null): Finding => ({
  state: "bad",
  what,
  found: error instanceof Error ? error.message : String(error),
  hint: (isIrisError(error) ? error.hint : undefined) ?? hint,
});

/** Node 20.19 is the first that loads ES modules as this program needs them. */
function node(found: string): Finding {
  const [major, minor] = found.split(".").map(Number) as [number, number];
  return major > 20 || (major === 20 && minor >= 19)
    ? good("Node", found)
    : bad("Node", found, "install Node 20.19 or newer");
}

function memory(mem: number, total: number): Finding {
  const found = `${formatBytes(total)}, up to ${formatBytes(mem)} for pixels`;
  return mem <= total / 2
    ? good("memory", found)
    : {
        state: "warning",
        what: "memory",
        found,
        hint: `leave half of it to the rest: --mem ${Math.max(64, Math.floor(total / 2 ** 21))}M`,
      };
}

const LITTLE_SPACE = 2 ** 30;

function output(out: string, host: Host): Finding {
  const path = resolve(host.cwd, out);
  const what = `output ${fromHere(path, host.cwd)}`;
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) return bad(what, "it is a file", "name a folder with -o");
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    return free > LITTLE_SPACE
      ? good(what, `can be written, ${formatBytes(free)} free`)
      : {
          state: "warning",
          what,
          found: `only ${formatBytes(free)} free`,
          hint: "name another disk with -o",
        };
  } catch {
    return bad(what, "can't be written", "name another folder with -o");
  }
}

/** Every mapping of the cache against the sum in its own header. */
function mappings(cache: Cache, observatory: string): Finding {
  const what = `rules of ${observatory}`;
  const names = mappingNames(cache, observatory);
  const wrong: string[] = [];
  for (const name of names) {
    try {
      const { mapping, text } = readMapping(mappingPath(cache, name)!);
      if (checkMapping(mapping, text).state === "wrong") wrong.push(name);
    } catch {
      wrong.push(name);
    }
  }
  const few = wrong.slice(0, 3).join(", ");
  return wrong.length === 0
    ? good(what, `${count(names.length, "mapping")}, all sums right`)
    : bad(
        what,
        `${wrong.length} of ${names.length} mappings don't have the sum they claim: ${few}`,
        "fetch them again; if the edit is yours: iris crds checksum --update FILE",
      );
}

function calibrations(host: Host, context: string | undefined): Finding[] {
  let cache: Cache;
  try {
    cache = findCache(host, bundledCache);
  } catch (error) {
    return [bad("calibrations", error)];
  }
  const own = cache.path === bundledCache ? "the one that comes with iris" : cache.path;
  const findings = [good("calibrations", own)];
  try {
    findings.push(good("context", resolveContext(cache, context)));
  } catch (error) {
    findings.push(bad("context", error));
  }
  return [...findings, ...observatoriesIn(cache).map((observatory) => mappings(cache, observatory))];
}

/** All findings, in the order in which they matter. */
export async function examine(host: Host, out: string): Promise<Finding[]> {
  const findings = [good("iris", version), node(process.versions.node)];
  let settings: Awaited<ReturnType<typeof loadSettings>>["settings"];
  try {
    ({ settings } = await loadSettings(host, {}));
  } catch (error) {
    return [...findings, bad("settings", error), output(out, host)];
  }
  const value = (key: string) => settings.values[key]?.value;
  const files = new Set(
    Object.values(settings.values)
      .map(({ origin }) => origin)
      .filter((o) => o.includes("/")),
  );
  const cache = value("cache");
  const there: Host =
    cache === undefined ? host : { ...host, env: { ...host.env, CRDS_PATH: String(cache) } };
  return [
    ...findings,
    good("cores", `${availableParallelism()}, ${String(value("jobs"))} used`),
    memory(parseBytes(value("mem") as string), totalmem()),
    output(out, host),
    good(
      "settings",
      files.size === 0 ? "defaults" : [...files].map((file) => fromHere(file, host.cwd)).join(", "),
    ),
    ...calibrations(there, value("context") as string | undefined),
  ];
}
