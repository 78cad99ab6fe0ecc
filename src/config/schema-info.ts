/** What a parameter's valibot schema says: kind, default, choices, limits, description; for help, text values and docs. */
import type * as v from "valibot";

interface Action {
  kind: string;
  type: string;
  requirement?: unknown;
  description?: unknown;
}

type Schema = v.GenericSchema & {
  pipe?: readonly (Action | Schema)[];
  wrapped?: Schema;
  default?: unknown;
  options?: readonly unknown[];
  item?: Schema;
  /** Of a tuple; ours are of one kind. */
  items?: readonly Schema[];
  literal?: unknown;
};

export interface ParameterInfo {
  kind: "boolean" | "number" | "integer" | "text" | "choice" | "list" | "other";
  /** What it takes, in words: "true or false", "number ≥ 0", "utr, mcds or cds". */
  takes: string;
  /** null stands for "not set" and is a legal value. */
  nullable: boolean;
  /** undefined: it has to be given. */
  default: unknown;
  choices: readonly string[];
  description: string;
  /** Of a list. */
  item: ParameterInfo | null;
  /** Of a union that is no choice of words: a number or "auto". */
  alternatives: readonly ParameterInfo[];
}

const limitWords: Record<string, string> = {
  min_value: "≥",
  max_value: "≤",
  gt_value: ">",
  lt_value: "<",
};

const joinOr = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)!}`;

/** What a schema's pipe adds to its root; a root may itself have a pipe. */
function actionsOf(schema: Schema): Action[] {
  const [root, ...items] = schema.pipe ?? [];
  return [
    ...(root && "pipe" in root ? actionsOf(root) : []),
    ...items.filter((item): item is Action => item.kind !== "schema"),
  ];
}

interface Facts {
  base: Schema;
  nullable: boolean;
  default: unknown;
  description: string;
  limits: string[];
  integer: boolean;
}

/** Peels wrappers such as `optional`; what the outermost one says wins. */
function peel(schema: Schema): Facts {
  const actions = actionsOf(schema);
  const inner: Facts = schema.wrapped
    ? peel(schema.wrapped)
    : { base: schema, nullable: false, default: undefined, description: "", limits: [], integer: false };
  const said = actions.findLast((action) => action.type === "description")?.description;
  const limits = actions.filter((action) => action.type in limitWords);
  return {
    base: inner.base,
    nullable: inner.nullable || schema.type === "nullable" || schema.type === "nullish",
    default: schema.wrapped && schema.default !== undefined ? schema.default : inner.default,
    description: typeof said === "string" ? said : inner.description,
    limits: [
      ...inner.limits,
      ...limits.map(({ type, requirement }) => `${limitWords[type]!} ${String(requirement)}`),
    ],
    integer: inner.integer || actions.some((action) => /integer$/.test(action.type)),
  };
}

function choicesOf(base: Schema): string[] {
  if (base.type === "picklist") return base.options!.map(String);
  if (base.type === "literal") return [String(base.literal)];
  if (base.type !== "union") return [];
  const each = (base.options as readonly Schema[]).map(choicesOf);
  return each.every((choices) => choices.length > 0) ? each.flat() : [];
}

function kindOf(base: Schema, integer: boolean, choices: readonly string[]): ParameterInfo["kind"] {
  if (base.type === "boolean") return "boolean";
  if (base.type === "number") return integer ? "integer" : "number";
  if (choices.length > 0) return "choice";
  if (base.type === "string") return "text";
  return base.type === "array" || base.type === "tuple" ? "list" : "other";
}

/** Reads one entry of a step's `params`. */
export function parameterInfo(schema: v.GenericSchema): ParameterInfo {
  const facts = peel(schema as Schema);
  const { base, nullable, limits } = facts;
  const choices = choicesOf(base);
  const element = base.item ?? base.items?.[0];
  const item = element ? parameterInfo(element) : null;
  const length = base.items ? `${base.items.length} × ` : "";
  const kind = kindOf(base, facts.integer, choices);
  const alternatives = base.type === "union" ? (base.options as readonly Schema[]).map(parameterInfo) : [];
  const words: Record<ParameterInfo["kind"], string> = {
    boolean: "true or false",
    number: "number",
    integer: "whole number",
    text: "text",
    choice: joinOr(choices),
    list: `list of ${length}${item?.takes ?? "values"}`,
    other: joinOr(alternatives.map(({ takes }) => takes)) || base.type,
  };
  return {
    kind,
    takes: [words[kind], limits.join(" and ")].filter(Boolean).join(" ") + (nullable ? ", or None" : ""),
    nullable,
    default: typeof facts.default === "function" ? (facts.default as () => unknown)() : facts.default,
    choices,
    description: facts.description,
    item,
    alternatives,
  };
}

/** All parameters of a step by name. */
export function parametersOf(params: {
  entries: Readonly<Record<string, unknown>>;
}): Record<string, ParameterInfo> {
  return Object.fromEntries(
    Object.entries(params.entries).map(([name, schema]) => [name, parameterInfo(schema as v.GenericSchema)]),
  );
}
