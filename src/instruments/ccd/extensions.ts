/** Files with an HDU for each amplifier, as observatories of NOIRLab and Gemini write them. */
import { sideBySide, type Assembly, type Part } from "../../data/assembly.js";
import type { Keywords } from "../../data/exposure.js";
import type { Amplifier, Rectangle } from "../../data/parts.js";
import { parseSection } from "../../data/section.js";
import { InputError } from "../../errors.js";
import { textOf } from "../common/keywords.js";
import type { RawFacts } from "../define.js";
import { overlap, single } from "./amplifiers.js";
import { binningOf } from "./binning.js";
import type { Geometry } from "./geometry.js";

const PLACES = ["CCDSEC", "DETSEC"] as const;

/** The images with a place on the detector, in the order of the file; null when there aren't several. */
export function assemblyOf({ hdus }: RawFacts): Assembly | null {
  const images = hdus.flatMap(({ axes, header }, hdu) => {
    const isPlaced = PLACES.some((keyword) => parseSection(textOf(header ?? {}, keyword) ?? ""));
    return axes.length === 2 && isPlaced ? [{ hdu, nx: axes[0]!, ny: axes[1]! }] : [];
  });
  return images.length > 1 ? sideBySide(images) : null;
}

/** Where the parts lie: on the chip when they are all of one, else on the mosaic of chips. @throws InputError */
function placesOf(headers: readonly Keywords[], path: string): Rectangle[] {
  for (const keyword of PLACES) {
    const texts = headers.map((header) => textOf(header, keyword) ?? "");
    const places = texts.map(parseSection);
    const known = places.filter((place) => place !== null);
    const isClear = known.every((place, i) => known.slice(0, i).every((other) => !overlap(place, other)));
    if (known.length < headers.length || !isClear) continue;
    const mirrored = texts.find((text) => runsBackwards(text));
    if (mirrored !== undefined)
      throw new InputError(`a mirrored amplifier: on ${path} — ${keyword} ${mirrored} runs backwards`, {
        hint: "reduce its HDUs one by one",
      });
    return known;
  }
  throw new InputError(
    `amplifiers without a place: on ${path} — neither CCDSEC nor DETSEC tells its ${headers.length} images apart`,
    { hint: "reduce its HDUs one by one" },
  );
}

function runsBackwards(section: string): boolean {
  const [x1, x2, y1, y2] = (section.match(/\d+/g) ?? []).map(Number) as [number, number, number, number];
  return x2 < x1 || y2 < y1;
}

/** The amplifiers of such a file in the frame that its parts make side by side. */
export function geometryOfParts({ hdus, path, header }: RawFacts, { parts }: Assembly): Geometry {
  const headers = parts.map(({ hdu }) => ({ ...header, ...hdus[hdu]!.header }));
  const places = placesOf(headers, path);
  const assumed: string[] = [];
  const amplifiers = parts.map((part, k): Amplifier => {
    const own = headers[k]!;
    const { amplifiers: known, assumed: sentences } = single({ header: own, ...part, isTrimmed: false });
    assumed.push(...sentences.map((sentence) => `HDU ${part.hdu}: ${sentence}`));
    const [bx, by] = binningOf(own);
    const { data, overscan } = known[0]!;
    // CCDSEC and DETSEC are where DATASEC lies.
    const whole = parseSection(textOf(own, "DATASEC") ?? "") ?? data;
    return {
      ...known[0]!,
      name: String(k + 1),
      data: moved(data, part),
      overscan: overscan && moved(overscan, part),
      x0: Math.floor(places[k]!.x0 / bx) + data.x0 - whole.x0,
      y0: Math.floor(places[k]!.y0 / by) + data.y0 - whole.y0,
    };
  });
  const x = Math.min(...amplifiers.map(({ x0 }) => x0));
  const y = Math.min(...amplifiers.map(({ y0 }) => y0));
  return {
    amplifiers: amplifiers.map((amplifier) => ({
      ...amplifier,
      x0: amplifier.x0 - x,
      y0: amplifier.y0 - y,
    })),
    assumed: inOne(assumed),
  };
}

/** What many HDUs say alike needn't be read many times. */
const inOne = (sentences: readonly string[]): string[] =>
  sentences.length > 2
    ? [`${sentences[0]!}; so or alike ${sentences.length - 1} times more`]
    : [...sentences];

const moved = (rectangle: Rectangle, { x0 }: Part): Rectangle => ({ ...rectangle, x0: rectangle.x0 + x0 });
