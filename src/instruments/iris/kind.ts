/** What the science array of an IRIS file holds, from its axes and extension names. */
import type { Kind } from "../../data/kinds.js";
import { InputError } from "../../errors.js";
import type { RawFacts } from "../define.js";
import { textOf } from "../keywords.js";

const CUBES = /cube|ifu/i;

/** Status keywords that say that reads have become a rate, and those of the steps after. */
const FITTED = ["S_RAMPFI", "S_RAMP"];
const CALIBRATED = ["S_DARK", "S_FLAT", "S_BKDSUB", "S_SKYSUB"];

const isComplete = (facts: RawFacts, names: string[]): boolean =>
  names.some((name) => textOf(facts.header, name) === "COMPLETE");

/**
 * 4-D [nints][ngroups][ny][nx] and 3-D [ngroups][ny][nx] arrays are ramps, 2-D arrays count rates or images.
 *
 * @throws InputError naming the axes found and those expected.
 */
export function kindOf(facts: RawFacts): Kind {
  const hdu = facts.hdus[facts.science];
  if (!hdu)
    throw new InputError(`can't tell what it holds: on ${facts.path} — no HDU has an image`, {
      hint: `iris fits info ${facts.path}`,
    });
  const { axes } = hdu;
  const refuse = (why: string): never => {
    throw new InputError(
      `unexpected axes: on ${facts.path} — ${hdu.name || "the first image"} is ${axes.join(" × ")} ` +
        `(NAXIS = ${axes.length}), ${why}`,
      { hint: `iris fits info ${facts.path}` },
    );
  };
  // Liger's RampModel keeps the reads on the fastest axis (spec of the 2024 model): rows aren't contiguous there.
  if (facts.hdus.some(({ name }) => name === "TIMES"))
    return refuse("a ramp with the reads on its first axis (HDU TIMES); expected x, y, group, integration");
  if (textOf(facts.header, "READ_NO") !== undefined && axes.length === 2)
    return refuse("one read of a ramp (READ_NO); expected all reads of the ramp: x, y, group, integration");
  if (axes.length === 4) return "ramp";
  if (axes.length === 3) {
    if (
      CUBES.test(textOf(facts.header, "DATAMODL") ?? "") ||
      facts.hdus.some(({ name }) => name === "WAVELENGTH")
    )
      return refuse("a spectral cube; expected a ramp (3 or 4 axes) or an image (2 axes)");
    return "ramp";
  }
  if (axes.length === 2)
    return isComplete(facts, FITTED) && !isComplete(facts, CALIBRATED) ? "rate" : "image";
  return refuse("expected a ramp (3 or 4 axes) or an image (2 axes)");
}
