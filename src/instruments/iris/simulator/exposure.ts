/** What is observed, how the detector is read, and the light that falls on it. */
import type { Pointing, Star } from "../../common/simulator/stars.js";
import type { Window } from "./detector.js";
import { addStars, starsIn } from "./field.js";
import { filterNamed } from "./optics.js";

export type ExposureType = "SCI" | "SKY" | "DARK" | "FLAT";

/** An exposure to simulate; equal descriptions give equal bytes. */
export interface SimulatedExposure {
  window: Window;
  type: ExposureType;
  /** Name of the filter; OPAQUE for darks. */
  filter: string;
  /** Reads per ramp, ramps, and seconds between reads; the first read is one `tframe` after the reset. */
  reads: number;
  ints: number;
  tframe: number;
  pointing: Pointing;
  /** Factor on the sky of the filter, 1 on a median night. */
  sky: number;
  /** e⁻/s of the flat-field lamp. */
  lamp: number;
  /** Cosmic rays per cm² and second. */
  cosmics: number;
  /** Seed of everything that differs from exposure to exposure. */
  seed: number;
  /** Start, ms since the epoch. */
  start: number;
  /** Exposure number of the night. */
  number: number;
  object: string;
}

/** The light of an exposure. */
export interface Light {
  stars: readonly Star[];
  /** Sky or lamp, e⁻/s per pixel of response 1. */
  level: number;
  /** Stars, sky and lamp in rows [y0, y0 + ny), e⁻/s at response 1: what a perfect reduction finds. */
  rows(y0: number, ny: number): Float64Array;
}

const levelOf = ({ type, filter, sky, lamp }: SimulatedExposure): number => {
  if (type === "DARK") return 0;
  return type === "FLAT" ? lamp : sky * filterNamed(filter).sky;
};

export function lightOf(exposure: SimulatedExposure): Light {
  const { window, type, filter, pointing } = exposure;
  const level = levelOf(exposure);
  const stars = type === "SCI" ? starsIn(window, pointing) : [];
  return {
    stars,
    level,
    rows(y0, ny) {
      const rate = new Float64Array(window.nx * ny).fill(level);
      if (stars.length > 0) addStars(rate, stars, filterNamed(filter), window.nx, y0, ny);
      return rate;
    },
  };
}
