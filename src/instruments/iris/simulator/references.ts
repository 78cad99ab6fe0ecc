/** The calibration references of a window: what its detector's character looks like once it has been measured. */
import { DQ } from "../../../data/dq.js";
import { MEANING } from "../../../data/dq-def.js";
import type { Card, TypedArray, Value } from "../../../fits/index.js";
import { writeBands, type PlaneHdu, type Progress } from "./bands.js";
import { delinearised, detectorRows, GAIN, READ_NOISE, type Window } from "./detector.js";
import { hash, hashText, normalAt } from "../../common/simulator/hash.js";
import { windowCards } from "./headers.js";
import { filterNamed, responseRows } from "./optics.js";
import { makeTable, type BinaryTable } from "./table.js";

/** Types in the order of their use; FLAT has one file per filter. */
export const REFERENCE_TYPES = [
  "MASK",
  "SATURATION",
  "NONLINCOEFF",
  "GAIN",
  "READNOISE",
  "DARK",
  "FLAT",
] as const;

export type ReferenceType = (typeof REFERENCE_TYPES)[number];

/** The master dark is the mean of 20 ramps of 900 s, the master flat of 20 exposures of 35 000 e⁻. */
const DARK_TIME = 20 * 900;
const DARK_READ_ERROR = 2e-4;
const FLAT_ELECTRONS = 20 * 35_000;
/** Part of the full well at which a read counts as saturated. */
const SATURATION_LEVEL = 0.95;
/** Variance of rounding to whole DN, part of any measured read noise. */
const ROUNDING = 1 / 12;

const card = (keyword: string, value: Value, comment: string): Card => ({ keyword, value, comment });

interface Recipe {
  description: string;
  model: string;
  unit: string;
  planes: readonly Omit<PlaneHdu, "cards">[];
  tables?: () => BinaryTable[];
  fill(window: Window, filter: string, y0: number, ny: number): TypedArray[];
}

const MASK_FLAGS = ["DO_NOT_USE", "NON_SCIENCE", "DEAD", "HOT", "WARM", "LOW_QE", "REFERENCE_PIXEL"] as const;

const maskDefinition = (): BinaryTable =>
  makeTable("DQ_DEF", [
    { name: "BIT", type: "int32", values: MASK_FLAGS.map((name) => Math.round(Math.log2(DQ[name]))) },
    { name: "VALUE", type: "uint32", values: MASK_FLAGS.map((name) => DQ[name]) },
    { name: "NAME", type: "text", width: 40, values: MASK_FLAGS },
    { name: "DESCRIPTION", type: "text", width: 80, values: MASK_FLAGS.map((name) => MEANING[name]) },
  ]);

const image = { name: "SCI", bitpix: -32 } as const;
const error = { name: "ERR", bitpix: -32 } as const;
const flags = { name: "DQ", bitpix: 32 } as const;

const recipes: Readonly<Record<ReferenceType, Recipe>> = {
  MASK: {
    description: "Bad pixels",
    model: "TMTMaskModel",
    unit: "",
    planes: [flags],
    tables: () => [maskDefinition()],
    fill: (window, _filter, y0, ny) => [detectorRows(window, y0, ny).mask],
  },
  SATURATION: {
    description: "Raw level from which a read is saturated",
    model: "TMTSaturationModel",
    unit: "DN",
    planes: [{ name: "SCI", bitpix: 16 }],
    fill(window, _filter, y0, ny) {
      const { pedestal, fullWell, gain, c2, c3 } = detectorRows(window, y0, ny);
      const threshold = (level: number, i: number): number =>
        delinearised(level + (SATURATION_LEVEL * fullWell[i]!) / gain[i]!, c2[i]!, c3[i]!);
      return [Uint16Array.from(pedestal, threshold)];
    },
  },
  NONLINCOEFF: {
    description: "Linear DN = sum of COEFFS[k] times raw DN to the power k",
    model: "TMTNonlinCoeffModel",
    unit: "",
    planes: [{ name: "COEFFS", bitpix: -32, higher: [4] }, flags],
    fill(window, _filter, y0, ny) {
      const { c2, c3, linearity } = detectorRows(window, y0, ny);
      const size = c2.length;
      const planes = new Float32Array(4 * size).fill(1, size, 2 * size);
      planes.set(c2, 2 * size);
      planes.set(c3, 3 * size);
      return [planes, linearity];
    },
  },
  GAIN: {
    description: "Gain",
    model: "TMTGainModel",
    unit: "electron/DN",
    planes: [image],
    fill: (window, _filter, y0, ny) => [detectorRows(window, y0, ny).gain],
  },
  READNOISE: {
    description: "Noise of the difference of two linearised reads",
    model: "TMTReadNoiseModel",
    unit: "DN",
    planes: [image],
    fill(window, _filter, y0, ny) {
      const { noise, pedestal, c2, c3 } = detectorRows(window, y0, ny);
      const measured = (sigma: number, i: number): number => {
        const raw = delinearised(pedestal[i]!, c2[i]!, c3[i]!);
        const slope = 1 + raw * (2 * c2[i]! + 3 * raw * c3[i]!);
        return slope * Math.sqrt(2 * (sigma * sigma + ROUNDING));
      };
      return [noise.map(measured)];
    },
  },
  DARK: {
    description: "Dark current, mean of 20 ramps of 900 s",
    model: "TMTDarkModel",
    unit: "electron/s",
    planes: [image, error, { name: "DQ", bitpix: 16 }],
    fill(window, _filter, y0, ny) {
      const { dark, noise, gain, mask } = detectorRows(window, y0, ny);
      const key = hash(hashText(window.detector), hashText("master dark"));
      const err = dark.map((rate, i) =>
        Math.hypot((DARK_READ_ERROR * noise[i]! * gain[i]!) / READ_NOISE, Math.sqrt(rate / DARK_TIME)),
      );
      const measured = dark.map((rate, i) => rate + err[i]! * noiseAt(key, window, y0, i));
      return [measured, err, Uint16Array.from(mask, (bits) => bits & (DQ.HOT | DQ.WARM))];
    },
  },
  FLAT: {
    description: "Relative response, mean of 20 exposures of 35000 electrons",
    model: "TMTFlatModel",
    unit: "",
    planes: [image, error, flags],
    fill(window, filter, y0, ny) {
      const rows = detectorRows(window, y0, ny);
      const response = responseRows(window, filter, rows, y0, ny);
      const key = hash(hashText(window.detector), hashText(filter), hashText("master flat"));
      const err = response.map((value) => Math.sqrt(value / FLAT_ELECTRONS));
      const measured = response.map((value, i) => value + err[i]! * noiseAt(key, window, y0, i));
      const dq = Uint32Array.from(rows.mask, (bits, i) =>
        response[i]! > 0 ? bits & DQ.LOW_QE : (bits & DQ.DEAD) | DQ.NO_FLAT_FIELD,
      );
      return [measured, err, dq];
    },
  },
};

const noiseAt = (key: number, window: Window, y0: number, i: number): number =>
  normalAt(key, window.x + (i % window.nx), window.y + y0 + Math.floor(i / window.nx));

export interface ReferenceRequest {
  type: ReferenceType;
  window: Window;
  /** For FLAT. */
  filter: string;
  /** First use: `YYYY-MM-DD hh:mm:ss`. */
  useAfter: string;
}

/** Writes one reference file at `path`; `name` is its own name in the header. */
export function writeReference(
  { type, window, filter, useAfter }: ReferenceRequest,
  path: string,
  name: string,
  progress?: Progress,
): void {
  if (type === "FLAT") filterNamed(filter);
  const { description, model, unit, planes, tables, fill } = recipes[type];
  const primary: Card[] = [
    card("DATE", useAfter.replace(" ", "T"), "date that this file was written (simulated)"),
    card("FILENAME", name, "name of this file"),
    card("DATAMODL", model, "type of data model"),
    card("REFTYPE", type, "reference type"),
    card("REFVER", "1.0.0", "version of this reference"),
    card("PEDIGREE", "SIMULATION", "where it comes from"),
    card("DESCRIP", description, "what it is"),
    card("AUTHOR", "iris sim references", "who made it"),
    card("USEAFTER", useAfter.replace(" ", "T"), "first use, UTC"),
    card("TELESCOP", "TMT", "telescope"),
    card("INSTRUME", "IRIS", "instrument"),
    card("DETECTOR", window.detector, "detector"),
    ...(type === "FLAT" ? [card("FILTER", filter, "filter"), card("PUPIL", "CLEAR", "pupil mask")] : []),
    ...(type === "GAIN" || type === "READNOISE"
      ? [card("GAIN", GAIN, "[electron/DN] nominal"), card("READNOIS", READ_NOISE, "[electron] nominal")]
      : []),
    ...windowCards(window),
  ];
  const hdus = planes.map((plane): PlaneHdu => {
    const isData = plane.name === "SCI" || plane.name === "ERR";
    return { ...plane, cards: unit && isData ? [card("BUNIT", unit, "unit")] : [] };
  });
  const file = { path, primary, planes: hdus, ...(tables ? { tables: tables() } : {}) };
  writeBands([file], window.nx, window.ny, (y0, ny) => [fill(window, filter, y0, ny)], progress);
}
