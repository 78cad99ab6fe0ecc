/** Where a calibration cache keeps its files, steered by the CRDS_* environment variables. */
import { join } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;
export type CachePart = "mappings" | "references" | "config" | "pickles";

const partVariables: Record<CachePart, string> = {
  mappings: "CRDS_MAPPATH",
  references: "CRDS_REFPATH",
  config: "CRDS_CFGPATH",
  pickles: "CRDS_PICKLEPATH",
};

/** Folder of one part of a cache for one observatory: X_SINGLE, X/<obs>, CRDS_PATH_SINGLE/part, CRDS_PATH/part/<obs>. */
export function partFolder(root: string, env: Env, part: CachePart, observatory: string): string {
  const variable = partVariables[part];
  const single = env[`${variable}_SINGLE`];
  if (single) return single;
  const shared = env[variable];
  if (shared) return join(shared, observatory);
  if (env["CRDS_PATH_SINGLE"] === root) return join(root, part);
  return join(root, part, observatory);
}

/** Booleans of the environment: 0 1 true false t f. */
export const isTrue = (value: string | undefined): boolean => /^(1|t|true)$/i.test(value ?? "");
