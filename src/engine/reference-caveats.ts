/** What the user should know of the references of a product: those that it lacks, older ones, unfit ones. */
import { basename } from "node:path";
import type { RefFacts } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import type { PlannedRef, PlannedStep } from "./plan-types.js";

/**
 * A step that its missing reference keeps from running leaves a caveat: the user must not miss it. Where the rules say
 * that there is none for this instrument (N/A), nothing is missing. So does a step that was asked for.
 */
export function ofSkipped({ name, skip, asked, refs }: PlannedStep): Caveat[] {
  if (skip === null) return [];
  const absent = skip.startsWith("no ") ? refs.filter(({ path }) => path === null) : [];
  const message = `${name} skipped, ${skip}`;
  if (absent.some(({ from }) => from === "none")) return [{ code: "NO_REFERENCE", message }];
  return asked && absent.length === 0 ? [{ code: "SKIPPED", message }] : [];
}

/** The rules choose another one, which doesn't hold the exposure's window. */
export const olderReference = ({ type, path }: PlannedRef, misfit: string): Caveat => ({
  code: "OLDER_REFERENCE",
  message: `${type} ${path === null ? "none" : basename(path)} taken, for the rules choose one that doesn't fit: ${misfit}`,
});

/** Its maker has said by CALFIT that it isn't fit for use. */
export function unfitReference({ type }: PlannedRef, { name, header }: RefFacts): Caveat[] {
  const { CALFIT: fit, CALWHY: why = "no reason is given" } = header;
  return fit === false
    ? [{ code: "UNFIT_REFERENCE", message: `${type} ${name} isn't fit for use: ${String(why)}` }]
    : [];
}
