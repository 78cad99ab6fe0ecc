/** Resolves every reference before the first pixel: overrides first, then the calibration rules; each is opened and hashed. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { observatoriesIn } from "../crds/cache.js";
import { loadContext } from "../crds/context.js";
import {
  bestrefs,
  findCache,
  verifiedReference,
  resolveContext,
  type BestRef,
  type Cache,
} from "../crds/index.js";
import { CalibrationError, isIrisError } from "../errors.js";
import type { Host } from "../host.js";
import type { AnyStep, RefDecl, RefDecls, RefFacts } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import { bundledCache } from "../package.js";
import { fittingAnswer } from "./fitting-reference.js";
import { sha256File, type HashMemory } from "./hashes.js";
import type { Opened } from "./inputs.js";
import { lackOf, orLack, type Lack } from "./missing-references.js";
import { misfitOf, shapeMisfit } from "./misfit.js";
import type { PlannedRef } from "./plan-types.js";
import { olderReference, unfitReference } from "./reference-caveats.js";
import {
  isAsdf,
  isTextTable,
  openReference,
  readArrayReference,
  readTableReference,
  sizeOfReference,
} from "./reference-source.js";

export interface Calibrations {
  cache: Cache | null;
  context: string | null;
  /** Context whose rules were asked for this exposure; null when none were. */
  contextOf(opened: Opened): string | null;
  /** Best references of one exposure for these types, looked up once; as if the files `without` didn't exist. */
  best(opened: Opened, types: readonly string[], without?: readonly string[]): Record<string, BestRef>;
  facts(path: string): RefFacts;
  /** null for a reference that this plan makes: it is hashed when it is there. */
  sha256(path: string): string | null;
  /** What is known of a reference that this plan makes. */
  foresee(path: string, facts: RefFacts): void;
}

interface Rules {
  cache: Cache;
  context: string;
}

/** Opens the cache when a reference or a parameter file is first looked up: runs without any need none. */
export function openCalibrations(
  host: Host,
  memory: HashMemory,
  contextSpec: string | undefined,
): Calibrations {
  const opened = new Map<string, RefFacts>();
  const foreseen = new Set<string>();
  const states = new Map<string, Rules | null>();
  const isNamed = Boolean(contextSpec ?? host.env["CRDS_CONTEXT"] ?? host.env["CRDS_OBSERVATORY"]);
  const first = () => [...states.values()].find((rules) => rules !== null);
  const rulesOf = ({ instrument, header }: Opened): Rules | null => {
    const { observatory } = instrument;
    if (observatory === null) return null;
    const known = states.get(observatory);
    if (known !== undefined) return known;
    const cache = first()?.cache ?? findCache(host, bundledCache);
    const isOwn = !isNamed && observatoriesIn(cache).includes(observatory);
    const own = isOwn ? { ...cache, observatory } : cache;
    const rules = { cache: own, context: resolveContext(own, contextSpec) };
    // Another observatory's rules serve when they know the instrument, or when the user has named them.
    const names = [instrument.name, String(header["INSTRUME"] ?? "")].map((name) => name.toLowerCase());
    const { instruments } = loadContext(own, rules.context);
    const serves = isOwn || isNamed || names.some((name) => instruments.has(name));
    states.set(observatory, serves ? rules : null);
    return serves ? rules : null;
  };
  return {
    get cache() {
      return first()?.cache ?? null;
    },
    get context() {
      return first()?.context ?? null;
    },
    contextOf: ({ instrument }) => states.get(instrument.observatory ?? "")?.context ?? null,
    best(input, types, without = []) {
      const rules = types.length === 0 ? null : rulesOf(input);
      if (!rules) return {};
      const { instrument, exposure, header } = input;
      const theirs = new Map(
        types.map((type) => [(instrument.reftypes?.[type] ?? type).toLowerCase(), type.toLowerCase()]),
      );
      const theirHeader = instrument.crdsHeader(exposure, header);
      const found = bestrefs(rules.cache, rules.context, theirHeader, [...theirs.keys()], { without });
      return Object.fromEntries(
        Object.entries(found).map(([type, best]) => [theirs.get(type) ?? type, best]),
      );
    },
    facts(path) {
      const known = opened.get(path);
      if (known) return known;
      const facts = readFacts(path);
      opened.set(path, facts);
      return facts;
    },
    foresee(path, facts) {
      opened.set(path, facts);
      foreseen.add(path);
    },
    sha256(path) {
      if (foreseen.has(path)) return null;
      const known = memory.get(path, "sha256");
      if (known) return known;
      const hash = sha256File(path);
      memory.set(path, "sha256", hash);
      return hash;
    },
  };
}

/** NAXIS, header and planes of a reference. Throws CalibrationError when it can't be read. */
export function readFacts(path: string): RefFacts {
  if (!existsSync(path))
    throw new CalibrationError(`cannot read reference ${path} — no such file`, {
      hint: "name another with --ref TYPE=FILE",
    });
  try {
    if (isTextTable(path)) return readTableReference(path);
    if (isAsdf(path)) return readArrayReference(path);
    const source = openReference(path);
    const { file, sci, dq, table, header } = source;
    file.close();
    if (table) return { name: basename(path), nx: 0, ny: 0, nz: 0, header };
    if (!sci && !dq)
      throw new CalibrationError(`cannot use reference ${path} — it holds neither image nor table`);
    const { nx, ny, planes } = sizeOfReference(source);
    return { name: basename(path), nx, ny, nz: planes, header };
  } catch (cause) {
    if (!isIrisError(cause) || cause instanceof CalibrationError) throw cause;
    throw new CalibrationError(`cannot read reference ${path} — ${cause.message}`, {
      cause,
      hint: "fetch it again or name another with --ref TYPE=FILE",
    });
  }
}

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
