/** Does a mapping file load, and is its checksum right? Writes the right one on request. */
import { dirname } from "node:path";
import { isIrisError, RulesError } from "../errors.js";
import { readMapping } from "./cache.js";
import { checkMapping } from "./checksum.js";
import { checkHeader, compileRmap } from "./compile-rmap.js";
import { keyIdentity } from "./format.js";
import { findDuplicates, headerText, type Mapping } from "./mapping.js";
import { getObservatory } from "./observatories/index.js";
import { writeMapping } from "./write-mapping.js";

export interface Verdict {
  state: "valid" | "written" | "missing" | "wrong" | "refused";
  message: string;
}

/** @throws RulesError when the mapping can't be used for lookups */
export function checkLoads(mapping: Mapping): void {
  checkHeader(mapping);
  if (mapping.kind !== "rmap") return;
  const observatory = getObservatory(headerText(mapping, "observatory") ?? "");
  compileRmap(mapping, observatory, observatory.equalWeights);
}

export function verifyMapping(path: string): Verdict {
  try {
    const { mapping, text } = readMapping(path);
    checkLoads(mapping);
    const sum = checkMapping(mapping, text);
    if (sum.state === "valid") return { state: "valid", message: "" };
    const said =
      sum.state === "missing" ? "sha1sum is missing" : `sha1sum mismatch: the header says ${sum.stored}`;
    return { state: sum.state, message: `${said}, the text has ${sum.computed}` };
  } catch (error) {
    return refusal(error);
  }
}

/** Writes the canonical text with its sum; a file with repeated keys is refused, because one of them would be lost. */
export function updateMapping(path: string): Verdict {
  try {
    const { mapping } = readMapping(path);
    checkLoads(mapping);
    const [first] = findDuplicates(mapping, keyIdentity);
    if (first) {
      throw new RulesError(
        `can't rewrite ${mapping.name}: line ${first.line} — duplicate entry; remove one of the two first`,
      );
    }
    writeMapping(dirname(path), mapping);
    return { state: "written", message: "written in canonical form, with its sha1sum" };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Verdict {
  if (!isIrisError(error)) throw error;
  return { state: "refused", message: error.message };
}
