/** A plan for people: each product with its steps and reasons, then the references with why, then what can't be done. */
import type { Passed, Plan, PlannedProduct, Problem } from "../../engine/plan-types.js";
import type { Exposure } from "../../data/exposure.js";
import { fromHere, shorten } from "../paths.js";
import { nightLines } from "./night.js";
import { referenceLines } from "./references.js";
import { stepsOf, whyOf, withoutLines, wrapChain, type PlanView } from "./planned-product.js";
import { count, cutLeft, formatTable } from "./table.js";

const facts = ({ detector, filter, obstype, exptime }: Exposure): string =>
  [detector, filter, obstype, Number.isFinite(exptime) && exptime > 0 ? `${exptime} s` : ""]
    .filter((word) => word !== "" && word !== "N/A")
    .join(" ");

/** "raw/0007.fits", "raw/0001.fits and 4 others". */
function inputsOf({ inputs }: PlannedProduct, cwd: string): string {
  const first = cutLeft(fromHere(inputs[0]!.path, cwd), 48);
  return inputs.length === 1 ? first : `${first} and ${count(inputs.length - 1, "other")}`;
}

function productLines(product: PlannedProduct, { style, cwd, width, wide }: PlanView): string[] {
  if (product.reasons.length === 0 && !wide) return [];
  const indent = "    ";
  const steps = stepsOf(product);
  const running = steps.filter(({ skip }) => skip === null).map(({ name }) => name);
  const lines = wrapChain(running, indent, width, style.arrow);
  for (const [role, members] of Object.entries(product.members))
    lines.push(`${indent}${role}: ${members.map(({ path }) => fromHere(path, cwd)).join(" ")}`);
  lines.push(...withoutLines(steps, indent, { style, width, wide }));
  if (wide) for (const sentence of product.because ?? []) lines.push(style.dim(`${indent}${sentence}`));
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

/** Files that the plan itself doesn't make. */
function exposuresIn({ products }: Plan): number {
  const made = new Set(products.map(({ output }) => output));
  const files = products.flatMap(({ inputs, members }) => [...inputs, ...Object.values(members).flat()]);
  return new Set(files.map(({ path }) => path).filter((path) => !made.has(path))).size;
}

/** The whole plan as text. */
export function formatPlan(plan: Plan, view: PlanView): string {
  const { style } = view;
  const work = plan.products.filter(({ reasons }) => reasons.length > 0);
  const runs = work.flatMap(stepsOf).filter(({ skip }) => skip === null).length;
  const isNight = plan.products.some(({ stage }) => stage !== undefined);
  const failing = new Set(plan.problems.map(({ input }) => input)).size;
  const head = [
    plan.context === null ? "" : `context ${plan.context}`,
    isNight
      ? `${count(exposuresIn(plan), "exposure")} to ${count(plan.products.length, "product")}`
      : count(plan.products.length + failing, "exposure"),
    plan.products.length > work.length ? `${plan.products.length - work.length} up to date` : "",
    count(runs, "step run"),
  ];
  const lines = [head.filter(Boolean).join(` ${style.dot} `)];
  const isFolded = isNight && !view.wide;
  if (isFolded) lines.push(...nightLines(plan.products, view));
  else lines.push("", ...plainLines(plan.products, view));
  const references = referenceLines(plan.products, { ...view, isFolded });
  if (references.length > 0) lines.push("", ...references);
  lines.push(...passedLines(plan.passed, view), ...problemLines(plan.problems, view));
  if (plan.problems.length > 0) lines.push("", `${count(failing, "exposure")} cannot be reduced.`);
  return lines.join("\n");
}

/** Each product by itself. */
function plainLines(products: readonly PlannedProduct[], view: PlanView): string[] {
  if (products.length === 0) return [];
  const table = formatTable(
    products.map((product) => [
      inputsOf(product, view.cwd),
      product.title ?? facts(product.inputs[0]!.exposure),
      product.pipeline,
      whyOf(product),
    ]),
  ).split("\n");
  return products.flatMap((product, i) => [table[i]!, ...productLines(product, view)]);
}

/** Files that have no part in the plan, by reason. */
function passedLines(passed: readonly Passed[], { style, cwd, wide }: PlanView): string[] {
  if (passed.length === 0) return [];
  const reasons = new Map<string, string[]>();
  for (const { input, why } of passed) {
    const kind = why.startsWith("a product of") && !wide ? "a product of files found here, too" : why;
    reasons.set(kind, [...(reasons.get(kind) ?? []), fromHere(input, cwd)]);
  }
  const rows = [...reasons].map(([why, [first, ...others]]) => [
    others.length === 0 ? cutLeft(first!, 48) : `${cutLeft(first!, 48)} and ${count(others.length, "other")}`,
    why,
  ]);
  return ["", "passed over", style.dim(formatTable(rows))];
}

/** What can't be done; said once for exposures that differ by nothing else. */
function problemLines(problems: readonly Problem[], { style, cwd }: PlanView): string[] {
  const kinds = new Map<string, Problem[]>();
  for (const problem of problems) {
    const kind = `${problem.code} ${problem.message.replaceAll(problem.input, "")}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), problem]);
  }
  return [...kinds.values()].flatMap(([first, ...others]) => {
    const { input, message, hint } = first!;
    const [who, said] = [fromHere(input, cwd), shorten(message, cwd)];
    return [
      "",
      `${style.fail} ${said.includes(who) ? said : `${who}: ${said}`}`,
      ...(others.length === 0
        ? []
        : [
            `  and so ${count(others.length, "other")}: ${others.map((each) => fromHere(each.input, cwd)).join(" ")}`,
          ]),
      ...(hint === null ? [] : [`  hint: ${shorten(hint, cwd)}`]),
    ];
  });
}
