/** The calibration rules and files that a plan looks into, each opened once and when it is first needed. */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { observatoriesIn } from "../crds/cache.js";
import { loadContext } from "../crds/context.js";
import { bestrefs, findCache, resolveContext, type BestRef, type Cache } from "../crds/index.js";
import { CalibrationError, isIrisError } from "../errors.js";
import type { Host } from "../host.js";
import { bundledCache } from "../package.js";
import type { RefFacts } from "../step/define.js";
import { sha256File, type HashMemory } from "./hashes.js";
import type { Opened } from "./inputs.js";
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
