/** Plans the steps of one exposure: which run, with which parameters and references, and why the others don't. */
import { resolveParameters } from "../config/parameters.js";
import { emptyLayer, type Layer } from "../config/layers.js";
import { readParameterFile } from "../config/parameter-file.js";
import { referencePath } from "../crds/index.js";
import { accepts, kindAfter, type Kind } from "../data/kinds.js";
import { ConfigError } from "../errors.js";
import type { AnyStep, MemberDecl, RefDecls } from "../step/define.js";
import type { Caveat } from "../step/outcome.js";
import type { Entry, Pipeline } from "../step/pipeline.js";
import { pipelineNames, stepNames } from "../step/registry.js";
import type { Calibrations } from "./calibrations.js";
import type { Opened } from "./inputs.js";
import { errorOf, type Lack } from "./missing-references.js";
import type { PlannedStep } from "./plan-types.js";
import { axesAfter } from "./reframe.js";
import { ofSkipped } from "./reference-caveats.js";
import { absence, resolveRefs, type RefWishes } from "./references.js";
import { valuesOf } from "./values.js";

export interface ChainContext {
  pipeline: Pipeline;
  /** Settings above the pipeline's own, lowest first. */
  layers: readonly Layer[];
  /** Plug-in step name → module. */
  modules: ReadonlyMap<string, string>;
  calibrations: Calibrations;
  /** Types of references that may be missing, and who says so. */
  allowMissing: ReadonlyMap<string, string>;
  force: boolean;
  /** One step, run for its own sake: a wish to skip it is for the pipelines that it is in. */
  alone: boolean;
  /** Exposures per role that the steps can use. */
  members: Readonly<Record<string, number>>;
}

export interface PlannedEntry {
  step: AnyStep;
  planned: PlannedStep;
}

/** One whose references were looked for. */
interface ResolvedEntry extends PlannedEntry {
  /** What the user should know of them. */
  caveats: Caveat[];
}

/** Throws CalibrationError for all references that are needed and missing, ConfigError for a wrong setting. */
export function planChain(entries: readonly Entry[], opened: Opened, context: ChainContext): ResolvedEntry[] {
  const early = entries.map((item) => earlySkip(item, opened, context));
  const overrides = overridesOf(context.layers);
  const running = entries.filter((_, i) => early[i] === null).map(({ step }) => step);
  const types = new Set(running.flatMap((step) => wantedTypes(step, overrides)));
  const best = context.calibrations.best(opened, [...types]);
  const wishes: RefWishes = { overrides, allowMissing: context.allowMissing };
  const base: Layer[] = [pipelineLayer(context.pipeline), ...parameterReferences(running, opened, context)];
  const before: PlannedStep[] = [];
  const lacks: Lack[] = [];
  const chain = entries.map(({ step, off }, i) => {
    const axes = axesAfter(opened.axes, before);
    const params = resolveParameters(step, [...base, ...context.layers]);
    const planned: PlannedStep = {
      name: step.name,
      module: context.modules.get(step.name) ?? null,
      version: step.version,
      status: step.status,
      skip: early[i]!,
      // a step that is off runs because the user says so
      ...(context.alone || (off !== undefined && early[i] === null) ? { asked: true as const } : {}),
      params,
      refs: [],
    };
    const caveats: Caveat[] = [];
    if (planned.skip === null) {
      const resolved = resolveRefs(
        step,
        { ...opened, axes },
        context.calibrations,
        best,
        lacking(entries[i]!, wishes),
        valuesOf(planned),
        lacks,
      );
      planned.refs = resolved.refs;
      caveats.push(...resolved.caveats);
      const known = {
        exposure: opened.exposure,
        header: opened.header,
        axes,
        params: valuesOf(planned),
        refs: resolved.facts,
        members: context.members,
      };
      planned.skip = resolved.skip ?? missingMember(step, context.members) ?? step.skip?.(known) ?? null;
      const reframe = planned.skip === null ? step.reframe?.(known) : null;
      if (reframe) planned.reframe = reframe;
    }
    before.push(planned);
    return { step, planned, caveats: [...ofSkipped(planned), ...caveats] };
  });
  if (lacks.length > 0) throw errorOf(opened.path, lacks);
  joinKinds(opened.kind, chain);
  return chain;
}

/** What the entry's step may lack, besides what the user lets go. */
const lacking = ({ lacks }: Entry, wishes: RefWishes): RefWishes =>
  lacks
    ? {
        ...wishes,
        allowMissing: new Map([
          ...lacks.map((type): [string, string] => [type, "the pipeline goes on without"]),
          ...wishes.allowMissing,
        ]),
      }
    : wishes;

/** Types that the steps want, that the user gives no file for and the rules have none of, with the reason. */
export function lackingTypes(
  entries: readonly Entry[],
  opened: Opened,
  context: ChainContext,
): Record<string, string> {
  const types = [...new Set(wantedReferences(entries, opened, context))];
  const best = context.calibrations.best(opened, types);
  return Object.fromEntries(
    types.flatMap((type) => {
      const why = absence(type, opened, best[type.toLowerCase()], context.calibrations);
      return why === undefined ? [] : [[type, why]];
    }),
  );
}

/** Types that the steps want and that the user gives no file for. */
export function wantedReferences(entries: readonly Entry[], opened: Opened, context: ChainContext): string[] {
  const overrides = overridesOf(context.layers);
  return entries
    .filter((item) => earlySkip(item, opened, context) === null)
    .flatMap(({ step }) => wantedTypes(step, overrides));
}

/** Kind after the steps that run; throws ConfigError, with `where` behind, when leaving a step out tears the chain. */
export function joinKinds(start: Kind, chain: readonly PlannedEntry[], where = ""): Kind {
  let kind = start;
  for (const { step, planned } of chain) {
    if (planned.skip !== null) continue;
    if (!accepts(step.input, kind))
      throw new ConfigError(`${step.name} cannot take a ${kind}; it needs a ${step.input}${where}`, {
        hint: "run the step between them, or choose where to begin with --from",
      });
    kind = kindAfter(step.output, kind);
  }
  return kind;
}

function earlySkip(
  { step, off, when }: Entry,
  opened: Opened,
  { layers, force, alone }: ChainContext,
): string | null {
  const wish = layers.findLast((layer) => step.name in layer.skip);
  if (wish) {
    if (wish.skip[step.name] && !alone) return `left out by ${wish.origin}`;
  } else if (off !== undefined) {
    return off;
  }
  if (when && !when.test(opened.tags, opened.exposure)) return when.says;
  // Making a product again is no wish to dark-subtract its sky twice: only a step run for its own sake is repeated.
  if (opened.header[step.status] === "COMPLETE" && !(force && alone))
    return `already done: ${step.status} is COMPLETE in the input`;
  return null;
}

function missingMember(step: AnyStep, members: Readonly<Record<string, number>>): string | null {
  const declared = Object.entries(step.members as Record<string, MemberDecl>);
  const absent = declared.find(([role, { optional }]) => !optional && !members[role]);
  return absent ? `no ${absent[0]} exposure was given` : null;
}

const pipelineLayer = ({ name, entries }: Pipeline): Layer => ({
  ...emptyLayer(`pipeline ${name}`),
  params: Object.fromEntries(entries.map(({ step, params }) => [step.name, params ?? {}])),
});

function overridesOf(layers: readonly Layer[]): RefWishes["overrides"] {
  const overrides: Record<string, { value: string; origin: string }> = {};
  for (const { refs, origin } of layers)
    for (const [type, value] of Object.entries(refs)) overrides[type.toUpperCase()] = { value, origin };
  return overrides;
}

const wantedTypes = (step: AnyStep, overrides: RefWishes["overrides"]): string[] =>
  Object.entries(step.refs as RefDecls)
    .filter(([key, { type, byName }]) => !byName && !(type in overrides) && !(key.toUpperCase() in overrides))
    .map(([, { type }]) => type);

/** `pars-…` references of the pipeline and its steps, where the calibration rules know any. */
function parameterReferences(
  steps: readonly AnyStep[],
  opened: Opened,
  { pipeline, calibrations }: ChainContext,
): Layer[] {
  if (calibrations.cache === null) return [];
  const plain = (name: string) => name.replaceAll("_", "");
  const types = [
    `pars-${plain(pipeline.name)}pipeline`,
    ...steps.map(({ name }) => `pars-${plain(name)}step`),
  ];
  const names = { steps: stepNames, pipelines: pipelineNames, aliases: opened.instrument.aliases };
  return Object.entries(calibrations.best(opened, types)).flatMap(([, answer]) => {
    if (answer.kind !== "file") return [];
    const path = referencePath(calibrations.cache!, answer.name);
    return path === undefined ? [] : readParameterFile(path, names).layers;
  });
}
