/** Resolves every reference before the first pixel: overrides first, then the calibration rules; each is opened and hashed. */
import { verifiedReference, type BestRef } from "../crds/index.js";
import { CalibrationError } from "../errors.js";
import type { AnyStep, RefDecl, RefDecls, RefFacts } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import type { Calibrations } from "./calibrations.js";
import { fittingAnswer } from "./fitting-reference.js";
import type { Opened } from "./inputs.js";
import { lackOf, orLack, type Lack } from "./missing-references.js";
import { misfitOf, shapeMisfit } from "./misfit.js";
import type { PlannedRef } from "./plan-types.js";
import { olderReference, unfitReference } from "./reference-caveats.js";

export interface RefWishes {
  /** Type (upper case) or key → file or "N/A", from the layers. */
  overrides: Readonly<Record<string, { value: string; origin: string }>>;
  /** Types that may be missing, upper case, and who says so. */
  allowMissing: ReadonlyMap<string, string>;
}

export interface ResolvedRefs {
  refs: PlannedRef[];
  facts: Record<string, RefFacts | null>;
  /** Why the step can't run: no reference applies, or the user lets it go. */
  skip: string | null;
  /** What the user should know of those that it has. */
  caveats: Caveat[];
}

/** The references of one step for one exposure; those that it needs and that can't be had are added to `lacks`. */
export function resolveRefs(
  step: AnyStep,
  opened: Opened,
  calibrations: Calibrations,
  best: Record<string, BestRef>,
  wishes: RefWishes,
  params: Readonly<Record<string, unknown>>,
  lacks: Lack[],
): ResolvedRefs {
  const refs: PlannedRef[] = [];
  const facts: Record<string, RefFacts | null> = {};
  const caveats: Caveat[] = [];
  let skip: string | null = null;
  for (const [key, decl] of Object.entries(step.refs as RefDecls)) {
    const { type } = decl;
    facts[key] = null;
    if (decl.when && !decl.when(params)) continue;
    if (decl.byName && !(wishes.overrides[type] ?? wishes.overrides[key.toUpperCase()])) {
      if (!decl.optional) lacks.push(unnamed(type, opened.path));
      continue;
    }
    const fitting = orLack(lacks, type, () =>
      fittingAnswer(decl, opened, best[type.toLowerCase()], calibrations),
    );
    if (fitting === null) continue;
    const found = orLack(lacks, type, () =>
      resolveOne(key, decl, opened, fitting.answer, calibrations, wishes),
    );
    if (found === null || "error" in found) {
      if (found) lacks.push(found);
      continue;
    }
    caveats.push(...fitting.misfits.map((misfit) => olderReference(found, misfit)));
    const { path } = found;
    if (path !== null) {
      facts[key] = orLack(lacks, type, () => calibrations.facts(path));
      if (facts[key] === null) continue;
      const misfit = misfitOf(decl, facts[key], opened, params);
      if (misfit !== undefined) {
        if (!wishes.allowMissing.has(type)) {
          lacks.push(lackOf(type, `${type} ${path} doesn't fit ${opened.path}`, misfit, null));
          continue;
        }
        found.path = found.sha256 = null;
        found.from = "none";
        found.why = `${misfit} (${wishes.allowMissing.get(type)!})`;
        facts[key] = null;
      } else caveats.push(...unfitReference(found, facts[key]));
    }
    refs.push(found);
    if (found.path === null && !decl.optional) skip ??= `no ${key} reference: ${found.why}`;
  }
  return { refs, facts, skip, caveats };
}

/** Where nothing but a name will do. */
function unnamed(type: string, path: string): Lack {
  const why = "it has to be named";
  const error = new CalibrationError(`no ${type} for ${path} — ${why}`, {
    hint: `name it with --ref ${type.toLowerCase()}=FILE`,
  });
  return { type, why, remedy: null, allowable: false, error };
}

/** Answers that say that there is no such reference, and not that the rules or the header are wrong. */
const NONE: ReadonlySet<string> = new Set(["noMatch", "invalidValue", "unknownType"]);

function resolveOne(
  key: string,
  { type, optional }: RefDecl,
  opened: Opened,
  answer: BestRef | undefined,
  calibrations: Calibrations,
  { overrides, allowMissing }: RefWishes,
): PlannedRef | Lack {
  const override = overrides[type] ?? overrides[key.toUpperCase()];
  if (override) {
    if (/^(n\/a|none|)$/i.test(override.value))
      return {
        key,
        type,
        path: null,
        sha256: null,
        from: "none",
        why: `${override.value || "none"} by ${override.origin}`,
      };
    calibrations.facts(override.value);
    return {
      key,
      type,
      path: override.value,
      sha256: calibrations.sha256(override.value),
      from: "override",
      why: override.origin,
    };
  }
  const nothing = `no ${type} reference for ${opened.path}`;
  const none = (why: string): PlannedRef => ({ key, type, path: null, sha256: null, from: "none", why });
  if (answer?.kind === "n/a") return { ...none(answer.why), from: "crds" };
  if (answer === undefined) {
    const context = calibrations.contextOf(opened);
    const why = noRules(type, opened, context);
    if (optional || allowMissing.has(type) || context !== null) return none(why);
    return lackOf(type, nothing, why, null);
  }
  if (answer.kind === "file") {
    const path = verifiedReference(calibrations.cache!, opened.instrument.observatory!, answer.name);
    if (path !== undefined)
      return {
        key,
        type,
        path,
        sha256: calibrations.sha256(path),
        from: "crds",
        why: answer.via.join(" → "),
      };
    if (allowMissing.has(type)) return none(`${answer.name} isn't in the cache (${allowMissing.get(type)!})`);
    return lackOf(
      type,
      nothing,
      `the rules choose ${answer.name}, which isn't in ${calibrations.cache!.path}`,
      `fetch it: iris crds sync --contexts ${calibrations.contextOf(opened)}`,
    );
  }
  if (allowMissing.has(type)) return none(`none found (${allowMissing.get(type)!})`);
  if (optional && answer.kind === "notFound" && NONE.has(answer.class))
    return none(`none found: ${answer.message}`);
  return lackOf(
    type,
    nothing,
    answer.kind === "notFound" ? answer.message : "several rules match with equal weight",
    `see why: iris crds explain ${opened.path} --type`,
  );
}

function noRules(type: string, { instrument }: Opened, context: string | null): string {
  const { name, observatory } = instrument;
  if (observatory === null)
    return `there are no calibration rules for ${name === "GENERIC" ? "a header without INSTRUME" : name}`;
  return context === null
    ? `the calibration cache has no rules of ${observatory}`
    : `${context} has no rules for ${type}`;
}

/** Why the rules give no reference of this type that could serve; undefined where they do, or where none applies. */
export function absence(
  type: string,
  opened: Opened,
  best: BestRef | undefined,
  calibrations: Calibrations,
): string | undefined {
  const { answer } = fittingAnswer({ type }, opened, best, calibrations);
  if (answer === undefined) return noRules(type, opened, calibrations.contextOf(opened));
  if (answer.kind === "notFound") return `the rules have none: ${answer.message}`;
  if (answer.kind !== "file") return undefined;
  const path = verifiedReference(calibrations.cache!, opened.instrument.observatory!, answer.name);
  if (path === undefined) return `the rules choose ${answer.name}, which isn't in the cache`;
  const misfit = shapeMisfit(calibrations.facts(path), opened.exposure, opened.axes);
  return misfit === undefined ? undefined : `the rules choose one that doesn't fit: ${misfit}`;
}
