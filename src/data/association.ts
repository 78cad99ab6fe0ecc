/** Associations: JSON that says which exposures belong together and in which role. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import * as v from "valibot";
import { ConfigError, InputError } from "../errors.js";

export interface AssociationMember {
  /** Absolute. */
  path: string;
  role: Role;
}

export interface AssociationProduct {
  /** Base name of the product; null to take it from the science member. */
  name: string | null;
  members: AssociationMember[];
}

export interface Association {
  /** The file, absolute. */
  path: string;
  /** ASNTABLE, ASNPOOL, ASNTYPE of the products' headers. */
  table: string;
  pool: string | null;
  type: string | null;
  products: AssociationProduct[];
}

/** Roles of members, FRAMEWORK §10; the last are those of the telescope's own associations. */
export const roles = [
  "science",
  "background",
  "imprint",
  "sourcecat",
  "segmap",
  "direct_image",
  "dark",
  "flat",
  "psf",
  "target_acquisition",
  "engineering",
  "arc",
] as const;

export type Role = (typeof roles)[number];

/** Other words for the roles: the dictionary form of Liger, and `sky`. */
const synonyms: Readonly<Record<string, Role>> = { sci: "science", sky: "background" };

const text = v.pipe(v.string(), v.nonEmpty("is empty"));

const TableSchema = v.looseObject({
  asn_type: v.nullish(v.string()),
  asn_pool: v.nullish(v.string()),
  products: v.pipe(
    v.array(
      v.looseObject({
        name: v.nullish(text),
        members: v.pipe(
          v.array(v.looseObject({ expname: text, exptype: text })),
          v.nonEmpty("has no members"),
        ),
      }),
    ),
    v.nonEmpty("is empty"),
  ),
});

const DictionarySchema = v.record(v.string(), v.union([text, v.array(text)]));

type Table = v.InferOutput<typeof TableSchema>;

function check<S extends v.GenericSchema>(schema: S, value: unknown, path: string): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const { message } = parsed.issues[0];
  const at = v.getDotPath(parsed.issues[0]) ?? "the association";
  throw new ConfigError(`cannot use ${basename(path)} as an association: ${at} — ${message}`, {
    hint: "an association needs products, each with members, each with expname and exptype",
  });
}

function roleOf(word: string, path: string): Role {
  const role = synonyms[word.toLowerCase()] ?? (word.toLowerCase() as Role);
  if (roles.includes(role)) return role;
  throw new ConfigError(`cannot use ${basename(path)} as an association: "${word}" is no exposure type`, {
    hint: `exposure types: ${roles.join(", ")}`,
  });
}

/** `{"SCI": […], "SKY": […]}`: a product for every science file, each with all the others as members. */
function tableOfDictionary(files: v.InferOutput<typeof DictionarySchema>, path: string): Table {
  const science: string[] = [];
  const others: Table["products"][number]["members"] = [];
  for (const [word, named] of Object.entries(files))
    for (const expname of [named].flat())
      if (roleOf(word, path) === "science") science.push(expname);
      else others.push({ expname, exptype: word });
  return { products: science.map((expname) => ({ members: [{ expname, exptype: "science" }, ...others] })) };
}

/**
 * An association from its parsed JSON. Members are sought beside the file, then, when they have a folder, from `cwd`.
 * Throws ConfigError for a wrong structure; says nothing on files that don't exist.
 */
export function parseAssociation(value: unknown, path: string, cwd: string): Association {
  const isTable = typeof value === "object" && value !== null && "products" in value;
  const table = isTable
    ? check(TableSchema, value, path)
    : tableOfDictionary(check(DictionarySchema, value, path), path);
  if (table.products.length === 0)
    throw new ConfigError(`cannot use ${basename(path)} as an association: it names no science exposure`);
  const locate = (expname: string) => {
    const beside = resolve(dirname(path), expname);
    const here = resolve(cwd, expname);
    return !isAbsolute(expname) && dirname(expname) !== "." && !existsSync(beside) && existsSync(here)
      ? here
      : beside;
  };
  return {
    path,
    table: basename(path),
    pool: table.asn_pool ?? null,
    type: table.asn_type ?? null,
    products: table.products.map(({ name, members }) => ({
      name: name ?? null,
      members: members.map(({ expname, exptype }) => ({
        path: locate(expname),
        role: roleOf(exptype, path),
      })),
    })),
  };
}

/** Reads a JSON file that is an input; ConfigError where it isn't JSON. */
export function readJson(path: string): unknown {
  const content = readFileSync(path, "utf8");
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new ConfigError(`cannot read ${basename(path)} as JSON`, { cause });
  }
}

/** All members that aren't there, in one InputError. */
export function checkMembers(association: Association, cwd: string): void {
  const members = new Set(association.products.flatMap((product) => product.members.map(({ path }) => path)));
  const missing = [...members].filter((path) => !existsSync(path)).map((path) => relative(cwd, path) || path);
  if (missing.length === 0) return;
  throw new InputError(
    `${association.table} names ${missing.length} of ${members.size} files that don't exist: ${missing.join(", ")}`,
    { hint: "paths in an association are relative to the association file" },
  );
}

/** An association from its file, every member of it there. */
export function readAssociation(path: string, cwd: string): Association {
  const association = parseAssociation(readJson(path), path, cwd);
  checkMembers(association, cwd);
  return association;
}
