/** Malformed mappings: each must be refused at the stage where the field's software refuses it, or earlier; never a crash. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  bestrefs,
  certify,
  checkLoads,
  loadMapping,
  mappingsBelow,
  openCache,
  verifyMapping,
} from "../../../src/crds/rules.js";
import { isIrisError } from "../../../src/errors.js";
import { readLines, type Tally } from "./tally.js";

type Stage = { ok: unknown } | { exception: string; message: string };

interface Case {
  file: string;
  load: Stage;
  load_all: Stage;
  bestrefs: Stage;
  certify: { errors: number };
  checksum_verify: { errors: number };
}

const raised = (stage: Stage): boolean => "exception" in stage;

/** What only the observatory's own package can know. */
const apart: Readonly<Record<string, string>> = {
  "tobs_tinstr_tfilekind_1108.rmap": "needs the registry of types",
};

export function checkInvalid(file: string, _root: string, tally: Tally): void {
  const root = dirname(file);
  for (const c of readLines<Case>(file)) {
    const path = [join(root, "mappings", "tobs", c.file)].find(existsSync);
    if (!path) {
      tally.fail(c.file, "no such mapping");
      continue;
    }
    const difference = judge(root, path, c);
    const reason = apart[c.file];
    if (difference === undefined) tally.pass();
    else if (reason !== undefined) tally.apart(`${c.file}: ${difference}; ${reason}`);
    else tally.fail(c.file, difference);
  }
}

/** undefined when all is well, the error's message else; anything but our own errors is a crash and goes on. */
function attempt(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!isIrisError(error)) throw error;
    return error.message;
  }
}

function judge(root: string, path: string, c: Case): string | undefined {
  const cache = openCache({ path: root });
  const loading = attempt(() => {
    checkLoads(loadMapping(cache, c.file));
  });
  const findings = certify(cache, path);
  const errors = findings.filter(({ level }) => level === "error");
  const refused = raised(c.load);
  if (refused && loading === undefined) return `must not load: ${JSON.stringify(c.load)}`;
  if (loading !== undefined && !loading.includes(c.file))
    return `the message doesn't name the file: ${loading}`;
  const expected = c.certify.errors;
  if (expected > 0 && errors.length === 0)
    return `must not certify: ${JSON.stringify(c.certify).slice(0, 200)}`;
  if (expected === 0 && errors.length > 0) return `must certify, but ${errors[0]!.message}`;
  // what loads here must have loaded there, or have been refused by its certify
  if (loading !== undefined && !refused && expected === 0) return `must load, but ${loading}`;
  const { state, message } = verifyMapping(path);
  if (c.checksum_verify.errors > 0 && state === "valid") return "the checksum must be refused";
  if (c.checksum_verify.errors === 0 && state !== "valid" && loading === undefined)
    return `the checksum: ${message}`;
  if (raised(c.load_all) && errors.length === 0 && loading === undefined) {
    const below = attempt(() => mappingsBelow(cache, c.file));
    if (below === undefined) return `what is below must not load: ${JSON.stringify(c.load_all)}`;
  }
  const header = { INSTRUME: "TINSTR", P1: "A", "DATE-OBS": "2020-01-01", "TIME-OBS": "00:00:00" };
  const looked = attempt(() => bestrefs(cache, c.file, header));
  return loading !== undefined && looked === undefined
    ? "a mapping that doesn't load answers a lookup"
    : undefined;
}
