/** `iris sim references`: calibration references and the rules that find them, in a cache of the user's. */
import { resolve } from "node:path";
import { UsageError } from "../../../errors.js";
import { extendCache } from "../../../instruments/iris/simulator/cache.js";
import { windowsOf } from "../../../instruments/iris/simulator/detector.js";
import { FILTERS, filterNamed } from "../../../instruments/iris/simulator/optics.js";
import {
  REFERENCE_TYPES,
  type ReferenceRequest,
  type ReferenceType,
} from "../../../instruments/iris/simulator/references.js";
import type { Cli } from "../../cli.js";
import { progressLine } from "./progress.js";
import { detectorsFlag, listFlag, sizeOf, timeFlag } from "./values.js";

export interface ReferenceFlags {
  size: string;
  detector: string;
  filter: string;
  types?: string;
  useAfter: string;
  cache: string;
}

function typesOf(text: string | undefined): readonly ReferenceType[] {
  if (text === undefined) return REFERENCE_TYPES;
  return listFlag(text, REFERENCE_TYPES).map((word) => {
    const type = REFERENCE_TYPES.find((each) => each === word.toUpperCase());
    if (!type)
      throw new UsageError(`no model of reference "${word}": there are ${REFERENCE_TYPES.join(", ")}`);
    return type;
  });
}

export function runReferences(cli: Cli, flags: ReferenceFlags): void {
  const [nx, ny] = sizeOf(flags.size);
  const filters = listFlag(flags.filter, Object.keys(FILTERS));
  for (const filter of filters) filterNamed(filter);
  const types = typesOf(flags.types);
  const useAfter = new Date(timeFlag("use-after", flags.useAfter))
    .toISOString()
    .slice(0, 19)
    .replace("T", " ");
  const requests = windowsOf(detectorsFlag(flags.detector), nx, ny).flatMap((window): ReferenceRequest[] =>
    types.flatMap((type) =>
      (type === "FLAT" ? filters : [""]).map((filter) => ({ type, window, filter, useAfter })),
    ),
  );
  const change = extendCache(resolve(cli.host.cwd, flags.cache), requests, progressLine(cli, flags.cache));
  if (cli.json) cli.out(JSON.stringify({ v: 1, type: "sim", ...change }));
  else cli.out([...change.references, ...change.mappings].join("\n"));
  if (!cli.json && !cli.quiet) cli.err(`context ${change.context}; use it with CRDS_PATH=${flags.cache}`);
}
