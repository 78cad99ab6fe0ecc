/** Amplifiers in the words of ESO: HIERARCH ESO DET OUTn, or CHIPc OUTn, with what lies before and after the data of each. */
import type { Keywords } from "../../data/exposure.js";
import type { Amplifier, Rectangle } from "../../data/parts.js";
import { numberOf, textOf } from "../common/keywords.js";
import type { Frame } from "./geometry.js";

const OUTPUT = /^ESO DET (?:CHIP\d+ )?OUT(\d+) NX$/;

/** Pixels along one axis: before the data, the data, and after them, in the order of reading. */
interface Axis {
  /** Is the output at the first pixel, and not at the last? */
  isLow: boolean;
  before: number;
  data: number;
  after: number;
}

interface Output {
  name: string;
  x: Axis;
  y: Axis;
  gain: number | null;
  readNoise: number | null;
}

function outputsIn(header: Keywords): Output[] {
  return Object.keys(header).flatMap((keyword) => {
    const match = OUTPUT.exec(keyword);
    if (!match) return [];
    const root = keyword.slice(0, -3);
    const of = (word: string): number => numberOf(header, `${root} ${word}`) ?? 0;
    const axis = (letter: "X" | "Y"): Axis => ({
      isLow: of(letter) <= 1,
      before: of(`PRSC${letter}`),
      data: of(`N${letter}`),
      after: of(`OVSC${letter}`),
    });
    const [gain, readNoise] = [numberOf(header, `${root} CONAD`), numberOf(header, `${root} RON`)];
    return [
      { name: match[1]!, x: axis("X"), y: axis("Y"), gain: gain ?? null, readNoise: readNoise ?? null },
    ];
  });
}

const lengthOf = ({ before, data, after }: Axis): number => before + data + after;

/** The common axis of all outputs on a side of the frame; null where there is none, undefined where they differ. */
function sideOf(axes: readonly Axis[], isLow: boolean): Axis | null | undefined {
  const [first, ...others] = axes.filter((axis) => axis.isLow === isLow);
  if (!first) return null;
  const isSame = others.every(
    (axis) => axis.before === first.before && axis.data === first.data && axis.after === first.after,
  );
  return isSame ? first : undefined;
}

/** Outputs at both ends of an axis, or at its first pixel, that fill `length` pixels: how many lie at the low end. */
function lowPart(axes: readonly Axis[], length: number): number | null {
  const [low, high] = [sideOf(axes, true), sideOf(axes, false)];
  // An output at the last pixel alone: whether the frame was turned round isn't said.
  if (!low || high === undefined) return null;
  return lengthOf(low) + (high ? lengthOf(high) : 0) === length ? lengthOf(low) : null;
}

/** Where data and overscan begin on an axis whose low part has `low` pixels: the later is in the middle of the frame. */
const placed = ({ isLow, before, data, after }: Axis, low: number): { data: number; after: number } =>
  isLow ? { data: before, after: before + data } : { data: low + after, after: low };

/** Where nothing follows the data, what was read before them is as dark. */
function overscanOf({ x, y }: Output, at: { x: number; y: number }, data: Rectangle): Rectangle | null {
  if (x.after > 0) return { ...data, x0: at.x, nx: x.after };
  if (x.before > 0) return { ...data, x0: x.isLow ? data.x0 - x.before : data.x0 + data.nx, nx: x.before };
  return y.after > 0 ? { ...data, y0: at.y, ny: y.after } : null;
}

/** The amplifiers of a raw frame; null where the outputs of the header don't fill it, or not in one way only. */
export function esoAmplifiers({ header, nx, ny }: Omit<Frame, "isTrimmed">): Amplifier[] | null {
  const outputs = outputsIn(header);
  const corners = new Set(outputs.map(({ x, y }) => `${String(x.isLow)} ${String(y.isLow)}`));
  if (outputs.length === 0 || corners.size < outputs.length) return null;
  const lowX = lowPart(
    outputs.map(({ x }) => x),
    nx,
  );
  const lowY = lowPart(
    outputs.map(({ y }) => y),
    ny,
  );
  if (lowX === null || lowY === null) return null;
  return outputs.map((output) => {
    const [x, y] = [placed(output.x, lowX), placed(output.y, lowY)];
    const data = { x0: x.data, y0: y.data, nx: output.x.data, ny: output.y.data };
    const { name, gain, readNoise } = output;
    return {
      name,
      data,
      overscan: overscanOf(output, { x: x.after, y: y.after }, data),
      x0: output.x.isLow
        ? 0
        : sideOf(
            outputs.map((other) => other.x),
            true,
          )!.data,
      y0: output.y.isLow
        ? 0
        : sideOf(
            outputs.map((other) => other.y),
            true,
          )!.data,
      gain,
      readNoise,
    };
  });
}

export const hasEsoOutputs = (header: Keywords): boolean =>
  Object.keys(header).some((keyword) => OUTPUT.test(keyword));

/** IMG, or SPEC where the light was dispersed. */
export function esoMode(header: Keywords): string | undefined {
  const technique = textOf(header, "ESO DPR TECH");
  if (technique === undefined) return undefined;
  return /SPECTRUM|ECHELLE|IFU|MOS|MXU/i.test(technique) ? "SPEC" : "IMG";
}
