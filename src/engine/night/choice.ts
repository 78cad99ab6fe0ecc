/** Which part of a night is wanted: `--target`, `--only`, `--own`, `--until` as the planner understands them. */
import { suggestion } from "../../config/suggestion.js";
import { UsageError } from "../../errors.js";
import type { Descriptor, NightRules } from "../../instruments/define.js";
import type { Pipeline } from "../../step/pipeline.js";
import { factOf } from "./match.js";
import { stages, type Stage } from "../plan-types.js";
import { ownSkies, type Choice, type NightFile, type OwnSky } from "./types.js";

const keys: readonly Descriptor[] = ["detector", "mode", "filter", "pupil", "exptime", "readmode", "obsid"];

/** Words that name what is made of a night by these rules. */
export const kindsOf = ({ calibrations, members }: NightRules): string[] => [
  ...calibrations.map(({ name }) => name),
  ...members.map(({ of }) => of.toLowerCase()),
  "science",
  "mosaic",
];

/** `dark,flat`, `detector=IMG1`: kinds of products, and facts of exposures. @throws UsageError */
export function parseOnly(
  words: readonly string[],
  known: readonly string[],
): Pick<Choice, "kinds" | "facts"> {
  const kinds: string[] = [];
  const facts: Record<string, string[]> = {};
  for (const word of words.flatMap((each) => each.split(",")).map((each) => each.trim())) {
    const [key, value] = word.split("=") as [string, string?];
    if (value !== undefined && (keys as readonly string[]).includes(key)) (facts[key] ??= []).push(value);
    else if (value === undefined && known.includes(word.toLowerCase())) kinds.push(word.toLowerCase());
    else
      throw new UsageError(`--only has no "${word}"${suggestion(key, value === undefined ? known : keys)}`, {
        hint: `kinds: ${known.join(", ")}; facts: ${keys.map((each) => `${each}=…`).join(", ")}`,
      });
  }
  return { kinds, facts };
}

/** A stage of the night, or a step at which its products end. @throws UsageError */
export function parseUntil(
  word: string | undefined,
  pipelines: readonly Pipeline[],
): { stage?: Stage; step?: string } {
  if (word === undefined) return {};
  const stage = stages.find((each) => each === word);
  if (stage) return { stage };
  const steps = pipelines.flatMap(({ entries }) => entries.map(({ step }) => step.name));
  if (steps.includes(word)) return { step: word };
  throw new UsageError(`--until has no "${word}"${suggestion(word, [...stages, ...steps])}`, {
    hint: `stages: ${stages.join(", ")}; or a step: ${pipelines.map(({ name }) => `iris pipeline show ${name}`).join(", ")}`,
  });
}

/** `dark,flat`: calibrations that the night is to make itself. @throws UsageError */
export function parseOwn(words: readonly string[], known: readonly string[]): string[] {
  const own = words.flatMap((each) => each.split(",")).map((each) => each.trim().toLowerCase());
  const wrong = own.find((word) => !known.includes(word));
  if (wrong === undefined) return own;
  throw new UsageError(`--own has no "${wrong}"${suggestion(wrong, known)}`, {
    hint:
      known.length === 0 ? "no calibration is made of such a folder" : `calibrations: ${known.join(", ")}`,
  });
}

/** Each fact that is asked for must be that of some exposure. @throws UsageError */
export function checkFacts({ facts }: Pick<Choice, "facts">, files: readonly NightFile[]): void {
  for (const [key, values] of Object.entries(facts)) {
    const has = (value: string) => (file: NightFile) =>
      allowsFile({ kinds: [], facts: { [key]: [value] } }, file, false);
    const lost = values.find((value) => !files.some(has(value)));
    if (lost === undefined) continue;
    const there = [...new Set(files.map(({ exposure }) => factOf(exposure, key as Descriptor)))].filter(
      Boolean,
    );
    throw new UsageError(`no exposure has ${key}=${lost}${suggestion(lost, there)}`, {
      hint: `${key} here: ${there.join(", ") || "none"}`,
    });
  }
}

/** @throws UsageError */
export function parseSky(word: string | undefined): OwnSky | undefined {
  const sky = ownSkies.find((each) => each === word);
  if (word !== undefined && sky === undefined)
    throw new UsageError(`--sky has no "${word}"${suggestion(word, ownSkies)}`, {
      hint: "field: of the field itself, between its objects; super: of the exposures of empty sky, objects masked",
    });
  return sky;
}

export const allowsKind = ({ kinds }: Choice, kind: string): boolean =>
  kinds.length === 0 || kinds.includes(kind);

/** Asked for by name. */
export const wantsOnly = ({ kinds }: Choice, kind: string): boolean => kinds.includes(kind);

/** Has an exposure the facts that are wanted, and for `aimed` ones the target? */
export const allowsFile = ({ target, facts }: Choice, { exposure }: NightFile, aimed: boolean): boolean =>
  (!aimed || target === undefined || sameName(exposure.object, target)) &&
  Object.entries(facts).every(([key, values]) =>
    values.some((value) => sameName(factOf(exposure, key as Descriptor), value, key === "exptime")),
  );

export const sameName = (a: string, b: string, isTime = false): boolean =>
  isTime ? Number.parseFloat(a) === Number.parseFloat(b) : a.trim().toLowerCase() === b.trim().toLowerCase();
