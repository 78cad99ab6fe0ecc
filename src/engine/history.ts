/** What was done to a product, for its header: a line per step, reference and member. */
import { basename } from "node:path";
import type { Card } from "../fits/index.js";
import { version } from "../package.js";
import type { PlannedProduct, PlannedStep } from "./plan-types.js";
import type { StepReport } from "./step-report.js";

/** One line per step with every parameter that isn't the default, one per reference, one per skipped step. */
export function historyCards(
  product: PlannedProduct,
  steps: readonly PlannedStep[],
  { now, reports }: { now: Date; reports: readonly StepReport[] },
): Card[] {
  const time = `${now.toISOString().slice(0, 19)}Z`;
  const lines: string[] = [];
  for (const step of steps) {
    if (step.skip !== null) {
      lines.push(`iris ${version} ${step.name} skipped: ${step.skip}`);
      continue;
    }
    const report = reports.find(({ name }) => name === step.name);
    const set = Object.entries(step.params)
      .filter(([, { origin }]) => origin !== "default")
      .map(([name, { value }]) => `${name}=${String(value)}`);
    const reason = report?.reason ? [`skipped: ${report.reason}`] : [];
    lines.push([`iris ${version}`, step.name, time, ...set, ...reason].join(" "));
    lines.push(...(report?.history ?? []));
    for (const { type, path, sha256 } of step.refs)
      if (path !== null)
        lines.push(`ref ${type}=${basename(path)} sha256=${(sha256 ?? unknown).slice(0, 12)}`);
  }
  const said: StepReport["members"] = Object.assign({}, ...reports.map(({ members }) => members));
  for (const [role, members] of Object.entries(product.members))
    for (const { path } of members)
      lines.push([`${role} ${basename(path)}`, ...(said?.[path] ?? [])].join("; "));
  return lines.map((comment) => ({ keyword: "HISTORY", comment }));
}

/** In place of the hash of a reference that is still to be made. */
const unknown = "0".repeat(12);
