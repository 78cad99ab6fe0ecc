/** Images of a night whose sky is made of the field itself, or of exposures of empty sky with their objects masked. */
import type { NightRules, SkyRule } from "../../instruments/define.js";
import { fieldName, targetOf } from "./fields.js";
import { factOf, isSame } from "./match.js";
import { ENOUGH } from "./named.js";
import { roundJobs, type FieldImage } from "./rounds.js";
import { firstFile, type NightFile, type NightJob, type OwnSky, type Workshop } from "./types.js";

/** The rule by which an exposure can have a sky of its own. */
export const skyRuleOf = (
  { sky }: NightRules,
  { exposure: { obstype }, tags }: NightFile,
): SkyRule | undefined =>
  sky?.of.includes(obstype) && sky.tags.every((tag) => tags.has(tag)) ? sky : undefined;

interface Surroundings {
  rules: NightRules;
  workshop: Workshop;
  /** Exposures of empty sky that serve this one, reduced. */
  skiesFor(file: NightFile, role: string): NightJob[];
}

interface Part {
  job: NightJob;
  file: NightFile;
}

/** The jobs that subtract the sky, and the images after them in place of those given; what no rule has stays as it is. */
export function ownSkyJobs(
  images: readonly NightJob[],
  sky: OwnSky,
  around: Surroundings,
): { jobs: NightJob[]; images: NightJob[] } {
  const fields = new Map<string, { rule: SkyRule; parts: Part[] }>();
  const done: { jobs: NightJob[]; images: NightJob[] } = { jobs: [], images: [] };
  for (const job of images) {
    const file = firstFile(job);
    const rule = skyRuleOf(around.rules, file);
    if (!rule) {
      done.images.push(job);
      continue;
    }
    const key = [targetOf(file.exposure), ...rule.same.map((each) => factOf(file.exposure, each))].join("\n");
    const field = fields.get(key) ?? { rule, parts: [] };
    fields.set(key, field);
    field.parts.push({ job, file });
  }
  for (const { rule, parts } of fields.values()) {
    const field = parts.map((part) => imageOf(part, parts, rule, sky, around));
    const [{ exposure }] = field as [FieldImage];
    const fewest = Math.min(...field.map(({ members }) => members["repeat"]?.length ?? 0));
    const { rounds, most } = around.workshop.rounds(rule.pipeline);
    const { jobs, last } = roundJobs(
      {
        title: `${targetOf(exposure)} ${exposure.filter}`.trim(),
        name: fieldName(exposure),
        images: field,
      },
      { pipeline: rule.pipeline, rounds, most: fewest >= ENOUGH ? most : 1 },
    );
    done.jobs.push(...jobs);
    done.images.push(...last);
  }
  return done;
}

function imageOf(
  { job, file }: Part,
  parts: readonly Part[],
  { role }: SkyRule,
  sky: OwnSky,
  { skiesFor }: Surroundings,
): FieldImage {
  const { exposure } = file;
  if (sky === "super") {
    const skies = skiesFor(file, role);
    const because = [`sky: of ${skies.length} exposures of empty sky, their objects masked`];
    return { image: job, exposure, members: { [role]: skies }, because };
  }
  const others = parts.filter(
    (other) => other.job !== job && isSame(other.file.exposure, exposure, "detector"),
  );
  const because = [`sky: of ${others.length} other exposures of the field, those nearest in time`];
  return { image: job, exposure, members: { repeat: others.map((other) => other.job) }, because };
}
