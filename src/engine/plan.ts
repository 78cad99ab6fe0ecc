/** What will be done and why, as plain data, before the first pixel. */
import { resolve } from "node:path";
import { referencePath } from "../crds/index.js";
import type { KeywordValue } from "../data/exposure.js";
import { emptyLayer } from "../config/layers.js";
import { kindAfter } from "../data/kinds.js";
import { stepNames } from "../step/registry.js";
import { ConfigError, InputError } from "../errors.js";
import { misfit, type Entry, type Pipeline } from "../step/pipeline.js";
import { loadPlugin } from "../step/plugin.js";
import { openCalibrations, type Calibrations } from "./calibrations.js";
import { joinKinds, planChain, type ChainContext, type PlannedEntry } from "./chain.js";
import { foresee, type Foreseen } from "./foresee.js";
import {
  between,
  checkAlike,
  checkKind,
  combiningStep,
  ending,
  gather,
  type Chosen,
  type Group,
} from "./groups.js";
import { openHashMemory } from "./hashes.js";
import type { Opened } from "./inputs.js";
import { besidePath, calibrationName, outputPath, productName, quicklookPath, stemOf } from "./naming.js";
import { planExposures } from "./night/index.js";
import { julianDate } from "./night/match.js";
import { addRounds, partRounds } from "./night/named.js";
import { wrongExposures } from "./made-of.js";
import { judgeInOrder } from "./judge-in-order.js";
import { makeOpenings } from "./openings.js";
import { passOver } from "./passed.js";
import { checkFolder, checkOutputs, checkSpace } from "./outputs.js";
import type { Plan, PlannedInput, PlannedProduct, Problem } from "./plan-types.js";
import { isExposureError, problemOf } from "./problems.js";
import { extrasOf, planesOf } from "./planes.js";
import { axesAfter } from "./reframe.js";
import { checkRoom, planGrid } from "./regrid.js";
import { parseReject } from "./reject.js";
import type { Request } from "./request.js";
import type { MemberDecl } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";

/**
 * Describes each input, picks its pipeline, resolves references and parameters, names the outputs and compares with
 * what stands there. Reads headers, and pixels only of inputs whose product may be up to date and whose hash isn't known.
 *
 * `reads` are files of single reads that were described while they came.
 *
 * Throws UsageError, ConfigError and OutputError; what is wrong with one exposure becomes a problem of the plan.
 */
export async function plan(request: Request, reads?: ReadonlyMap<string, Opened>): Promise<Plan> {
  const { host, force } = request;
  const memory = openHashMemory(host);
  const calibrations = openCalibrations(host, memory, request.context);
  const modules = new Map<string, string>();
  for (const path of request.plugins) modules.set((await loadPlugin(path)).name, path);
  if (request.step?.module) modules.set(request.step.name, request.step.module);
  checkFolder(resolve(host.cwd, request.out));

  const products: PlannedProduct[] = [];
  const problems: Problem[] = [];
  const openings = makeOpenings(parseReject(request.reject ?? []), reads);
  const { open } = openings;
  const context: Omit<ChainContext, "pipeline" | "members"> = {
    layers: request.layers,
    modules,
    calibrations,
    allowMissing: new Map(
      request.allowMissing.map((type) => [type.toUpperCase(), "allowed by --allow-missing"]),
    ),
    force,
    alone: request.step !== undefined,
  };
  const { inputs, passed } = passOver({ ...request, inputs: openings.join(request.inputs) }, openings);
  const exposures = { ...request, inputs };
  const isTaken = (name: string): boolean =>
    calibrations.cache !== null && referencePath(calibrations.cache, name) !== undefined;
  const judgeNext = judgeInOrder({ memory, force, isTaken });
  const judge = (product: PlannedProduct): void => {
    const own = calibrations.contextOf(open(product.inputs[0]!.path));
    if (own !== calibrations.context) product.context = own;
    judgeNext(product);
  };
  const add = async ({ group, pipeline }: Chosen): Promise<PlannedProduct | null> => {
    try {
      const product = await planProduct(group, pipeline, request, open, context);
      products.push(product);
      return product;
    } catch (error) {
      if (!isExposureError(error)) throw error;
      problems.push(problemOf(group.inputs[0]!, error));
      return null;
    }
  };
  const foreseen = new Map<string, Foreseen>();
  // What needs a product must know its name, which for a calibration depends on the versions that there are.
  const addJudged = async (chosen: Chosen): Promise<PlannedProduct | null> => {
    const product = await add(chosen);
    if (product) judge(product);
    return product;
  };
  const foreknow = (product: PlannedProduct): void => {
    const future = foresee(product, calibrations.context, foreseen, host.now());
    foreseen.set(product.output, future);
    openings.foresee(future.opened);
    calibrations.foresee(product.output, future.facts);
  };
  const bench = { openings, context, problems, add: addJudged, foreknow };
  if (request.night) {
    passed.push(...(await planExposures(exposures, request.night, bench)));
    checkOutputs(products, new Set(foreseen.keys()));
  } else {
    const chosen = await gather(exposures, modules, openings, problems);
    const { alone, inRounds } = partRounds(chosen, request.layers, request.from);
    for (const each of alone) await add(each);
    checkOutputs(products, new Set());
    products.forEach(judge);
    await addRounds(inRounds, bench);
    checkOutputs(products, new Set(foreseen.keys()));
  }
  return {
    v: 1,
    type: "plan",
    context: calibrations.context,
    observatory: calibrations.cache?.observatory ?? null,
    cache: calibrations.cache?.path ?? null,
    command: request.command,
    products,
    problems,
    passed,
  };
}

async function planProduct(
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

const plannedInput = (opened: Opened, chain: readonly PlannedEntry[]): PlannedInput => ({
  path: opened.path,
  kind: opened.kind,
  exposure: opened.exposure,
  tags: [...opened.tags],
  ...(opened.layout ? { layout: opened.layout } : {}),
  ...(opened.assembly ? { assembly: opened.assembly } : {}),
  steps: chain.map(({ planned }) => planned),
});

/** Members go through the steps before the one that uses them, from the first that takes what they are. */
function planMembers(
  group: Group,
  entries: ReturnType<typeof between>,
  open: (path: string) => Opened,
  { steps, first, ...context }: ChainContext & { steps: readonly PlannedEntry[]; first: Opened },
): PlannedProduct["members"] {
  const planned: PlannedProduct["members"] = {};
  for (const [role, paths] of Object.entries(group.members)) {
    const user = entries.findIndex(({ step }) => role in (step.members as object));
    if (user < 0) continue;
    const before = entries.slice(0, user);
    const { nearest: parameter, unless } = declOf(steps[user]!, role);
    if (unless !== undefined && group.members[unless]?.length) continue;
    const most = parameter === undefined ? Infinity : Number(steps[user]!.planned.params[parameter]!.value);
    const used = most < paths.length ? nearest(first, paths, open, most) : paths;
    planned[role] = used.map((path) => {
      const opened = open(path);
      const stepsBefore = before.map(({ step }) => step);
      const enter = stepsBefore.findIndex((_, i) => !misfit(stepsBefore.slice(i), opened.kind));
      const chain = planChain(enter < 0 ? [] : before.slice(enter), opened, { ...context, members: {} });
      const planned = plannedInput(opened, chain);
      if (steps[user]!.step.locality !== "joint")
        checkSize(first, steps.slice(0, user), opened, planned, role);
      return planned;
    });
  }
  return planned;
}

/** What is taken from an exposure pixel by pixel has its frame. @throws InputError */
function checkSize(
  science: Opened,
  before: readonly PlannedEntry[],
  member: Opened,
  { steps }: PlannedInput,
  role: string,
): void {
  const [nx, ny] = axesAfter(
    science.axes,
    before.map(({ planned }) => planned),
  );
  const [mx, my] = axesAfter(member.axes, steps);
  if (mx === nx && my === ny) return;
  throw new InputError(
    `cannot use ${member.path} as ${role} of ${science.path} — it has ${mx} × ${my} pixels, the science ${nx} × ${ny}`,
    { hint: `give a ${role} of the science's subarray: iris fits info ${member.path}` },
  );
}

const declOf = ({ step }: PlannedEntry, role: string): MemberDecl =>
  (step.members as Record<string, MemberDecl>)[role]!;

/** The exposures nearest in time, in the order given; the first ones where times are unknown. */
function nearest(
  { exposure }: Opened,
  paths: readonly string[],
  open: (path: string) => Opened,
  count: number,
): readonly string[] {
  const days = (path: string): number => {
    const apart = Math.abs(julianDate(open(path).exposure) - julianDate(exposure));
    return Number.isNaN(apart) ? Infinity : apart;
  };
  const chosen = new Set([...paths].sort((a, b) => days(a) - days(b) || 0).slice(0, count));
  return paths.filter((path) => chosen.has(path));
}
