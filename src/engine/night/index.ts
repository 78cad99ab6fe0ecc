/** Plans the exposures of a folder as a whole: surveys them, has the jobs planned, and turns each into a product. */
import { accepts } from "../../data/kinds.js";
import { UsageError } from "../../errors.js";
import type { Instrument, NightRules } from "../../instruments/define.js";
import type { Pipeline } from "../../step/pipeline.js";
import { loadPipeline } from "../../step/registry.js";
import { suggestion } from "../../config/suggestion.js";
import { lackingTypes, wantedReferences } from "../chain.js";
import { between, pipelineFor } from "../groups.js";
import type { Passed } from "../plan-types.js";
import { isExposureError, problemOf } from "../problems.js";
import type { NightRequest, Request } from "../request.js";
import { addJobs, type Bench } from "./add-jobs.js";
import { kindsOf, checkFacts, parseOnly, parseOwn, parseSky, parseUntil, sameName } from "./choice.js";
import { planNight } from "./jobs.js";
import { pipelinesOf, roundsOf } from "./named.js";
import type { Choice, NightFile, Workshop } from "./types.js";

/** Files that have nothing to do with each other. */
const apart: NightRules = { calibrations: [], members: [], joint: [] };

interface Surveyed {
  instrument: Instrument;
  files: NightFile[];
}

/**
 * Adds the products of a night, each after those that it needs; gives the files that have no part in it. What is wrong
 * with one file is a problem of its own and of what can't be made without it, and nothing else's.
 *
 * Throws UsageError for a choice that nothing answers to.
 */
export async function planExposures(request: Request, night: NightRequest, bench: Bench): Promise<Passed[]> {
  const pipelines = new Map<string, Pipeline>();
  const surveyed = await survey(request, bench, pipelines);
  if (surveyed.size === 0) return [];
  const rules = [...surveyed.values()].map(({ instrument }) => instrument.night ?? apart);
  const known = [...new Set(rules.flatMap(kindsOf))];
  const wished = parseOwn(
    night.own,
    rules.flatMap(({ calibrations }) => calibrations.map(({ name }) => name)),
  );
  for (const { calibrations, joint } of rules)
    for (const name of [...calibrations, ...joint].map(({ pipeline }) => pipeline))
      pipelines.set(name, await loadPipeline(name));
  for (const { sky } of rules)
    if (sky)
      for (const [name, loaded] of await pipelinesOf(await loadPipeline(sky.pipeline)))
        pipelines.set(name, loaded);
  const files = [...surveyed.values()].flatMap((each) => each.files);
  checkTarget(night.target, files);
  const only = parseOnly(night.only, known);
  checkFacts(only, files);
  const jointNames = rules.flatMap(({ joint }) => joint.map(({ pipeline }) => pipeline));
  const aims = new Set([...files.map(({ pipeline }) => pipeline), ...jointNames]);
  const { stage: until, step } = parseUntil(
    request.until,
    [...aims].map((name) => pipelines.get(name)!),
  );
  const isOfJoint = jointNames.some((name) =>
    pipelines.get(name)!.entries.some((each) => each.step.name === step),
  );
  const sky = parseSky(night.sky);
  const isCut = step !== undefined && !isOfJoint;
  if (isCut && sky !== undefined)
    throw new UsageError(
      `--sky ${sky} takes the sky from whole images, and --until ${step} ends before them`,
      {
        hint: "end with the images: --until images",
      },
    );
  const choice: Choice = { ...only, target: night.target, until: isCut ? "images" : until, sky };
  const passed: Passed[] = [];
  for (const { instrument, files: together } of surveyed.values()) {
    const own = instrument.night ?? apart;
    const workshop = workshopOf(own, wished, bench, pipelines, isOfJoint ? undefined : step);
    const plan = planNight(together, own, workshop, choice);
    passed.push(...plan.passed);
    await addJobs(plan.jobs, pipelines, step, bench);
  }
  return passed;
}

/** The exposures by instrument, with the pipeline that each goes through; their pipelines are loaded. */
async function survey(
  request: Request,
  { openings, context, problems }: Bench,
  pipelines: Map<string, Pipeline>,
): Promise<Map<string, Surveyed>> {
  const surveyed = new Map<string, Surveyed>();
  for (const path of request.inputs)
    try {
      const opened = openings.open(path);
      const pipeline = await pipelineFor(opened, request, context.modules);
      pipelines.set(pipeline.name, pipeline);
      const { instrument, exposure, tags } = opened;
      const together = surveyed.get(instrument.name) ?? { instrument, files: [] };
      together.files.push({ path, exposure, tags, pipeline: pipeline.name });
      surveyed.set(instrument.name, together);
    } catch (error) {
      if (!isExposureError(error)) throw error;
      problems.push(problemOf(path, error));
    }
  return surveyed;
}

function workshopOf(
  { calibrations }: NightRules,
  own: readonly string[],
  { openings, context }: Bench,
  pipelines: ReadonlyMap<string, Pipeline>,
  step: string | undefined,
): Workshop {
  const wished = new Map(
    calibrations
      .filter(({ name }) => own.includes(name))
      .map(({ reftype, name }) => [reftype, `--own ${name} asks for the night's`]),
  );
  /** Steps that an aim of the night goes through. */
  const entriesOf = (name: string) => {
    const pipeline = pipelines.get(name)!;
    const cut = pipeline.entries.some((each) => each.step.name === step) ? step : undefined;
    return between(pipeline, undefined, cut);
  };
  return {
    rounds: (name) => roundsOf(pipelines.get(name)!, context.layers),
    takes: (file, name) => accepts(pipelines.get(name)!.input, openings.open(file.path).kind),
    roles: (name) => entriesOf(name).flatMap(({ step: { members } }) => Object.keys(members as object)),
    lacks(file, name) {
      const pipeline = pipelines.get(name)!;
      const opened = openings.open(file.path);
      const entries = entriesOf(name);
      const chain = { ...context, pipeline, members: {} };
      const forced = wantedReferences(entries, opened, chain).flatMap((type) =>
        wished.has(type) ? [[type, wished.get(type)!]] : [],
      );
      return { ...lackingTypes(entries, opened, chain), ...Object.fromEntries(forced) };
    },
  };
}

/** @throws UsageError when no exposure has that target. */
function checkTarget(target: string | undefined, files: readonly NightFile[]): void {
  if (target === undefined) return;
  const names = new Set(files.map(({ exposure }) => exposure.object).filter(Boolean));
  if ([...names].some((name) => sameName(name, target))) return;
  throw new UsageError(`no exposure has the target "${target}"${suggestion(target, [...names])}`, {
    hint: `targets here: ${[...names].join(", ") || "none"}`,
  });
}
