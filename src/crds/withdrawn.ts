/** Files which the observatory has withdrawn: rules must not be used, and references that are chosen are marked. */
import { RulesError } from "../errors.js";
import { badFiles, type Cache } from "./cache.js";
import { isTrue } from "./cache-paths.js";
import type { Context, InstrumentRules } from "./context.js";

/** Mappings among those that serve one instrument which are in the observatory's bad_files_list. */
function withdrawnRules(cache: Cache, context: Context, rules: InstrumentRules): readonly string[] {
  const key = `withdrawn ${context.name} ${rules.imap ?? ""}`;
  const known = cache.memory.get(key) as readonly string[] | undefined;
  if (known) return known;
  const bad = badFiles(cache, context.observatory.name);
  const rmaps = [...rules.types.values()].flatMap((type) => (type.kind === "rmap" ? [type.rmap.name] : []));
  const found = [...new Set([context.name, rules.imap ?? context.name, ...rmaps])].filter((n) => bad.has(n));
  cache.memory.set(key, found);
  return found;
}

/** @throws RulesError when a mapping of the instrument was withdrawn, unless CRDS_ALLOW_BAD_RULES is set */
export function checkRules(cache: Cache, context: Context, rules: InstrumentRules): void {
  if (isTrue(cache.env["CRDS_ALLOW_BAD_RULES"])) return;
  const found = withdrawnRules(cache, context, rules);
  if (found.length === 0) return;
  throw new RulesError(
    `the rules ${found.join(", ")} were withdrawn — ${context.name} leads to them, and they are in the bad_files_list of ${context.observatory.name}`,
    { hint: "use another context: --context, or allow them: CRDS_ALLOW_BAD_RULES=1" },
  );
}
