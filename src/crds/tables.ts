/** An observatory's own registry of types and its tables of allowed values, where a cache has them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RulesError } from "../errors.js";
import { configFolders, type Cache } from "./cache.js";
import { readTpn, type Constraint } from "./tpn.js";

/** Types by instrument, each with the word for it in names of tables; lower case. */
export type TypeRegistry = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `config/<observatory>/combined_specs.json`; null when there is none. */
export function readRegistry(cache: Cache, observatory: string): TypeRegistry | null {
  const path = firstOf(cache, observatory, "combined_specs.json");
  if (!path) return null;
  let specs: unknown;
  try {
    specs = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new RulesError(`can't read the registry of types: ${path} — not JSON`, { cause });
  }
  const types = (of: unknown): [string, string][] =>
    isObject(of)
      ? Object.entries(of).map(([type, spec]) => {
          const suffix = isObject(spec) && typeof spec["suffix"] === "string" ? spec["suffix"] : type;
          return [type.toLowerCase(), suffix.toLowerCase()];
        })
      : [];
  return new Map(
    Object.entries(isObject(specs) ? specs : {}).map(([instrument, of]) => [
      instrument.toLowerCase(),
      new Map(types(of)),
    ]),
  );
}

/**
 * What is asked of one type of an instrument, the most particular table first: `config/<observatory>/tpns/`
 * `iris_flat.tpn`, `all_flat.tpn`, `iris_all.tpn`, `all_all.tpn`.
 *
 * @param of "rules": the tables `…_ld.tpn` for the keys of rmaps come before the others
 */
export function readTables(
  cache: Cache,
  observatory: string,
  instrument: string,
  type: string,
  of: "rules" | "reference",
): Constraint[] {
  const suffix = readRegistry(cache, observatory)?.get(instrument)?.get(type) ?? type;
  const stems = [`${instrument}_${suffix}`, `all_${suffix}`, `${instrument}_all`, "all_all"];
  const ends = of === "rules" ? ["_ld.tpn", ".tpn"] : [".tpn"];
  const read = (name: string): string | undefined => {
    const path = firstOf(cache, observatory, join("tpns", name));
    return path === undefined ? undefined : readFileSync(path, "utf8");
  };
  return stems
    .flatMap((stem) => ends.map((end) => stem + end))
    .filter((name) => read(name) !== undefined)
    .flatMap((name) => readTpn(name, read));
}

const firstOf = (cache: Cache, observatory: string, name: string): string | undefined =>
  configFolders(cache, observatory)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
