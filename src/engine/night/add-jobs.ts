/** Turns the jobs of a night into the products of a plan. */
import type { KeywordValue } from "../../data/exposure.js";
import type { Pipeline } from "../../step/pipeline.js";
import type { ChainContext } from "../chain.js";
import type { Chosen } from "../groups.js";
import type { Openings } from "../openings.js";
import type { PlannedProduct, Problem, Unless } from "../plan-types.js";
import { blockedBy, counted, lostFor } from "./lost.js";
import { isJob, type NightFile, type NightJob } from "./types.js";

/** What the engine does for the planner. */
export interface Bench {
  openings: Openings;
  context: Omit<ChainContext, "pipeline" | "members">;
  problems: Problem[];
  /** Plans one product; null: it can't be made, which is among the problems then. */
  add(chosen: Chosen): Promise<PlannedProduct | null>;
  /** From now on this product can be named as an input or a reference. */
  foreknow(product: PlannedProduct): void;
}

/**
 * Adds the product of each job; what a job needs stands before it. `step`: where the last products of a chain end, if that
 * isn't their pipeline's end.
 */
export async function addJobs(
  jobs: readonly NightJob[],
  pipelines: ReadonlyMap<string, Pipeline>,
  step: string | undefined,
  { problems, add, foreknow }: Bench,
): Promise<void> {
  const outputs = new Map<NightJob, string | null>();
  const serving = new Set(
    jobs.flatMap(({ inputs, members }) => [...inputs, ...Object.values(members).flat()]),
  );
  for (const job of jobs) {
    const pathOf = (item: NightFile | NightJob) => (isJob(item) ? outputs.get(item)! : item.path);
    const there = (items: readonly (NightFile | NightJob)[]) =>
      items.map(pathOf).filter((path) => path !== null);
    const inputs = there(job.inputs);
    const members = Object.fromEntries(
      Object.entries(job.members).map(([role, items]) => [role, there(items)]),
    );
    const lost = lostFor(job, outputs, inputs, members);
    if (lost.isFatal) {
      problems.push(blockedBy(job, lost.titles));
      outputs.set(job, null);
      continue;
    }
    const isAim = !serving.has(job) && job.stage !== "calibrations";
    const pipeline = pipelines.get(job.pipeline)!;
    const hasStep = pipeline.entries.some((each) => each.step.name === step);
    const product = await add({
      pipeline,
      group: {
        inputs,
        members,
        name: job.name,
        keywords: {} as Record<string, KeywordValue>,
        until: isAim && hasStep ? step : undefined,
        night: {
          job: {
            ...job,
            caveats: [
              ...job.caveats,
              ...(lost.titles.length > 0
                ? [
                    {
                      code: "INCOMPLETE",
                      message: `made without ${counted(lost.titles)}, which can't be made`,
                    },
                  ]
                : []),
            ],
          },
          refs: Object.fromEntries(
            Object.entries(job.refs).map(([type, { job: maker, why }]) => [
              type,
              { path: outputs.get(maker)!, why },
            ]),
          ),
          ...(job.unless && { unless: unlessOf(job.unless, outputs) }),
        },
      },
    });
    outputs.set(job, product?.output ?? null);
    if (product && serves(job, jobs)) foreknow(product);
  }
}

const unlessOf = (
  { job, keyword, instead }: NonNullable<NightJob["unless"]>,
  outputs: ReadonlyMap<NightJob, string | null>,
): Unless => ({ file: outputs.get(job)!, keyword, instead: outputs.get(instead)! });

const serves = (job: NightJob, jobs: readonly NightJob[]): boolean =>
  jobs.some(
    ({ inputs, members, refs }) =>
      inputs.includes(job) ||
      Object.values(members).some((each) => each.includes(job)) ||
      Object.values(refs).some((ref) => ref.job === job),
  );
