/** The plan of a night for people: products that are made alike stand together, over detectors and exposures. */
import { stages, type PlannedProduct } from "../../engine/plan-types.js";
import { fromHere } from "../paths.js";
import { stepsOf, whyOf, withoutLines, wrapChain, type PlanView } from "./planned-product.js";
import { count, cutLeft } from "./table.js";

const INDENT = "    ";
/** How far apart two exposures are: what differs among products that are made alike. */
const APART = /(\d+(?:\.\d+)? (?:s|min|h|d)) apart/g;
const MOMENTS = /from \S+ on(?: over \d+(?:\.\d+)? (?:s|min|h|d))?/g;

/** "dark IMG1 32 s" → "dark 32 s". */
function kindOf({ title, pipeline, inputs }: PlannedProduct): string {
  const { detector, object, filter } = inputs[0]!.exposure;
  if (title === undefined) return [pipeline, object, filter].filter((word) => word !== "").join(" ");
  return detector === "" ? title : title.replace(` ${detector}`, "");
}

const stepNames = (product: PlannedProduct): string[] =>
  stepsOf(product)
    .filter(({ skip }) => skip === null)
    .map(({ name }) => name);

/** Products of equal keys are said in one breath. */
const keyOf = (product: PlannedProduct): string =>
  [
    kindOf(product),
    product.pipeline,
    ...product.reasons,
    ...stepNames(product),
    ...(product.because ?? []).map((sentence) => sentence.replace(APART, "").replace(MOMENTS, "")),
  ].join("\n");

/** The sentences of the first, with the distances of all. */
function because(alike: readonly PlannedProduct[]): string[] {
  return (alike[0]!.because ?? []).map((sentence, i) => {
    const distances = alike.map((product) => /(\S+ \S+) apart/.exec(product.because![i]!)?.[1] ?? "");
    const different = [...new Set(distances)];
    return different.length < 2
      ? sentence
      : sentence.replace(/(\S+ \S+) apart/, `${different[0]!} … ${different.at(-1)!} apart`);
  });
}

function headOf(alike: readonly PlannedProduct[]): string {
  const detectors = [...new Set(alike.map(({ inputs }) => inputs[0]!.exposure.detector))].filter(Boolean);
  const isOne = alike.length === 1;
  const each = alike[0]!.stage === "mosaics" ? "" : detectors.join(" ");
  return [
    kindOf(alike[0]!),
    each,
    isOne || alike.length === detectors.length ? "" : count(alike.length, "product"),
  ]
    .filter((word) => word !== "")
    .join("  ");
}

const filesOf = (paths: readonly string[], cwd: string): string => {
  const first = cutLeft(fromHere(paths[0]!, cwd), 64);
  return paths.length === 1 ? first : `${first} and ${count(paths.length - 1, "other")}`;
};

function groupLines(alike: readonly PlannedProduct[], view: PlanView): string[] {
  const { style, cwd, width } = view;
  const first = alike[0]!;
  const inputs = [...new Set(alike.flatMap((product) => product.inputs.map(({ path }) => path)))];
  const head = `  ${headOf(alike)}  ${style.dim(whyOf(first))}`;
  if (first.reasons.length === 0) return [head];
  return [
    head,
    `${INDENT}${filesOf(inputs, cwd)}`,
    ...wrapChain(stepNames(first), INDENT, width, style.arrow),
    ...withoutLines(stepsOf(first), INDENT, view),
    ...because(alike).map((sentence) => INDENT + sentence),
    ...new Set(
      alike.flatMap(({ caveats }) => caveats.map(({ message }) => `${INDENT}${style.caution} ${message}`)),
    ),
    `${INDENT}${style.arrow} ${
      alike.length === 1
        ? fromHere(first.output, cwd)
        : filesOf(
            alike.map(({ output }) => output),
            cwd,
          )
    }`,
  ];
}

/** The night by stages. */
export function nightLines(products: readonly PlannedProduct[], view: PlanView): string[] {
  return stages.flatMap((stage) => {
    const groups = new Map<string, PlannedProduct[]>();
    for (const product of products.filter((each) => (each.stage ?? "images") === stage))
      groups.set(keyOf(product), [...(groups.get(keyOf(product)) ?? []), product]);
    return groups.size === 0
      ? []
      : ["", stage, ...[...groups.values()].flatMap((alike) => groupLines(alike, view))];
  });
}
