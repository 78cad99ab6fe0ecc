/** Which files make one product, and by which pipeline. */
import { InputError, UsageError } from "../errors.js";
import type { KeywordValue } from "../data/exposure.js";
import type { Association } from "../data/association.js";
import { isLeftOut } from "../config/layers.js";
import { suggestion } from "../config/suggestion.js";
import { accepts } from "../data/kinds.js";
import type { AnyStep } from "../step/define.js";
import { ownPipeline } from "../step/own-pipeline.js";
import type { Entry, Pipeline } from "../step/pipeline.js";
import { loadPipeline, loadStep, pipelineNames } from "../step/registry.js";
import type { Opened } from "./inputs.js";
import type { NightJob } from "./night/types.js";
import type { Openings } from "./openings.js";
import type { Problem, Unless } from "./plan-types.js";
import { isExposureError, problemOf } from "./problems.js";
import type { Request } from "./request.js";

/** Science files that make one product, and the exposures they use. */
export interface Group {
  inputs: readonly string[];
  members: Readonly<Record<string, readonly string[]>>;
  name: string | undefined;
  keywords: Record<string, KeywordValue>;
  /** Last step, by name. */
  until: string | undefined;
  /** What a night's planner says of it. */
  night?: {
    job: Omit<NightJob, "inputs" | "members" | "refs" | "unless">;
    unless?: Unless;
    /** Type of reference → the calibration of the night that serves. */
    refs: Readonly<Record<string, { path: string; why: string }>>;
  };
}

export interface Chosen {
  group: Group;
  pipeline: Pipeline;
}

/** One group per association product, else per file; all files together for a pipeline that combines them. */
export async function gather(
  request: Request,
  modules: ReadonlyMap<string, string>,
  { open, join }: Openings,
  problems: Problem[],
): Promise<Chosen[]> {
  const { until } = request;
  const background = request.background?.length ? { background: join(request.background) } : {};
  const groups: Group[] = request.association
    ? request.association.products.map((product) => ({
        inputs: join(product.members.filter(({ role }) => role === "science").map(({ path }) => path)),
        members: membersByRole(product.members, join),
        name: product.name ?? undefined,
        keywords: associationKeywords(request.association!),
        until,
      }))
    : join(request.inputs).map((path) => ({
        inputs: [path],
        members: background,
        name: request.outputFile,
        keywords: {},
        until,
      }));

  const chosen: Chosen[] = [];
  for (const group of groups) {
    try {
      const opened = group.inputs.map(open);
      Object.values(group.members).flat().forEach(open);
      chosen.push({ group, pipeline: await pipelineFor(opened[0]!, request, modules) });
    } catch (error) {
      if (!isExposureError(error)) throw error;
      problems.push(problemOf(group.inputs[0]!, error));
    }
  }
  if (request.association) return chosen.flatMap((item) => splitRepeats(item, request, open));
  if (chosen.length < 2) return chosen;
  return joinCombined(withRepeats(chosen, request, open), request, open);
}

/** Science exposures of one association that serve each other, each with a product of its own. */
function splitRepeats(item: Chosen, request: Request, open: (path: string) => Opened): Chosen[] {
  const { pipeline, group } = item;
  if (group.inputs.length < 2 || combines(item, request) || repeatUsers(pipeline).length === 0) return [item];
  const each = group.inputs.map((path) => ({
    pipeline,
    group: { ...group, inputs: [path], name: undefined },
  }));
  return withRepeats(each, request, open);
}

const repeatUsers = ({ entries }: Pipeline): Entry[] =>
  entries.filter(({ step }) => "repeat" in (step.members as object));

/** The step that makes one product of all exposures; undefined where each has its own, as none is left of those that run. */
export const combiningStep = (
  entries: readonly Entry[],
  { layers, step: alone }: Pick<Request, "layers" | "step">,
): AnyStep | undefined =>
  entries.find(({ step }) => step.locality === "group" && (alone || !isLeftOut(layers, step.name)))?.step;

const combines = ({ pipeline, group }: Chosen, request: Request): boolean =>
  combiningStep(between(pipeline, request.from, group.until), request) !== undefined;

/**
 * A step that compares exposures has all others of its field, filter and detector as members, or of any detector where it
 * follows them over the sky; unless they become one product with it.
 */
const withRepeats = (chosen: readonly Chosen[], request: Request, open: (path: string) => Opened): Chosen[] =>
  chosen.map((item) => {
    const users = repeatUsers(item.pipeline);
    if (users.length === 0 || combines(item, request)) return item;
    const onSky = users.some(({ step }) => step.locality === "joint");
    const placeOf = ({ group }: Chosen): string => {
      const { detector, filter, object } = open(group.inputs[0]!).exposure;
      return onSky ? `${filter} ${object}` : `${detector} ${filter} ${object}`;
    };
    const repeat = chosen
      .filter((other) => other !== item && placeOf(other) === placeOf(item))
      .flatMap(({ group }) => group.inputs);
    return { ...item, group: { ...item.group, members: { ...item.group.members, repeat } } };
  });

const associationKeywords = ({ table, pool, type }: Association): Record<string, KeywordValue> => ({
  ASNTABLE: table,
  ...(pool === null ? {} : { ASNPOOL: pool }),
  ...(type === null ? {} : { ASNTYPE: type }),
});

/**
 * Files of one combining pipeline and one detector make one product, or of one field and filter where it has a grid of
 * its own; whether they were taken alike is checked later.
 */
function joinCombined(chosen: readonly Chosen[], request: Request, open: (path: string) => Opened): Chosen[] {
  const joined: Chosen[] = [];
  const combining = new Map<string, Chosen>();
  for (const item of chosen) {
    if (!combines(item, request)) {
      joined.push(item);
      continue;
    }
    const { detector, filter, object } = open(item.group.inputs[0]!).exposure;
    const regrids = item.pipeline.entries.some(({ step }) => step.regrid !== undefined);
    const key = [item.pipeline.name, ...(regrids ? [filter, object] : [detector])].join(" ");
    const together = combining.get(key);
    if (!together) {
      const first = { group: { ...item.group, name: request.outputFile }, pipeline: item.pipeline };
      combining.set(key, first);
      joined.push(first);
    } else {
      together.group = { ...together.group, inputs: [...together.group.inputs, ...item.group.inputs] };
    }
  }
  return joined;
}

function membersByRole(
  members: readonly { role: string; path: string }[],
  join: Openings["join"],
): Record<string, string[]> {
  const byRole: Record<string, string[]> = {};
  for (const { role, path } of members) if (role !== "science") (byRole[role] ??= []).push(path);
  return Object.fromEntries(Object.entries(byRole).map(([role, paths]) => [role, join(paths)]));
}

/** The step alone, the pipeline that was asked for, or the one that the instrument's table gives for the tags. */
export async function pipelineFor(
  opened: Opened,
  request: Request,
  modules: ReadonlyMap<string, string>,
): Promise<Pipeline> {
  const { instrument, tags } = opened;
  if (request.step) {
    const step: AnyStep = await loadStep(
      instrument.aliases[request.step.name] ?? request.step.name,
      request.step.module,
    );
    return {
      name: step.name,
      summary: step.summary,
      input: step.input,
      output: step.output,
      suffix: step.name,
      level: null,
      keywords: {},
      reftype: undefined,
      entries: [{ step }],
    };
  }
  const name =
    request.pipeline ?? instrument.pipelines.find((row) => row.tags.every((tag) => tags.has(tag)))?.pipeline;
  if (name === undefined)
    throw new InputError(`no pipeline for ${opened.path} — it is ${[...tags].join(" ")}`, {
      hint: "choose one with --pipeline; the names: iris pipeline list",
    });
  const own = request.pipelines?.[name];
  return own ? ownPipeline(name, own, modules) : loadPipeline(instrument.aliases[name] ?? name);
}

/** The entries from `from` to `until`, both included, at least one. @throws UsageError */
export function between(
  pipeline: Pipeline,
  from: string | undefined,
  until: string | undefined,
): readonly Entry[] {
  const names = pipeline.entries.map(({ step }) => step.name);
  const hint = `iris pipeline show ${pipeline.name}`;
  const at = (name: string): number => {
    const i = names.indexOf(name);
    if (i < 0)
      throw new UsageError(
        `pipeline ${pipeline.name} has no step ${JSON.stringify(name)}${suggestion(name, names)}`,
        { hint },
      );
    return i;
  };
  const [first, last] = [
    from === undefined ? 0 : at(from),
    until === undefined ? names.length - 1 : at(until),
  ];
  if (last < first)
    throw new UsageError(`nothing lies from ${from} to ${until}: in ${pipeline.name}, ${until} comes first`, {
      hint,
    });
  return pipeline.entries.slice(first, last + 1);
}

/**
 * Ending and level of the name; a pipeline that is cut short ends like the one that ends there by itself, or as always
 * where what is cut off only measures or rescales, or has to be asked for.
 */
export async function ending(
  pipeline: Pipeline,
  until: string | undefined,
  entries: readonly Entry[],
): Promise<{ suffix: string; level: number | null }> {
  const last = entries.at(-1)!.step.name;
  const made = (of: Pipeline): string | undefined =>
    of.entries.findLast(({ step, off }) => off === undefined && !step.measures && !step.rescales)?.step.name;
  if (until === undefined || last === pipeline.entries.at(-1)!.step.name || last === made(pipeline))
    return pipeline;
  for (const name of pipelineNames) {
    const other = await loadPipeline(name);
    const ends = [other.entries.at(-1)!.step.name, made(other)];
    if (ends.includes(last) && other.input === pipeline.input) return other;
  }
  return { suffix: last, level: null };
}

export function checkKind({ kind, path }: Opened, pipeline: Pipeline, entries: readonly Entry[]): void {
  const first = (entries.find(({ step }) => step.input !== "exposure") ?? entries[0]!).step;
  if (accepts(first.input, kind)) return;
  throw new InputError(
    `cannot reduce ${path} — ${pipeline.name} begins with ${first.name}, which takes a ${first.input}, and this is a ${kind}`,
    {
      hint:
        kind === "ramp"
          ? `make a rate image first: iris reduce ${path} --pipeline stage1`
          : "the pipelines and what they take: iris pipeline list",
    },
  );
}

/** Frames that are combined must have been taken alike; on a grid of its own only their filter matters. */
export function checkAlike(
  science: readonly Opened[],
  force: boolean,
  { regrid, mixes = [] }: Pick<AnyStep, "regrid" | "mixes">,
): void {
  if (force) return;
  const first = science[0]!.exposure;
  // No light comes through the filter of a dark.
  const isDark = science.every(({ exposure: { obstype } }) => obstype === "DARK" || obstype === "BIAS");
  for (const { path, exposure } of science)
    for (const [keyword, had, has] of [
      ...(isDark ? [] : ([["FILTER", first.filter, exposure.filter]] as const)),
      ...(regrid
        ? []
        : ([
            ["DETECTOR", first.detector, exposure.detector],
            ...(mixes.includes("EXPTIME") ? [] : [["EXPTIME", first.exptime, exposure.exptime] as const]),
            ["READMODE", first.readmode, exposure.readmode],
            ["SUBARRAY", first.subarray.name, exposure.subarray.name],
          ] as const)),
    ] as const)
      if (had !== has)
        throw new InputError(
          `cannot combine ${path} with ${science[0]!.path} — ${keyword} is ${has}, the first has ${had}`,
          {
            hint: "combine equal exposures only, or say --force",
          },
        );
}
