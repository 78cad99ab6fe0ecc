/** The small functions below a lookup. */
import { basename } from "node:path";
import { alternativesOf, conditionElement, conditionValue, isEsoteric } from "../../../src/crds/condition.js";
import { DateError, formatDate, parseDate } from "../../../src/crds/dates.js";
import { ElementError, makeMatcher } from "../../../src/crds/element.js";
import { isMappingName } from "../../../src/crds/mapping.js";
import { isSuperset, weightOf } from "../../../src/crds/match-superset.js";
import * as names from "../../../src/crds/names.js";
import { versionNumbers } from "../../../src/crds/selectors/version.js";
import { readLines, type Tally } from "./tally.js";

type Row = Record<string, unknown>;

/** Runs a function that may refuse its input. */
function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof DateError || error instanceof ElementError) return "error";
    throw error;
  }
}

const units: Readonly<Record<string, (row: Row) => Row>> = {
  condition_value: ({ value }) => ({ result: conditionValue(value as string) }),
  condition_key_element: ({ element }) => ({
    result: conditionElement(
      Array.isArray(element) ? { kind: "tuple", items: element } : (element as string),
    ),
  }),
  glob_list: ({ value }) => ({
    glob_list: alternativesOf(value as string),
    esoteric: isEsoteric(value as string),
  }),
  matcher: ({ key, value, construct_error }) =>
    construct_error !== undefined
      ? { result: attempt(() => makeMatcher(key as string)) }
      : { result: attempt(() => makeMatcher(key as string)(value as string)) },
  match_superset: ({ a, b }) => ({
    a_superset_of_b: isSuperset(a as string[], b as string[]),
    different_weight_b_a: weightOf(a as string[]) !== weightOf(b as string[]),
  }),
  parse_date: ({ date }) => ({ iso: attempt(() => formatDate(parseDate(date as string))) }),
  version_key: ({ version }) => ({ result: versionNumbers(version as string) ?? "error" }),
  names: ({ name }) => describeName(name as string),
};

function describeName(name: string): Row {
  const spec = names.parseContextSpec(name);
  return {
    is_mapping: isMappingName(name),
    is_mapping_spec: isMappingName(name) || spec !== null,
    is_context: name.endsWith(".pmap"),
    is_context_spec: names.isContextSpec(name),
    is_date_based: spec !== null,
    is_reference: names.isReferenceName(name),
    is_crds_name: names.isStandardName(name),
    is_valid_mapping_name: names.isStandardMappingName(name),
    is_valid_reference_name: names.isStandardReferenceName(name),
    filetype: names.fileTypeOf(name),
    observatory_by_name: names.observatoryByName(name),
  };
}

/** Where Python raised, we must refuse; every other recorded field must be equal. */
export function checkUnits(file: string, _root: string, tally: Tally): void {
  const name = basename(file, ".jsonl");
  const unit = units[name];
  if (!unit) return tally.fail(name, "no such unit here");
  for (const [i, row] of readLines<Row>(file).entries()) {
    const got = unit(row);
    const refuses = "error" in row || "construct_error" in row;
    const wrong = Object.keys(got).filter((key) =>
      refuses ? got[key] !== "error" : JSON.stringify(got[key]) !== JSON.stringify(row[key]),
    );
    if (wrong.length === 0) tally.pass();
    else tally.fail(`line ${i + 1}`, `${JSON.stringify(row)}, got ${JSON.stringify(got)}`);
  }
}
