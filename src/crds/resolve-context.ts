/** Context specifications → the name of a mapping. */
import { CalibrationError, UsageError } from "../errors.js";
import {
  fillHint,
  mappingNames,
  mappingPath,
  observatoriesIn,
  readServerConfig,
  type Cache,
} from "./cache.js";
import { isMappingName, observatoryOf } from "./mapping.js";
import { isContextSpec, isDateSpec, parseContextSpec } from "./names.js";
import { observatories } from "./observatories/index.js";

/**
 * Argument, else CRDS_CONTEXT, else the default of the cache's server configuration, else its newest pmap.
 *
 * @throws CalibrationError or UsageError when the words mean no context of this cache
 */
export function resolveContext(cache: Cache, spec?: string): string {
  const text = spec || cache.env["CRDS_CONTEXT"];
  if (!text) return defaultContext(cache, chooseObservatory(cache));
  if (text === cache.env["CRDS_CONTEXT"] && !isContextSpec(text)) {
    throw new UsageError(`CRDS_CONTEXT can't be ${text} — expected a pmap, or a form like tmt-operational`, {
      hint: "unset CRDS_CONTEXT to use the cache's own; see what it holds: iris crds list --contexts",
    });
  }
  if (isMappingName(text)) {
    if (mappingPath(cache, text)) return text;
    throw new CalibrationError(`no such context: ${text} — it isn't in the cache ${cache.path}`, {
      hint:
        text === cache.env["CRDS_CONTEXT"]
          ? "unset CRDS_CONTEXT to use the cache's own; see what it holds: iris crds list --contexts"
          : "see what the cache holds: iris crds list --contexts",
    });
  }
  const parsed = parseContextSpec(text);
  if (!parsed) {
    throw new UsageError(
      `no such context: "${text}" — neither a mapping nor a form like tmt-operational or tmt-2020-01-31`,
      {
        hint: "iris crds list --contexts names those of the cache",
      },
    );
  }
  const observatory = parsed.observatory ?? chooseObservatory(cache);
  const context = isDateSpec(parsed.when)
    ? contextOfDate(cache, observatory, parsed.when, text)
    : contextOfState(cache, observatory, parsed.when, text);
  return context;
}

/** The one observatory that was named, by variable, server or cache. */
export function chooseObservatory(cache: Cache): string {
  if (cache.observatory) return cache.observatory;
  const server = cache.env["CRDS_SERVER_URL"] ?? "";
  const named = observatories.find(({ name }) => server.includes(`${name}-`) || server.includes(`/${name}.`));
  const inCache = observatoriesIn(cache);
  if (named && inCache.includes(named.name)) return named.name;
  if (inCache.length === 1) return inCache[0]!;
  if (inCache.length === 0) {
    throw new CalibrationError(
      `no rules in the calibration cache: ${cache.path} — it has no folder mappings/<observatory>`,
      { hint: fillHint(cache.path) },
    );
  }
  throw new UsageError(`which observatory: the cache ${cache.path} has ${inCache.join(", ")}`, {
    hint: `choose one: --context ${inCache[0]}-operational, or CRDS_OBSERVATORY=${inCache[0]}`,
  });
}

function defaultContext(cache: Cache, observatory: string): string {
  const config = readServerConfig(cache, observatory);
  const named = config["latest_context"] ?? config["operational_context"];
  if (typeof named === "string" && isMappingName(named) && contexts(cache, observatory).includes(named))
    return named;
  const newest = contexts(cache, observatory).at(-1);
  if (newest) return newest;
  throw new CalibrationError(`no context: the cache ${cache.path} has no pmap of ${observatory}`, {
    hint: fillHint(cache.path),
  });
}

const contexts = (cache: Cache, observatory: string): string[] =>
  mappingNames(cache, observatory).filter((name) => name.endsWith(".pmap"));

function contextOfState(cache: Cache, observatory: string, state: string, text: string): string {
  const config = readServerConfig(cache, observatory);
  const named =
    config[`${state}_context`] ?? (state === "latest" ? config["operational_context"] : undefined);
  if (typeof named === "string" && observatoryOf(named) !== "") return named;
  throw new CalibrationError(
    `no such context: ${text} — the configuration of ${observatory} names no ${state} context`,
    {
      hint: "name a mapping with --context, or fetch the configuration: iris crds sync",
    },
  );
}

/** The context that was operational then, from the history which the server's configuration keeps. */
function contextOfDate(cache: Cache, observatory: string, date: string, text: string): string {
  const history = readServerConfig(cache, observatory)["context_history"];
  const when = date.replace("T", " ");
  const found = (Array.isArray(history) ? history : [])
    .filter((row): row is [string, string, ...unknown[]] => Array.isArray(row) && typeof row[1] === "string")
    .filter(([start]) => start <= when)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .at(-1);
  if (found) return found[1];
  throw new CalibrationError(
    `no such context: ${text} — the cache has no history of contexts back to that date`,
    {
      hint: "name a mapping with --context; iris crds list --contexts shows those of the cache",
    },
  );
}
