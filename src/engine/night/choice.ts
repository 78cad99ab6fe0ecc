/** Which part of a night is wanted: `--target`, `--only`, `--until` as the planner understands them. */
import { suggestion } from "../../config/suggestion.js";
import { UsageError } from "../../errors.js";
import type { Descriptor, NightRules } from "../../instruments/define.js";
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

/** A stage of the night; undefined for any other word, which is a step then. */
export const parseStage = (word: string | undefined): Stage | undefined =>
  stages.find((stage) => stage === word);

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
