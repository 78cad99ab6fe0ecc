/** Fresh or not is content, not time: a product's identity is the hash of all that went into it. */
import { createHash } from "node:crypto";
import type { PlannedInput, PlannedProduct, PlannedStep, Reason } from "./plan-types.js";

/** The four parts of a fingerprint, so that a difference has a name. 16 hex digits each. */
export interface Fingerprint {
  inputs: string;
  code: string;
  params: string;
  refs: string;
}

const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

const chain = (product: PlannedProduct): { step: PlannedStep; of: string }[] => [
  ...product.inputs.flatMap((input, i) => input.steps.map((step) => ({ step, of: `input ${i}` }))),
  ...Object.entries(product.members).flatMap(([role, members]) =>
    members.flatMap((member, i) => member.steps.map((step) => ({ step, of: `${role} ${i}` }))),
  ),
  ...product.steps.map((step) => ({ step, of: "product" })),
];

/** `hashes` holds the content hash of every input and member, in the order of `filesOf`. */
export function fingerprint(product: PlannedProduct, hashes: readonly string[]): Fingerprint {
  const steps = chain(product);
  const running = steps.filter(({ step }) => step.skip === null);
  return {
    inputs: digest([Object.keys(product.members), hashes, ...layoutsOf(product)]),
    code: digest(running.map(({ step, of }) => [of, step.name, step.version])),
    params: digest([
      product.pipeline,
      product.keywords,
      steps.map(({ step, of }) => [
        of,
        step.name,
        step.skip === null
          ? Object.entries(step.params).map(([name, { value }]) => [name, value])
          : "skipped",
      ]),
    ]),
    refs: digest(
      running.map(({ step, of }) => [of, step.name, step.refs.map((ref) => [ref.type, ref.sha256])]),
    ),
  };
}

export const identity = (print: Fingerprint): string =>
  digest([print.inputs, print.code, print.params, print.refs]);

/** What differs between the product that exists and the one that the plan would make. */
export function reasonsBetween(had: Fingerprint, wanted: Fingerprint): Reason[] {
  const reasons: Reason[] = [];
  if (had.inputs !== wanted.inputs) reasons.push("inputChanged");
  if (had.code !== wanted.code) reasons.push("codeChanged");
  if (had.params !== wanted.params) reasons.push("paramsChanged");
  if (had.refs !== wanted.refs) reasons.push("refsChanged");
  return reasons;
}

/** Every file whose pixels go into the product: science inputs first, then members by role. */
export const filesOf = (product: PlannedProduct): string[] =>
  exposuresOf(product).flatMap(({ path, layout }) => layout?.files ?? [path]);

/** Science inputs first, then members by role. */
export const exposuresOf = ({ inputs, members }: PlannedProduct): PlannedInput[] => [
  ...inputs,
  ...Object.values(members).flat(),
];

/** Which samples are read, where it isn't simply all of them; the files' names don't count. */
const layoutsOf = (product: PlannedProduct): unknown[] =>
  exposuresOf(product).flatMap(({ layout }, i) =>
    layout ? [[i, { ...layout, files: layout.files.length }]] : [],
  );
