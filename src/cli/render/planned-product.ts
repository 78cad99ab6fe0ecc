/** Parts of a plan in words: why a product is made, by which steps, and without which. */
import { basename } from "node:path";
import type { PlannedProduct, PlannedStep } from "../../engine/plan-types.js";
import type { Style } from "./style.js";

export interface PlanView {
  style: Style;
  cwd: string;
  width: number;
  /** Show parameters that aren't defaults, and the steps of products that are up to date. */
  wide: boolean;
}

const reasonWords: Record<PlannedProduct["reasons"][number], string> = {
  missing: "not made yet",
  inputChanged: "input changed",
  paramsChanged: "parameters changed",
  refsChanged: "references changed",
  codeChanged: "step is newer",
  forced: "forced",
  upstream: "what it is made from changes",
};

/** All steps on the way to a product, those of its inputs first. */
export const stepsOf = (product: PlannedProduct): PlannedStep[] => [
  ...(product.inputs[0]?.steps ?? []),
  ...product.steps,
];

export function whyOf({ reasons, detail, spared }: PlannedProduct): string {
  if (spared !== undefined) return `not needed: ${basename(spared)} stands for it`;
  if (reasons.length === 0) return "up to date";
  const words = reasons.map((reason) => reasonWords[reason]).join(", ");
  return detail === "" ? words : `${words}: ${detail}`;
}

export function wrapChain(names: readonly string[], indent: string, width: number, arrow: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const [i, name] of names.entries()) {
    const piece = i === 0 ? name : ` ${arrow} ${name}`;
    if (line !== "" && indent.length + line.length + piece.length > width) {
      lines.push(indent + line);
      line = `${arrow} ${name}`;
    } else line += piece;
  }
  return line === "" ? lines : [...lines, indent + line];
}

/** The steps that don't run: their names in one line, with -v each with its reason. */
export function withoutLines(
  steps: readonly PlannedStep[],
  indent: string,
  { style, width, wide }: Pick<PlanView, "style" | "width" | "wide">,
): string[] {
  const without = steps.filter(({ skip }) => skip !== null);
  if (wide) return without.map(({ name, skip }) => style.dim(`${indent}without ${name}: ${skip!}`));
  const names = without.map(({ name }) => name);
  if (names.length === 0) return [];
  const words = [`without ${names[0]!}`, ...names.slice(1), "(why: -v)"];
  return wrapWords(
    words.map((word, i) => (i < names.length - 1 ? `${word},` : word)),
    indent,
    width,
  ).map(style.dim);
}

function wrapWords(words: readonly string[], indent: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length + 1 > width) lines.push(indent + word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
