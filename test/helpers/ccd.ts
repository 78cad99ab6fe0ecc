/** A CCD read through two amplifiers of different gain, overscans between them, with known truth. */
import { join } from "node:path";
import type { Value } from "../../src/fits/index.js";
import { writeFits } from "../../src/fits/index.js";
import { normal, uniform } from "./images.js";
import { cards } from "./ramp-files.js";

/** Columns of each amplifier: without light at the outer end, data, overscan at the inner end. */
export const layout = { prescan: 6, width: 58, overscan: 20, ny: 90 };
export const size = { nx: 2 * layout.width, ny: layout.ny };

export const amplifiers = [
  { name: "11", gain: 1.3, readNoise: 5, level: 1000, curve: 6 },
  { name: "12", gain: 2.1, readNoise: 7, level: 1400, curve: -4 },
] as const;

const { prescan, width, overscan, ny } = layout;
const rawNx = 2 * (prescan + width + overscan);

const section = (x0: number, nx: number): string => `[${x0 + 1}:${x0 + nx},1:${ny}]`;

/** IRAF's quadformat. */
export const quadformat: Readonly<Record<string, Value>> = {
  AMPLIST: "11 12",
  DSEC11: section(0, prescan + width),
  TSEC11: section(prescan, width),
  BSEC11: section(prescan + width, overscan),
  CSEC11: `[1:${prescan + width},1:${ny}]`,
  DSEC12: section(prescan + width + 2 * overscan, width + prescan),
  TSEC12: section(prescan + width + 2 * overscan, width),
  BSEC12: section(prescan + width + overscan, overscan),
  CSEC12: `[${prescan + width + 1}:${2 * (prescan + width)},1:${ny}]`,
  GTGAIN11: amplifiers[0].gain,
  GTGAIN12: amplifiers[1].gain,
  GTRON11: amplifiers[0].readNoise,
  GTRON12: amplifiers[1].readNoise,
};

/** DN above the overscan that the chip has without light. */
export const biasAt = (x: number, y: number): number => 3 * Math.sin(x / 7) + ((x * 13 + y * 7) % 5);

/** Relative response of a pixel. */
export const responseAt = (x: number, y: number): number => 0.9 + 0.2 * (((x * 31 + y * 17) % 11) / 10);

/** The level of an amplifier at a row of the frame, DN. */
const levelAt = (k: number, y: number): number => {
  const t = (2 * y) / (ny - 1) - 1;
  return amplifiers[k]!.level + amplifiers[k]!.curve * t * t;
};

export interface Frame {
  seed: number;
  type: "BIAS" | "DARK" | "FLAT" | "OBJECT";
  exptime?: number;
  /** Electrons that arrive at a pixel of the trimmed frame, before its response. */
  light?: (x: number, y: number) => number;
  keywords?: Readonly<Record<string, Value>>;
}

/** Writes a raw frame in 16-bit integers. */
export function writeFrame(
  path: string,
  { seed, type, exptime = 0, light = () => 0, keywords = {} }: Frame,
): string {
  const noise = normal(seed);
  const data = new Uint16Array(rawNx * ny);
  const shift = prescan + width + overscan;
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < rawNx; x++) {
      const k = x < shift ? 0 : 1;
      const { gain, readNoise } = amplifiers[k]!;
      const first = k === 0 ? prescan : shift + overscan;
      const column = x - first + k * width;
      const isData = x >= first && x < first + width;
      let dn = levelAt(k, y) + (readNoise / gain) * noise();
      if (isData) {
        const electrons = light(column, y) * responseAt(column, y);
        dn += biasAt(column, y) + (electrons + Math.sqrt(electrons) * noise()) / gain;
      }
      data[y * rawNx + x] = Math.round(dn);
    }
  writeFits(path, [
    {
      data,
      shape: [ny, rawNx],
      cards: cards({
        INSTRUME: "simcam",
        IMAGETYP: type,
        EXPTIME: exptime,
        FILTER: "R",
        "DATE-OBS": "2024-05-06T01:02:03",
        ...quadformat,
        ...keywords,
      }),
    },
  ]);
  return path;
}

/** Five biases, five flats and a science frame of a star field; the paths, and the science's truth in electrons. */
export function writeNight(folder: string): {
  biases: string[];
  flats: string[];
  science: string;
  truth: (x: number, y: number) => number;
} {
  const place = uniform(7);
  const stars = Array.from({ length: 12 }, () => [
    place() * size.nx,
    place() * size.ny,
    400 + 4000 * place(),
  ]);
  const truth = (x: number, y: number): number =>
    stars.reduce(
      (sum, [sx, sy, peak]) => sum + peak! * Math.exp(-((x - sx!) ** 2 + (y - sy!) ** 2) / 8),
      300,
    );
  return {
    biases: [1, 2, 3, 4, 5].map((seed) =>
      writeFrame(join(folder, `bias${seed}.fits`), { seed, type: "BIAS" }),
    ),
    flats: [11, 12, 13, 14, 15].map((seed) =>
      writeFrame(join(folder, `flat${seed}.fits`), { seed, type: "FLAT", exptime: 3, light: () => 30000 }),
    ),
    science: writeFrame(join(folder, "science.fits"), {
      seed: 21,
      type: "OBJECT",
      exptime: 60,
      light: truth,
    }),
    truth,
  };
}
