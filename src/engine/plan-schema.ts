/** The shape of a plan that was read from a file: which keys it has, and what they take. */
import * as v from "valibot";
import { suggestion } from "../config/suggestion.js";
import { wrong } from "../config/parameters.js";
import type { Assembly } from "../data/assembly.js";
import type { Exposure } from "../data/exposure.js";
import type { Layout } from "../data/layout.js";
import type { ExtraPlane } from "../step/define.js";
import type { Reframe } from "../step/reframe.js";
import type { OutputGrid } from "../step/regrid.js";
import { stages, type Plan, type PlannedInput, type PlannedProduct, type PlannedStep } from "./plan-types.js";

/** What `iris` finds out for itself, and nobody writes by hand. */
const found = <T>() => v.custom<T>(() => true);

const text = v.string();
const textOrNull = v.nullable(text);
const kind = v.picklist(["ramp", "rate", "image"]);
const caveat = v.strictObject({ code: text, message: text });
const setting = v.strictObject({ value: v.unknown(), origin: text });

const reference = v.strictObject({
  key: text,
  type: text,
  path: textOrNull,
  sha256: textOrNull,
  from: v.picklist(["crds", "override", "none"]),
  why: text,
});

const step = v.strictObject({
  name: text,
  module: textOrNull,
  version: v.number(),
  status: text,
  skip: textOrNull,
  asked: v.exactOptional(v.literal(true)),
  params: v.record(text, setting),
  refs: v.array(reference),
  reframe: v.exactOptional(found<Reframe>()),
});

const input = v.strictObject({
  path: text,
  kind,
  exposure: found<Exposure>(),
  tags: v.array(text),
  layout: v.exactOptional(found<Layout>()),
  assembly: v.exactOptional(found<Assembly>()),
  steps: v.array(step),
});

const unless = v.strictObject({ file: text, keyword: text, instead: text });

const reason = v.picklist([
  "missing",
  "inputChanged",
  "paramsChanged",
  "refsChanged",
  "codeChanged",
  "forced",
  "upstream",
]);

const product = v.strictObject({
  title: v.exactOptional(text),
  stage: v.exactOptional(v.picklist(stages)),
  because: v.exactOptional(v.array(text)),
  unless: v.exactOptional(unless),
  spared: v.exactOptional(text),
  inputs: v.pipe(v.array(input), v.minLength(1)),
  steps: v.array(step),
  members: v.record(text, v.array(input)),
  pipeline: text,
  output: text,
  quicklook: textOrNull,
  beside: v.exactOptional(v.array(text)),
  kind,
  uncached: v.exactOptional(v.literal(true)),
  joint: v.exactOptional(v.literal(true)),
  noVariances: v.exactOptional(v.literal(true)),
  planes: v.exactOptional(v.number()),
  extras: v.exactOptional(v.array(found<ExtraPlane>())),
  grid: v.exactOptional(found<OutputGrid>()),
  suffix: text,
  level: found<number>(),
  context: v.exactOptional(textOrNull),
  keywords: v.record(text, v.union([text, v.number(), v.boolean()])),
  caveats: v.array(caveat),
  fingerprint: textOrNull,
  reasons: v.array(reason),
  detail: text,
});

const problem = v.strictObject({
  input: text,
  code: text,
  message: text,
  hint: textOrNull,
  exit: v.picklist([1, 2, 3]),
});

const planSchema = v.strictObject({
  v: v.literal(1),
  type: v.literal("plan"),
  context: textOrNull,
  observatory: textOrNull,
  cache: textOrNull,
  command: text,
  products: v.array(product),
  problems: v.array(problem),
  passed: v.optional(v.array(v.strictObject({ input: text, why: text })), []),
});

// The compiler's word that no key of the types is left out here; that their values fit, `parsePlan` returns.
planSchema.entries satisfies Record<keyof Plan, unknown>;
product.entries satisfies Record<keyof PlannedProduct, unknown>;
input.entries satisfies Record<keyof PlannedInput, unknown>;
step.entries satisfies Record<keyof PlannedStep, unknown>;

/** The plan, every key and type checked. `origin`: where it stands. @throws ConfigError */
export function parsePlan(value: unknown, origin: string): Plan {
  const parsed = v.safeParse(planSchema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const path = issue.path ?? [];
  const key = String(path.at(-1)?.key);
  const place = path.slice(0, -1).flatMap(({ value: at, key: name }) => nameOf(at, name) ?? []);
  const where = place.length === 0 ? "" : `${place.reverse().join(" of ")}: `;
  throw wrong(
    origin,
    `cannot use this plan: ${where}${whyOf(issue, key)}`,
    "plan anew: iris plan FILES -o plan.json",
  );
}

function whyOf({ path, expected, received }: v.BaseIssue<unknown>, key: string): string {
  const keys = path?.map((item) => item.key) ?? [];
  if (expected === "never") {
    const known = Object.keys(schemaAt(keys.slice(0, -1)).entries ?? {});
    return `there is no "${key}"${suggestion(key, known)}`;
  }
  return received === "undefined"
    ? `"${key}" is missing`
    : `"${key}" can't be ${received} — it takes ${takes(schemaAt(keys), expected)}`;
}

interface AnySchema {
  type: string;
  entries?: Record<string, AnySchema>;
  item?: AnySchema;
  value?: AnySchema;
  wrapped?: AnySchema;
}

function schemaAt(keys: readonly unknown[]): AnySchema {
  let at: AnySchema = planSchema;
  for (const key of keys) {
    const { entries, item, value } = at.wrapped ?? at;
    at = entries?.[String(key)] ?? item ?? value!;
  }
  return at;
}

const takes = ({ type, wrapped, entries }: AnySchema, expected: string | null): string =>
  type === "nullable"
    ? `${takes(wrapped!, expected)} or null`
    : entries
      ? `{ ${Object.keys(entries).join(", ")} }`
      : String(expected);

/** What stands at a place of a plan, by the name that it has; lists have none. */
function nameOf(at: unknown, key: unknown): string | undefined {
  if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
  const { name, output, path } = at as Record<string, unknown>;
  const own = [name, output, path, key].find((each) => typeof each === "string");
  return own === undefined ? `no. ${Number(key) + 1}` : own.slice(own.lastIndexOf("/") + 1);
}
