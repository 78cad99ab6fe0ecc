/** Whether a calibration is made of what it should be: enough exposures, and of its type. */
import { basename } from "node:path";
import type { Caveat } from "../step/outcome.js";
import type { Pipeline } from "../step/pipeline.js";
import { UNFIT } from "../step/verdict.js";
import type { Opened } from "./inputs.js";

/** What speaks against a calibration of these exposures. `together`: they make one product. */
export function wrongExposures(
  { least = 1, of }: Pipeline,
  science: readonly Opened[],
  together: boolean,
): Caveat[] {
  const few =
    together && science.length < least ? [`made of ${science.length}; ${least} exposures are needed`] : [];
  const others = science.filter(({ exposure }) => of !== undefined && !of.includes(exposure.obstype));
  const types = [...new Set(others.map(({ exposure }) => exposure.obstype))];
  const strange = types.map((type) => {
    const [first, ...more] = others.filter(({ exposure }) => exposure.obstype === type);
    const name = basename(first!.path);
    const who = more.length === 0 ? `${name} is` : `${name} and ${more.length} more are`;
    return `${who} ${type}, not ${of!.join(" or ")}`;
  });
  return [...few, ...strange].map((message) => ({ code: UNFIT, message }));
}
