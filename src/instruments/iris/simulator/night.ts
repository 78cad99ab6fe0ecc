/** A night: darks and flats in the evening, then the science field dithered, with sky exposures beside it. */
import { ditherPattern } from "../../common/simulator/dithers.js";
import type { Window } from "./detector.js";
import type { ExposureType, SimulatedExposure } from "./exposure.js";
import { exposureName } from "./headers.js";
import { PIXEL_SCALE } from "./optics.js";

export interface NightOptions {
  windows: readonly Window[];
  filter: string;
  reads: number;
  tframe: number;
  darks: number;
  flats: number;
  skies: number;
  dithers: number;
  /** Arcseconds between neighbouring dithers. */
  step: number;
  seed: number;
  /** Start of the night, ms since the epoch. */
  start: number;
  ra: number;
  dec: number;
  density: number;
  cosmics: number;
  lamp: number;
}

/** Arcseconds to the sky field. */
const SKY_OFFSET = 60;
/** Seconds between two exposures: reset, dither, settle. */
const OVERHEAD = 12;

/** All exposures of the night in order of time; the detectors expose together and share number and pointing. */
export function planNight(options: NightOptions): SimulatedExposure[] {
  const { windows, filter, reads, tframe, seed, ra, dec, density, cosmics, lamp } = options;
  const step = options.step / PIXEL_SCALE;
  const away = SKY_OFFSET / PIXEL_SCALE;
  const visits: { type: ExposureType; dx: number; dy: number }[] = [
    ...Array.from({ length: options.darks }, () => ({ type: "DARK" as const, dx: 0, dy: 0 })),
    ...Array.from({ length: options.flats }, () => ({ type: "FLAT" as const, dx: 0, dy: 0 })),
    ...ditherPattern(options.dithers).map(([x, y]) => ({ type: "SCI" as const, dx: x * step, dy: y * step })),
    ...ditherPattern(options.skies).map(([x, y]) => ({
      type: "SKY" as const,
      dx: away + x * step,
      dy: y * step,
    })),
  ];
  const duration = (reads * tframe + OVERHEAD) * 1000;
  return visits.flatMap(({ type, dx, dy }, index) =>
    windows.map((window, detector) => ({
      window,
      type,
      filter: type === "DARK" ? "OPAQUE" : filter,
      reads,
      ints: 1,
      tframe,
      pointing: { ra, dec, dx, dy, density, seed },
      sky: 1,
      lamp,
      cosmics,
      seed: seed * 10_000 + index * 10 + detector,
      start: options.start + index * duration,
      number: index + 1,
      object: type === "SCI" ? "SIM FIELD" : type === "SKY" ? "SIM SKY" : type,
    })),
  );
}

/** The night's association: every science exposure a product, the skies of its own detector as background members. */
export function associationOf(exposures: readonly SimulatedExposure[]): unknown {
  const members = (type: ExposureType, exptype: string, detector: string) =>
    exposures
      .filter((each) => each.type === type && each.window.detector === detector)
      .map((each) => ({ expname: exposureName(each, 0), exptype }));
  const detectors = [...new Set(exposures.map(({ window }) => window.detector))];
  return {
    asn_type: "image2",
    asn_rule: "Asn_Lv2Image",
    asn_id: "night",
    program: "P001",
    products: detectors.flatMap((detector) =>
      members("SCI", "science", detector).map((science) => ({
        name: science.expname.replace(/\.fits$/, ""),
        members: [science, ...members("SKY", "background", detector)],
      })),
    ),
  };
}
