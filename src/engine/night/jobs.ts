/** Plans a night: from what the exposures are, to the products that are made of them, each after what it needs. */
import type { CalibrationRule, MemberRule, NightRules } from "../../instruments/define.js";
import type { Caveat } from "../../step/outcome.js";
import { allowsFile, allowsKind, wantsOnly } from "./choice.js";
import { exposuresOf, fieldsOf, jointName, targetOf } from "./fields.js";
import { julianDate, rank, type Match } from "./match.js";
import { ownSkyJobs, skyRuleOf } from "./own-sky.js";
import { inOrderOfTime, setsOf, settingsOf, spanOf, type ExposureSet } from "./sets.js";
import { stages, type Passed } from "../plan-types.js";
import type { Choice, NightFile, NightJob, Workshop } from "./types.js";

export interface NightPlan {
  jobs: NightJob[];
  passed: Passed[];
}

/**
 * The jobs of one instrument's exposures, each after those that it uses. The science decides which calibrations and
 * skies are wanted; without any science, and where the choice names calibrations, they are made for their own sake.
 * Pure: what it has to know of steps and rules it asks the workshop.
 */
export function planNight(
  given: readonly NightFile[],
  rules: NightRules,
  workshop: Workshop,
  choice: Choice,
): NightPlan {
  const files = inOrderOfTime(given);
  const jobs: NightJob[] = [];
  const add = (job: NightJob): NightJob => {
    jobs.push(job);
    return job;
  };
  const served = new Set<NightFile>();
  const single = new Map<NightFile, NightJob>();
  const masters = new Map<string, NightJob>();
  const sets = new Map(rules.calibrations.map((rule) => [rule, setsOf(files, rule.of)]));
  const calibrates = (file: NightFile) => rules.calibrations.some(({ of }) => of === file.exposure.obstype);
  const accompanies = (file: NightFile) => rules.members.some(({ of }) => of === file.exposure.obstype);
  const science = files.filter((file) => !calibrates(file) && !accompanies(file));

  /** What the night gives for the references that a pipeline lacks; `before`: only calibrations before this rule. */
  function references(
    file: NightFile,
    pipeline: string,
    before: number,
    uses: CalibrationRule["uses"] = {},
  ): Pick<NightJob, "refs" | "without" | "because" | "caveats"> {
    const refs: Record<string, NightJob["refs"][string]> = {};
    const without: Record<string, string> = {};
    const because: string[] = [];
    const caveats: Caveat[] = [];
    for (const [type, reason] of Object.entries(workshop.lacks(file, pipeline))) {
      const at = rules.calibrations.findIndex(({ reftype }) => reftype === type);
      const rule = rules.calibrations[at];
      if (!rule) continue;
      if (at >= before) {
        without[type] = `the night's ${rule.name} comes after these exposures`;
        continue;
      }
      const match = { ...rule, same: uses[type] ?? rule.same };
      const wanted = { exposure: file.exposure, jd: julianDate(file.exposure) };
      const best = rank(wanted, sets.get(rule)!.filter(suffices(rule)), match)[0];
      if (!best) {
        const few = `the night has ${rule.atLeast === undefined ? "no" : `no ${rule.atLeast}`} ${rule.of} that would serve`;
        because.push(`no ${rule.name}: ${reason}, and ${few}`);
        if (rule.optional) without[type] = few;
        continue;
      }
      refs[type] = { job: master(rule, best.found), why: `made of the night's ${rule.of}, ${best.why}` };
      because.push(`${rule.name} of the night (${best.why}), as ${reason}`);
      caveats.push(...matchCaveat(rule.name, best));
    }
    return { refs, without, because, caveats };
  }

  /** A single exposure through its own pipeline. */
  function exposure(file: NightFile, stage: NightJob["stage"], before: number): NightJob {
    const known = single.get(file);
    if (known) return known;
    const { because, caveats, ...calibration } = references(file, file.pipeline, before);
    const company =
      stage === "images" && !accompanies(file) ? members(file) : { members: {}, because: [], caveats: [] };
    const { obstype, object } = file.exposure;
    const job: NightJob = {
      stage,
      title: [obstype, object === obstype ? "" : object, settingsOf({ exposure: file.exposure, jd: NaN })]
        .filter((word) => word !== "")
        .join(" "),
      pipeline: file.pipeline,
      inputs: [file],
      ...calibration,
      members: company.members,
      picture: stage === "images",
      because: [
        `${file.pipeline}, by what it is: ${[...file.tags].join(" ")}`,
        ...because,
        ...company.because,
      ],
      caveats: [...caveats, ...company.caveats],
    };
    single.set(file, job);
    served.add(file);
    return add(job);
  }

  /** The exposures that a science exposure uses: the nearest of the best level. */
  function members(file: NightFile): Pick<NightJob, "members" | "because" | "caveats"> {
    const chosen: Record<string, NightJob[]> = {};
    const because: string[] = [];
    const caveats: Caveat[] = [];
    const roles = workshop.roles(file.pipeline);
    if (choice.sky && skyRuleOf(rules, file)) return { members: {}, because: [], caveats: [] };
    for (const rule of rules.members.filter(({ role }) => roles.includes(role))) {
      const wanted = { exposure: file.exposure, jd: julianDate(file.exposure) };
      const ranked = rank(wanted, candidatesOf(rule), rule);
      const best = ranked.filter(({ level }) => level === ranked[0]!.level).slice(0, rule.most);
      if (best.length === 0) {
        const other =
          skyRuleOf(rules, file)?.role === rule.role ? "; --sky field takes that of the field itself" : "";
        because.push(`no ${rule.role}: the night has no ${rule.of} that would serve${other}`);
        continue;
      }
      chosen[rule.role] = best.map(({ found }) => exposure(found.file, "images", Infinity));
      because.push(`${rule.role}: the ${best.length} nearest ${rule.of} (${best.at(-1)!.why})`);
      caveats.push(...matchCaveat(rule.role, best[0]!));
    }
    return { members: chosen, because, caveats };
  }

  /** The calibration that a set of exposures gives. */
  function master(rule: CalibrationRule, set: ExposureSet): NightJob {
    const key = `${rule.reftype} ${set.files[0]!.path}`;
    const known = masters.get(key);
    if (known) return known;
    const before = rules.calibrations.indexOf(rule);
    const own = rules.calibrations.findIndex(({ of }) => of === rule.of);
    const inputs = set.files.map((file) => {
      served.add(file);
      return workshop.takes(file, rule.pipeline) ? file : exposure(file, "calibrations", own);
    });
    const { because, caveats, ...calibration } = references(set.files[0]!, rule.pipeline, before, rule.uses);
    const job: NightJob = {
      stage: "calibrations",
      title: `${rule.name} ${settingsOf(set)}`,
      pipeline: rule.pipeline,
      inputs,
      ...calibration,
      members: {},
      picture: true,
      because: [`${spanOf(set)} of equal settings`, ...because],
      caveats,
    };
    masters.set(key, job);
    return add(job);
  }

  /** The exposures of empty sky of the best level, each through its own pipeline. */
  function emptySkies(file: NightFile, role: string): NightJob[] {
    const wanted = { exposure: file.exposure, jd: julianDate(file.exposure) };
    const ranked = rules.members
      .filter((rule) => rule.role === role)
      .flatMap((rule) => rank(wanted, candidatesOf(rule), rule));
    const best = ranked.filter(({ level }) => level === ranked[0]!.level);
    return best.map(({ found }) => exposure(found.file, "images", Infinity));
  }

  const candidatesOf = (rule: MemberRule) =>
    files
      .filter(({ exposure: { obstype } }) => obstype === rule.of)
      .map((each) => ({ file: each, exposure: each.exposure, jd: julianDate(each.exposure) }));

  /** One product of all images of a target that a rule joins. */
  function joint(images: readonly NightJob[]): void {
    for (const { rule, files: field, jobs: inputs } of fieldsOf(images, rules.joint)) {
      const { exposure } = field[0]!;
      const target = targetOf(exposure);
      const { filter } = exposure;
      add({
        stage: "mosaics",
        title: `${rule.title} ${target} ${filter}`.trim(),
        pipeline: rule.pipeline,
        inputs,
        members: {},
        refs: {},
        without: {},
        name: jointName(rule, exposure),
        picture: true,
        because: [`${exposuresOf(field)} of ${target}${filter ? ` in ${filter}` : ""}`],
        caveats: [],
      });
    }
  }

  const stage = stages.indexOf(choice.until ?? "mosaics");
  const named = rules.calibrations.filter(({ name }) => choice.kinds.includes(name));
  const wantsImages = ["science", "mosaic"].some((kind) => allowsKind(choice, kind));
  const targets = science.filter((file) => allowsFile(choice, file, true));
  const forTheirOwn =
    named.length > 0 ? named : science.length === 0 && choice.kinds.length === 0 ? rules.calibrations : [];
  for (const rule of forTheirOwn)
    for (const set of sets.get(rule)!.filter(suffices(rule)))
      if (allowsFile(choice, set.files[0]!, false)) master(rule, set);
  let images: NightJob[] = [];
  if (wantsImages)
    for (const file of targets) {
      if (stage >= stages.indexOf("images")) images.push(exposure(file, "images", Infinity));
      else references(file, file.pipeline, Infinity);
    }
  if (choice.sky) {
    const own = ownSkyJobs(images, choice.sky, { rules, workshop, skiesFor: emptySkies });
    own.jobs.forEach(add);
    ({ images } = own);
  }
  for (const rule of rules.members)
    if (wantsOnly(choice, rule.of.toLowerCase()) || (science.length === 0 && choice.kinds.length === 0))
      for (const file of files)
        if (file.exposure.obstype === rule.of && allowsFile(choice, file, false))
          exposure(file, "images", Infinity);
  if (allowsKind(choice, "mosaic") && stage >= stages.indexOf("mosaics")) joint(images);
  const passed = files
    .filter((file) => !served.has(file))
    .map((file) => ({ input: file.path, why: whyIdle(file, calibrates(file) || accompanies(file)) }));
  return { jobs, passed };
}

const suffices =
  ({ atLeast = 1 }: CalibrationRule) =>
  ({ files }: ExposureSet): boolean =>
    files.length >= atLeast;

/** A match that isn't of the best two levels is something to know of the product. */
const matchCaveat = (what: string, { level, why }: Match<unknown>): Caveat[] =>
  level < 2 ? [] : [{ code: "MATCH_LEVEL", message: `${what} of ${why}` }];

const whyIdle = ({ exposure: { obstype } }: NightFile, serves: boolean): string =>
  serves ? `${obstype} that nothing to be made needs` : "not chosen";
