/** One product of a plan: its steps and what they use, its frame, its name. */
import { resolve } from "node:path";
import type { KeywordValue } from "../data/exposure.js";
import { emptyLayer } from "../config/layers.js";
import { kindAfter } from "../data/kinds.js";
import { stepNames } from "../step/registry.js";
import { ConfigError } from "../errors.js";
import type { Entry, Pipeline } from "../step/pipeline.js";
import type { Calibrations } from "./calibrations.js";
import { joinKinds, planChain, type ChainContext } from "./chain.js";
import { between, checkAlike, checkKind, combiningStep, ending, type Group } from "./groups.js";
import type { Opened } from "./inputs.js";
import { besidePath, calibrationName, outputPath, productName, quicklookPath, stemOf } from "./naming.js";
import { wrongExposures } from "./made-of.js";
import { checkSpace } from "./outputs.js";
import type { PlannedProduct } from "./plan-types.js";
import { extrasOf, planesOf } from "./planes.js";
import { axesAfter } from "./reframe.js";
import { checkRoom, planGrid } from "./regrid.js";
import type { Request } from "./request.js";
import type { Caveat } from "../step/outcome.js";
import { plannedInput, planMembers } from "./plan-members.js";

/** One product with its steps, members, references, names and frame. */
export async function planProduct(
  group: Group,
  pipeline: Pipeline,
  request: Request,
  open: (path: string) => Opened,
  common: Omit<ChainContext, "pipeline" | "members">,
): Promise<PlannedProduct> {
  const entries = between(pipeline, request.from, group.until);
  const several = entries.findIndex(({ step }) => step.locality === "group" || step.locality === "joint");
  const combining = combiningStep(entries, request);
  const joint = combining ? several : -1;
  const all = group.inputs.map(open);
  const science = joint < 0 ? all.slice(0, 1) : all;
  const first = science[0]!;
  for (const opened of science) checkKind(opened, pipeline, entries);
  if (combining) checkAlike(science, request.force, combining);

  const members = Object.fromEntries(
    Object.entries(group.members).map(([role, paths]) => [role, paths.length]),
  );
  const context: ChainContext = { ...forGroup(common, group), pipeline, members };
  const own = entries.slice(0, ownSteps(entries, joint));
  const before = science.map((opened) => planChain(own, opened, context));
  const inputs = science.map((opened, i) => plannedInput(opened, before[i]!));
  const joined = {
    ...first,
    kind: own.reduce((kind, { step }) => kindAfter(step.output, kind), first.kind),
    axes: axesAfter(first.axes, inputs[0]!.steps),
  };
  const chain = planChain(entries.slice(own.length), joined, context);
  const kind = joinKinds(joined.kind, chain);
  const grid = planGrid(science, before[0]!, chain);
  if (grid) checkRoom(grid, chain);
  const planes = planesOf([...before[0]!, ...chain], first.axes);
  const extras = extrasOf(chain, first.axes, science.length);

  const given = group.night?.job.ending;
  const { suffix: one, level } =
    given === undefined ? await ending(pipeline, group.until, entries) : { suffix: given, level: null };
  const suffix = planes > 1 ? `${one}ints` : one;
  const stages = [...stepNames, ...common.modules.keys()];
  const stem = first.stem ?? stemOf(group.inputs[0]!);
  const named = group.name ?? (joint >= 0 ? undefined : stem);
  const { instrument, detector, dateObs } = first.exposure;
  const name =
    named === undefined && pipeline.reftype !== undefined
      ? calibrationName(instrument, detector, pipeline.reftype, dateObs)
      : productName(named ?? stem, { suffix, level, steps: stages });
  const output = resolve(request.host.cwd, outputPath(request.out, name));
  if (grid) checkSpace(grid, output);
  const beside = chain.flatMap(({ step, planned }) => (planned.skip === null ? (step.beside ?? []) : []));
  const night = group.night?.job;
  return {
    ...(night ? { title: night.title, stage: night.stage, because: [...night.because] } : {}),
    ...(group.night?.unless && { unless: group.night.unless }),
    inputs,
    steps: chain.map(({ planned }) => planned),
    members: planMembers(group, entries, open, { ...context, steps: [...before[0]!, ...chain], first }),
    pipeline: pipeline.name,
    output,
    quicklook:
      request.quicklook && (group.night?.job.picture ?? true) && kind !== "ramp"
        ? quicklookPath(output)
        : null,
    ...(beside.length > 0 ? { beside: beside.map((ending) => besidePath(output, ending)) } : {}),
    kind,
    ...(hasRules(pipeline.keywords["REFTYPE"], first, common.calibrations)
      ? {}
      : { uncached: true as const }),
    ...(joint >= 0 ? { joint: true as const } : {}),
    ...([...before[0]!, ...chain].some(({ step, planned }) => step.endsVariances && planned.skip === null)
      ? { noVariances: true as const }
      : {}),
    ...(planes > 1 ? { planes } : {}),
    ...(extras.length > 0 ? { extras: [...extras] } : {}),
    ...(grid ? { grid } : {}),
    suffix,
    level: (given === undefined ? level : pipeline.level) ?? Number(first.header["DATALVL"] ?? 0),
    keywords: { ...pipeline.keywords, ...group.keywords },
    caveats: [
      ...science.flatMap(({ exposure }) => exposure.assumed.map((message) => ({ code: "ASSUMED", message }))),
      ...(all.length > science.length
        ? [
            {
              code: "EXTRA_SCIENCE",
              message: `${all.length} science exposures in one product; only ${first.path} is used`,
            },
          ]
        : []),
      ...(night?.caveats ?? []),
      ...distinct([...before[0]!, ...chain].flatMap(({ caveats }) => caveats)),
      ...wrongExposures(pipeline, science, joint >= 0),
    ],
    fingerprint: null,
    reasons: [],
    detail: "",
  };
}

/** Several steps may say the same of one reference. */
const distinct = (caveats: readonly Caveat[]): Caveat[] => [
  ...new Map(caveats.map((caveat) => [caveat.message, caveat])).values(),
];

/** How many of the entries an exposure goes through on its own: up to the group step, or until it has its own frame. */
function ownSteps(entries: readonly Entry[], joint: number): number {
  const reframe = entries.findLastIndex(({ step }) => step.reframe !== undefined);
  if (joint < 0) return reframe + 1;
  if (reframe > joint)
    throw new ConfigError(
      `${entries[reframe]!.step.name} can't follow ${entries[joint]!.step.name}: it looks at the frame of one exposure`,
      { hint: `put ${entries[reframe]!.step.name} before ${entries[joint]!.step.name}` },
    );
  return joint;
}

/** Whether there is a place for a new calibration in the rules; true for what isn't one. */
function hasRules(type: KeywordValue | undefined, opened: Opened, calibrations: Calibrations): boolean {
  if (type === undefined) return true;
  const answer = calibrations.best(opened, [String(type)])[String(type)];
  return answer?.kind === "file" || (answer?.kind === "notFound" && answer.class !== "unknownType");
}

/** What the night gives goes below everything that the user says. */
function forGroup(
  common: Omit<ChainContext, "pipeline" | "members">,
  { night }: Group,
): Omit<ChainContext, "pipeline" | "members"> {
  if (!night) return common;
  const layers = Object.entries(night.refs).map(([type, { path, why }]) => ({
    ...emptyLayer(why),
    refs: { [type]: path },
  }));
  return {
    ...common,
    layers: [...layers, ...common.layers],
    allowMissing: new Map([...Object.entries(night.job.without), ...common.allowMissing]),
  };
}
