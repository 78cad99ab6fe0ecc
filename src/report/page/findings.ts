/** What is said of several products, said once: calibrations with who used them and why, warnings, common facts. */
import { basename } from "node:path";
import type { PlannedProduct, PlannedRef, PlannedStep } from "../../engine/plan-types.js";
import type { ProductFacts } from "./facts.js";

export interface UsedCalibration {
  type: string;
  /** null: none applies, or the user allowed it to be missing. */
  path: string | null;
  name: string;
  sha256: string | null;
  from: PlannedRef["from"];
  why: string;
  steps: string[];
  /** Indices of the products. */
  users: number[];
}

/** All steps that a product has been through, those of its first exposure before they join. */
export const stepsOf = ({ inputs, steps }: PlannedProduct): PlannedStep[] => [...inputs[0]!.steps, ...steps];

/** Calibrations by type and file, in the order in which they were used. Steps that didn't run used none. */
export function calibrationsOf(products: readonly ProductFacts[]): UsedCalibration[] {
  const used = new Map<string, UsedCalibration>();
  products.forEach(({ record }, index) => {
    for (const { name, refs, skip } of stepsOf(record.product)) {
      if (skip !== null) continue;
      for (const { type, path, sha256, from, why } of refs) {
        const key = [type, path, sha256, why].join("\0");
        let item = used.get(key);
        if (!item) {
          const said = path === null ? "none" : basename(path);
          used.set(key, (item = { type, path, name: said, sha256, from, why, steps: [], users: [] }));
        }
        if (!item.steps.includes(name)) item.steps.push(name);
        if (item.users.at(-1) !== index) item.users.push(index);
      }
    }
  });
  return [...used.values()].sort((a, b) => Number(a.path === null) - Number(b.path === null));
}

export interface Warning {
  code: string;
  message: string;
  users: number[];
}

/** Equal words over many products are one warning. */
export function warningsOf(products: readonly ProductFacts[]): Warning[] {
  const said = new Map<string, Warning>();
  products.forEach(({ caveats }, index) => {
    for (const { code, message } of caveats) {
      const key = `${code}\0${message}`;
      const had = said.get(key);
      if (!had) said.set(key, { code, message, users: [index] });
      else if (had.users.at(-1) !== index) had.users.push(index);
    }
  });
  return [...said.values()];
}

/** A column of the table of products. */
export interface Column {
  title: string;
  /** Values that are numbers are set right. */
  numeric?: boolean;
  of(product: ProductFacts): string;
}

/** What all products agree on belongs above a table, not into every row of it. */
export function splitCommon(
  products: readonly ProductFacts[],
  columns: readonly Column[],
): { common: { title: string; value: string }[]; varying: Column[] } {
  const common: { title: string; value: string }[] = [];
  const varying: Column[] = [];
  for (const column of columns) {
    const values = new Set(products.map((product) => column.of(product)));
    if (values.size > 1) varying.push(column);
    else for (const value of values) if (value !== "") common.push({ title: column.title, value });
  }
  return { common, varying };
}
