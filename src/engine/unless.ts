/** Rounds that aren't needed: products that others stand for. */
import { existsSync } from "node:fs";
import { getValue } from "../fits/index.js";
import { openFile } from "./inputs.js";
import type { PlannedInput, PlannedProduct, PlannedStep } from "./plan-types.js";

/** Product → what stands for it. */
export type StandIns = Map<string, string>;

/** What stands for the product, if the file that decides says that it isn't needed; null: it is, or nothing is known yet. */
export function spareOf({ unless }: PlannedProduct, standIns: StandIns): string | null {
  if (!unless) return null;
  const file = standIns.get(unless.file) ?? unless.file;
  if (!existsSync(file)) return null;
  const open = openFile(file);
  try {
    if (getValue(open.hdus[0]!.header, unless.keyword) !== true) return null;
    return standIns.get(unless.instead) ?? unless.instead;
  } finally {
    open.close();
  }
}

/** The product as it is made of other files: `place` gives the new path of each. */
export function withPaths(product: PlannedProduct, place: (path: string) => string): PlannedProduct {
  const step = (each: PlannedStep): PlannedStep => ({
    ...each,
    refs: each.refs.map((ref) => {
      const path = ref.path === null ? null : place(ref.path);
      return path === ref.path ? ref : { ...ref, path, sha256: null };
    }),
  });
  const input = (each: PlannedInput): PlannedInput => ({
    ...each,
    path: place(each.path),
    steps: each.steps.map(step),
  });
  return {
    ...product,
    inputs: product.inputs.map(input),
    members: Object.fromEntries(
      Object.entries(product.members).map(([role, given]) => [role, given.map(input)]),
    ),
    steps: product.steps.map(step),
  };
}

/** The product as it is made where others stand for some that it was planned with; itself where none does. */
export const withStandIns = (product: PlannedProduct, standIns: StandIns): PlannedProduct =>
  standIns.size === 0 ? product : withPaths(product, (path) => standIns.get(path) ?? path);
