/** Lookups: file names, n/a and omitted types exactly; failures by class. */
import { basename } from "node:path";
import {
  bestrefs,
  openCache,
  type BestRef,
  type CrdsHeader,
  type LookupOptions,
} from "../../../src/crds/index.js";
import { isIrisError } from "../../../src/errors.js";
import { readLines, type Tally } from "./tally.js";

type Recorded = string | { tuple: unknown[] } | { dict: Record<string, unknown> };

interface Case {
  context: string;
  header: CrdsHeader;
  results?: Record<string, Recorded>;
  hooked_results?: Record<string, Recorded>;
  error?: string;
}

export function checkBestrefs(file: string, root: string, tally: Tally): void {
  const name = basename(file);
  // Roman has one mapping with a wrong sum; its recorded answers were made with checksums ignored
  const env = name.startsWith("roman") ? { CRDS_IGNORE_MAPPING_CHECKSUM: "1" } : {};
  const cache = openCache({ path: root, env });
  const options: LookupOptions = name.includes("@merge")
    ? { equalWeights: "merge" }
    : name.includes("@strict")
      ? { equalWeights: "error" }
      : {};
  let hooked = 0;
  let agreed = 0;
  for (const [i, c] of readLines<Case>(file).entries()) {
    const id = `line ${i + 1}`;
    let results: Record<string, BestRef>;
    try {
      results = bestrefs(cache, c.context, c.header, undefined, options);
    } catch (error) {
      if (!isIrisError(error)) throw error;
      if (c.error !== undefined) tally.pass();
      else tally.fail(id, `our lookup failed: ${error.message}`);
      continue;
    }
    if (c.error !== undefined) {
      tally.fail(id, `expected an error: ${c.error}`);
      continue;
    }
    const recorded = c.results ?? {};
    for (const [type, expected] of Object.entries(c.hooked_results ?? {})) {
      hooked++;
      if (agrees(expected, results[type])) agreed++;
    }
    const types = new Set([...Object.keys(recorded), ...Object.keys(results)]);
    if (types.size === 0) tally.pass();
    for (const type of types) {
      if (c.hooked_results && type in c.hooked_results) continue;
      if (agrees(recorded[type], results[type])) tally.pass();
      else
        tally.fail(
          `${id} ${type}`,
          `expected ${JSON.stringify(recorded[type])}, got ${JSON.stringify(results[type])}`,
        );
    }
  }
  if (hooked > 0) tally.apart(`${name}: ${hooked} results of Python hooks, ${agreed} of them as recorded`);
}

function agrees(expected: Recorded | undefined, got: BestRef | undefined): boolean {
  if (expected === undefined || got === undefined) return expected === got;
  if (typeof expected !== "string") return agreesWithSeveral(expected, got);
  if (expected === "NOT FOUND n/a") return got.kind === "n/a";
  if (!expected.startsWith("NOT FOUND ")) return got.kind === "file" && got.name === expected;
  return got.kind === "notFound" && classesOf(expected.slice("NOT FOUND ".length)).includes(got.class);
}

/** A tuple is what a Bracket or a rule gave, else the sign of several rules of one weight. */
function agreesWithSeveral(expected: Exclude<Recorded, string>, got: BestRef): boolean {
  if (got.kind === "pair") return "tuple" in expected && isSame(expected.tuple, got.names);
  if (got.kind === "value") return isSame("tuple" in expected ? expected.tuple : expected.dict, got.value);
  return got.kind === "notFound" && got.class === "ambiguous" && "tuple" in expected;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Class of a recorded failure; the texts are Python's own. */
function classesOf(message: string): string[] {
  if (/^No match found|^No selection <=/.test(message)) return ["noMatch"];
  if (message.includes(" is not in [")) return ["invalidValue"];
  if (/ is UNDEFINED\.$|Invalid date\/time/.test(message)) return ["date"];
  if (/More than one match|has no attribute '_selections'/.test(message)) return ["ambiguous"];
  if (/^Unknown reference type/.test(message)) return ["unknownType"];
  if (/Invalid version|Invalid number/.test(message)) return ["version"];
  // a number that can't be read is an invalid number, or a fault of a range
  if (/could not convert string to float/.test(message)) return ["version", "internal"];
  return ["internal"];
}
