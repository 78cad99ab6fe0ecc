/** Exposures that were named, of a pipeline that goes in rounds: one field after the other, as in a night. */
import type { Layer } from "../../config/layers.js";
import { resolveParameters } from "../../config/parameters.js";
import type { Pipeline, Rounds } from "../../step/pipeline.js";
import { loadPipeline } from "../../step/registry.js";
import type { Chosen } from "../groups.js";
import type { Openings } from "../openings.js";
import { addJobs, type Bench } from "./add-jobs.js";
import { fieldName, targetOf } from "./fields.js";
import { roundJobs, type FieldImage } from "./rounds.js";
import type { NightFile } from "./types.js";

/** Exposures on which one of a field shows other objects than this many others: fewer don't tell a sky. */
export const ENOUGH = 3;

/** The rounds of a pipeline, and how many there are at most: one where the user gives what they would find out. */
export function roundsOf(
  { entries, rounds }: Pipeline,
  layers: readonly Layer[],
): { rounds: Rounds | undefined; most: number } {
  const step = entries.find(({ step: { name } }) => name === rounds?.most.step)?.step;
  const isGiven = layers.some(({ refs }) =>
    Object.keys(refs).some((type) => type.toUpperCase() === rounds?.reftype),
  );
  if (!rounds || !step || isGiven) return { rounds: undefined, most: 1 };
  return { rounds, most: Number(resolveParameters(step, layers)[rounds.most.param]!.value) };
}

/** The pipelines that the rounds of a pipeline go through, and itself, by name. */
export async function pipelinesOf(pipeline: Pipeline): Promise<Map<string, Pipeline>> {
  const { name, rounds } = pipeline;
  const others = rounds ? [rounds.images, rounds.mosaic] : [];
  const loaded = await Promise.all(
    others.map(async (other): Promise<[string, Pipeline]> => [other, await loadPipeline(other)]),
  );
  return new Map([[name, pipeline], ...loaded]);
}

/** Parts the products: those that go in rounds with others of their field, and those that are made by themselves. */
export function partRounds(
  chosen: readonly Chosen[],
  layers: readonly Layer[],
  from: string | undefined,
): { alone: Chosen[]; inRounds: Chosen[] } {
  const parts: { alone: Chosen[]; inRounds: Chosen[] } = { alone: [], inRounds: [] };
  for (const each of chosen) {
    const { pipeline, group } = each;
    const { repeat = [], background = [] } = group.members;
    const isWhole = from === undefined && group.until === undefined;
    const loops =
      isWhole && repeat.length >= ENOUGH && background.length === 0 && roundsOf(pipeline, layers).most > 1;
    (loops ? parts.inRounds : parts.alone).push(each);
  }
  return parts;
}

/** Adds the products of these exposures, all of one pipeline, and of the rounds before them. */
export async function addRounds(chosen: readonly Chosen[], bench: Bench): Promise<void> {
  if (chosen.length === 0) return;
  const { pipeline } = chosen[0]!;
  const fields = new Map<string, FieldImage[]>();
  for (const { group } of chosen) {
    const [path] = group.inputs as [string];
    const image = fileOf(path, pipeline.name, bench.openings);
    const { filter } = image.exposure;
    const key = `${filter} ${targetOf(image.exposure)}`;
    const members = {
      repeat: group.members["repeat"]!.map((other) => fileOf(other, pipeline.name, bench.openings)),
    };
    const because = [`sky: of ${members.repeat.length} other exposures of the field, those nearest in time`];
    fields.set(key, [...(fields.get(key) ?? []), { image, exposure: image.exposure, members, because }]);
  }
  const pipelines = await pipelinesOf(pipeline);
  const wanted = { pipeline: pipeline.name, ...roundsOf(pipeline, bench.context.layers) };
  for (const images of fields.values()) {
    const [{ exposure }] = images as [FieldImage];
    const title = `${targetOf(exposure)} ${exposure.filter}`.trim();
    const { jobs } = roundJobs({ title, name: fieldName(exposure), images }, wanted);
    await addJobs(jobs, pipelines, undefined, bench);
  }
}

function fileOf(path: string, pipeline: string, { open }: Openings): NightFile {
  const { exposure, tags } = open(path);
  return { path, exposure, tags, pipeline };
}
