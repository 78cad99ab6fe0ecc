/** What a science array holds, from its axes, extension names and keywords. */
import type { Kind } from "../../data/kinds.js";
import { InputError } from "../../errors.js";
import type { RawFacts } from "../define.js";
import { textOf } from "./keywords.js";
import { isReadFastest } from "./read-fastest.js";

const CUBES = /cube|ifu/i;
/** Types of a spectral axis (FITS 4.0 §8.4). */
const SPECTRAL = /^(WAVE|AWAV|FREQ|ENER|WAVN|VRAD|VOPT|ZOPT|VELO|BETA|LAMBDA)/i;

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
  if (isReadFastest(facts))
    return axes.length === 4 ? "ramp" : refuse("expected read, ramp, x, y beside its TIMES");
  // One read of a ramp, alone or to be joined with the others.
  if (textOf(facts.header, "READ_NO") !== undefined && axes.length === 2) return "ramp";
  if (axes.length === 4) return "ramp";
  if (axes.length === 3) {
    if (
      CUBES.test(textOf(facts.header, "DATAMODL") ?? "") ||
      SPECTRAL.test(textOf(facts.header, "CTYPE3") ?? "") ||
      facts.hdus.some(({ name }) => name === "WAVELENGTH")
    )
      return refuse("a spectral cube; expected a ramp (3 or 4 axes) or an image (2 axes)");
    return "ramp";
  }
  if (axes.length === 2)
    return isComplete(facts, FITTED) && !isComplete(facts, CALIBRATED) ? "rate" : "image";
  return refuse("expected a ramp (3 or 4 axes) or an image (2 axes)");
}
