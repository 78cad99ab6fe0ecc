/** The amplifiers that a frame of a CCD was read through: which pixels are whose, and where they are dark. */
import type { Exposure, KeywordValue } from "./exposure.js";
import type { Amplifier, Rectangle } from "./parts.js";
import { formatSection } from "./section.js";

/** The amplifiers of an exposure; one for the whole frame where nothing is known of any. */
export function amplifiersOf(
  { amplifiers, gain, readNoise }: Exposure,
  nx: number,
  ny: number,
): readonly Amplifier[] {
  if (amplifiers) return amplifiers;
  const data = { x0: 0, y0: 0, nx, ny };
  return [{ name: "1", data, overscan: null, x0: 0, y0: 0, gain, readNoise }];
}

/** Sides of the frame that the amplifiers' data make when they are put together. */
export const trimmedSize = (amplifiers: readonly Amplifier[]): { nx: number; ny: number } => ({
  nx: Math.max(...amplifiers.map(({ x0, data }) => x0 + data.nx)),
  ny: Math.max(...amplifiers.map(({ y0, data }) => y0 + data.ny)),
});

/** The amplifiers in the trimmed frame. */
export const trimmed = (amplifiers: readonly Amplifier[]): Amplifier[] =>
  amplifiers.map((amplifier) => ({
    ...amplifier,
    data: { ...amplifier.data, x0: amplifier.x0, y0: amplifier.y0 },
    overscan: null,
  }));

/** AMPLIST with DSECn, GTGAINn, GTRONn (IRAF's quadformat) of several amplifiers; nothing for one. */
export function amplifierKeywords(amplifiers: readonly Amplifier[]): Record<string, KeywordValue> {
  if (amplifiers.length < 2) return {};
  const keywords: Record<string, KeywordValue> = { AMPLIST: amplifiers.map(({ name }) => name).join(" ") };
  for (const { name, data, overscan, gain, readNoise } of amplifiers) {
    keywords[`DSEC${name}`] = formatSection(data);
    if (overscan) keywords[`BSEC${name}`] = formatSection(overscan);
    if (gain !== null) keywords[`GTGAIN${name}`] = gain;
    if (readNoise !== null) keywords[`GTRON${name}`] = readNoise;
  }
  return keywords;
}

/** Calls `use` with start and length of every stretch of an amplifier's pixels in rows from `y0` on, and its row of the frame. */
export function forRows(
  { x0, y0: first, nx: width, ny: height }: Rectangle,
  { nx, ny, y0 }: { nx: number; ny: number; y0: number },
  use: (at: number, length: number, y: number) => void,
): void {
  for (let y = Math.max(first, y0); y < Math.min(first + height, y0 + ny); y++)
    use((y - y0) * nx + x0, width, y);
}
