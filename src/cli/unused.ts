/** What the user typed and that changes nothing in a plan: a setting without effect isn't passed over. */
import type { Layer } from "../config/layers.js";
import type { Plan, PlannedStep } from "../engine/plan-types.js";
import { fromHere } from "./paths.js";

/** A sentence for each; none for a plan of nothing, which has its own to say. */
export function unusedWords({ products }: Plan, typed: Layer, cwd: string): string[] {
  if (products.length === 0) return [];
  const steps = products.flatMap((product) => [
    ...product.steps,
    ...[...product.inputs, ...Object.values(product.members).flat()].flatMap((input) => input.steps),
  ]);
  const params = Object.entries(typed.params).flatMap(([name, values]) => {
    const why = idleness(steps, name);
    return why === null ? [] : Object.keys(values).map((key) => `-s ${name}.${key} changes nothing: ${why}`);
  });
  const refs = Object.entries(typed.refs)
    .filter(([type]) => !steps.some((step) => step.refs.some((ref) => asks(ref, type))))
    .map(
      ([type, file]) =>
        `--ref ${type.toLowerCase()}=${fromHere(file, cwd)} changes nothing: no step that runs asks for it`,
    );
  const skips = Object.keys(typed.skip)
    .filter((name) => !steps.some((step) => step.name === name))
    .map((name) => `--skip ${name} changes nothing: ${none}`);
  return [...params, ...refs, ...skips];
}

const none = "no product of this run goes through that step";

/** Why a step doesn't run for any product; null: it does for one. */
function idleness(steps: readonly PlannedStep[], name: string): string | null {
  const own = steps.filter((step) => step.name === name);
  if (own.some(({ skip }) => skip === null)) return null;
  return own[0] ? `${name} doesn't run, ${own[0].skip!}` : none;
}

const asks = ({ key, type }: { key: string; type: string }, word: string): boolean =>
  type === word || key.toUpperCase() === word;
