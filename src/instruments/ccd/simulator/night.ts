/** A night of the simulated CCD: biases, darks and flats in the evening, then a dithered field. */
import { ditherPattern } from "../../common/simulator/dithers.js";
import type { Chip } from "./camera.js";
import type { FrameType, SimulatedFrame } from "./expose.js";

export interface NightOptions {
  chip: Chip;
  filter: string;
  biases: number;
  darks: number;
  flats: number;
  exposures: number;
  /** Seconds of a dark, and of a science exposure. */
  darkTime: number;
  exptime: number;
  /** Pixels between neighbouring dithers. */
  step: number;
  /** e⁻/s of the sky. */
  sky: number;
  density: number;
  cosmics: number;
  seed: number;
  /** Start of the night, ms since the epoch. */
  start: number;
  ra: number;
  dec: number;
}

/** Electrons that a flat collects, and the seconds that it takes. */
const LAMP = 30_000;
const LAMP_TIME = 5;
/** Seconds between two frames: reading, moving. */
const OVERHEAD = 40;

/** All frames of the night in order of time. */
export function planNight(options: NightOptions): SimulatedFrame[] {
  const { chip, filter, seed, ra, dec, density, sky, cosmics, step } = options;
  const visits: Visit[] = [
    ...repeat(options.biases, { type: "BIAS", exptime: 0, dx: 0, dy: 0 }),
    ...repeat(options.darks, { type: "DARK", exptime: options.darkTime, dx: 0, dy: 0 }),
    ...repeat(options.flats, { type: "FLAT", exptime: LAMP_TIME, dx: 0, dy: 0 }),
    ...ditherPattern(options.exposures).map(([x, y]) => ({
      type: "SCI" as const,
      exptime: options.exptime,
      dx: x * step,
      dy: y * step,
    })),
  ];
  let start = options.start;
  return visits.map(({ type, exptime, dx, dy }, index) => {
    const frame: SimulatedFrame = {
      chip,
      type,
      exptime,
      filter,
      pointing: { ra, dec, dx, dy, density, seed },
      sky,
      lamp: LAMP,
      cosmics,
      seed: seed * 10_000 + index,
      start,
      number: index + 1,
      object: type === "SCI" ? "SIM FIELD" : type.toLowerCase(),
    };
    start += (exptime + OVERHEAD) * 1000;
    return frame;
  });
}

interface Visit {
  type: FrameType;
  exptime: number;
  dx: number;
  dy: number;
}

const repeat = (n: number, visit: Visit): Visit[] => Array.from({ length: n }, () => visit);
