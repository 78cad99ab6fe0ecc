/** A plan for people: each product with its steps and reasons, then the references with why, then what can't be done. */
import { basename } from "node:path";
import type { Plan, PlannedProduct, PlannedStep } from "../../engine/plan-types.js";
import type { Exposure } from "../../data/exposure.js";
import { fromHere, shorten } from "../paths.js";
import type { Style } from "./style.js";
import { count, cutLeft, formatTable } from "./table.js";

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

const facts = ({ detector, filter, obstype, exptime }: Exposure): string =>
  [detector, filter, obstype, Number.isFinite(exptime) && exptime > 0 ? `${exptime} s` : ""]
    .filter((word) => word !== "" && word !== "N/A")
    .join(" ");

/** "raw/0007.fits", "raw/0001.fits and 4 others". */
function inputsOf({ inputs }: PlannedProduct, cwd: string): string {
  const first = cutLeft(fromHere(inputs[0]!.path, cwd), 48);
  return inputs.length === 1 ? first : `${first} and ${count(inputs.length - 1, "other")}`;
}

/** All steps on the way to a product, those of its inputs first. */
const stepsOf = (product: PlannedProduct): PlannedStep[] => [
  ...(product.inputs[0]?.steps ?? []),
  ...product.steps,
];

function whyOf({ reasons, detail }: PlannedProduct): string {
  if (reasons.length === 0) return "up to date";
  const words = reasons.map((reason) => reasonWords[reason]).join(", ");
  return detail === "" ? words : `${words}: ${detail}`;
}

function wrapChain(names: readonly string[], indent: string, width: number, arrow: string): string[] {
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

function productLines(product: PlannedProduct, { style, cwd, width, wide }: PlanView): string[] {
  if (product.reasons.length === 0 && !wide) return [];
  const indent = "    ";
  const steps = stepsOf(product);
  const running = steps.filter(({ skip }) => skip === null).map(({ name }) => name);
  const lines = wrapChain(running, indent, width, style.arrow);
  for (const [role, members] of Object.entries(product.members))
    lines.push(`${indent}${role}: ${members.map(({ path }) => fromHere(path, cwd)).join(" ")}`);
  for (const { name, skip } of steps)
    if (skip !== null) lines.push(style.dim(`${indent}without ${name}: ${skip}`));
  if (wide)
    for (const { name, params } of steps)
      for (const [key, { value, origin }] of Object.entries(params))
        if (origin !== "default")
          lines.push(style.dim(`${indent}${name}.${key} = ${JSON.stringify(value)}, ${origin}`));
  for (const sentence of product.inputs.flatMap(({ exposure }) => exposure.assumed))
    lines.push(`${indent}${style.caution} ${sentence}`);
  lines.push(`${indent}${style.arrow} ${fromHere(product.output, cwd)}`);
  return lines;
}

/** Each reference once, with the rule that chose it (the whole chain of rules with -v) and how many use it. */
function referenceLines(products: readonly PlannedProduct[], { wide }: PlanView): string[] {
  const uses = new Map<string, { cells: string[]; products: Set<PlannedProduct> }>();
  for (const product of products) {
    const members = Object.values(product.members).flat();
    for (const step of [...stepsOf(product), ...members.flatMap(({ steps }) => steps)])
      for (const { type, path, why } of step.skip === null ? step.refs : []) {
        const key = [type, path, why].join("\n");
        const rule = wide ? why : why.split(" → ").at(-1)!;
        const use = uses.get(key) ?? {
          cells: [type, path === null ? "none" : basename(path), rule],
          products: new Set(),
        };
        use.products.add(product);
        uses.set(key, use);
      }
  }
  if (uses.size === 0) return [];
  const rows = [...uses.values()].map(({ cells, products: users }) => [
    ...cells,
    users.size === products.length ? "" : count(users.size, "product"),
  ]);
  return ["references", formatTable(rows)];
}

/** The whole plan as text. */
export function formatPlan(plan: Plan, view: PlanView): string {
  const { style, cwd } = view;
  const work = plan.products.filter(({ reasons }) => reasons.length > 0);
  const runs = work.flatMap(stepsOf).filter(({ skip }) => skip === null).length;
  const head = [
    plan.context === null ? "" : `context ${plan.context}`,
    count(plan.products.length + plan.problems.length, "exposure"),
    plan.products.length > work.length ? `${plan.products.length - work.length} up to date` : "",
    count(runs, "step run"),
  ];
  const table = formatTable(
    plan.products.map((product) => [
      inputsOf(product, cwd),
      facts(product.inputs[0]!.exposure),
      product.pipeline,
      whyOf(product),
    ]),
  ).split("\n");
  const lines = [head.filter(Boolean).join(` ${style.dot} `), ""];
  for (const [i, product] of plan.products.entries()) lines.push(table[i]!, ...productLines(product, view));
  const references = referenceLines(plan.products, view);
  if (references.length > 0) lines.push("", ...references);
  for (const { input, message, hint } of plan.problems) {
    const [who, said] = [fromHere(input, cwd), shorten(message, cwd)];
    lines.push("", `${style.fail} ${said.includes(who) ? said : `${who}: ${said}`}`);
    if (hint !== null) lines.push(`  hint: ${shorten(hint, cwd)}`);
  }
  if (plan.problems.length > 0)
    lines.push("", `${count(plan.problems.length, "exposure")} cannot be reduced.`);
  return lines.join("\n");
}
