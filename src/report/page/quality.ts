/** The measurements of a product, in words and units: from its header, and from a table of quality beside it. */
import type { Keywords, KeywordValue } from "../../data/exposure.js";

export interface Measure {
  label: string;
  value: string;
  /** Keyword or path in the file that says it. */
  from: string;
}

type Words = readonly [label: string, unit: string];

/** In the order in which they are shown. A unit of "%" is for fractions. */
const known: Readonly<Record<string, Words>> = {
  QAFWHM: ["FWHM", "px"],
  QAFWMAS: ["FWHM", "mas"],
  QAELL: ["ellipticity", ""],
  QASHARP: ["sharpness", ""],
  QASTREHL: ["Strehl ratio", ""],
  QANSTAR: ["stars that tell the FWHM", ""],
  QANSRC: ["sources", ""],
  QASNR: ["S/N of the brightest source", ""],
  QALIM5: ["5σ limit", "BUNIT"],
  QAMAG5: ["5σ limit", "mag"],
  QABKG: ["background", "BUNIT"],
  QARMS: ["background scatter", "BUNIT"],
  QAGRAD: ["background gradient", "BUNIT"],
  QABAD: ["bad pixels", "%"],
  QASAT: ["saturated pixels", "%"],
  QACR: ["cosmic-ray pixels", "%"],
  CALFIT: ["fit for the cache", ""],
  CALWHY: ["because", ""],
  BKGLEVEL: ["sky subtracted", "BUNIT"],
  NORMFACT: ["divided by", ""],
  NCOMBINE: ["exposures combined", ""],
  TEXPTIME: ["total exposure time", "s"],
  NBADPIX: ["pixels not to use", ""],
  NHOT: ["hot pixels", ""],
  NDEAD: ["dead pixels", ""],
  NUNSTABL: ["unstable pixels", ""],
  NNONLIN: ["nonlinear pixels", ""],
  NLOWQE: ["pixels of low response", ""],
  NSPOTS: ["positions fitted", ""],
  DISTRMS: ["distortion residuals, rms", "px"],
  DATAMIN: ["least value", "BUNIT"],
  DATAMAX: ["greatest value", "BUNIT"],
  NOVALUE: ["pixels without a value", ""],
};

/** Places in the report of `qa` and the keywords that say the same. */
const places: Readonly<Record<string, string>> = {
  "seeing.fwhm.px": "QAFWHM",
  "seeing.fwhm.mas": "QAFWMAS",
  "seeing.ellipticity": "QAELL",
  "seeing.sharpness": "QASHARP",
  "seeing.strehl": "QASTREHL",
  "seeing.stars": "QANSTAR",
  sources: "QANSRC",
  snr: "QASNR",
  "limit5.flux": "QALIM5",
  "limit5.mag": "QAMAG5",
  "background.level": "QABKG",
  "background.rms": "QARMS",
  "background.range": "QAGRAD",
  "fractions.bad": "QABAD",
  "fractions.saturated": "QASAT",
  "fractions.cosmic": "QACR",
};

/** What isn't a measurement. */
const labels = new Set(["v", "iris", "fingerprint", "image", "type", "unit", "path", "input"]);

/** `beside`: any JSON document; its numbers, words and truth values are taken, by their place in it. */
export function qualityOf(header: Keywords, beside: unknown): Measure[] {
  const measured = leaves(beside, []);
  const keywords: Keywords = {
    ...Object.fromEntries(
      measured.flatMap(({ from, raw }) => (from in places ? [[places[from]!, raw]] : [])),
    ),
    ...header,
  };
  const bunit = String(keywords["BUNIT"] ?? "");
  const own = Object.entries(known).flatMap(([keyword, [label, unit]]): Measure[] => {
    const value = keywords[keyword];
    if (value === undefined) return [];
    return [{ label, value: formatMeasure(value, unit === "BUNIT" ? bunit : unit), from: keyword }];
  });
  const others = Object.entries(keywords)
    .filter(([keyword]) => /^QA/.test(keyword) && !(keyword in known))
    .map(([keyword, value]) => ({ label: keyword, value: formatMeasure(value, ""), from: keyword }));
  const more = measured
    .filter(({ from }) => !(from in places))
    .map(({ from, raw }) => ({ label: from.replaceAll(".", " "), value: formatMeasure(raw, ""), from }));
  return [...own, ...others, ...more];
}

export function formatMeasure(value: KeywordValue, unit: string): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (unit === "%") return `${Number((100 * value).toPrecision(3))} %`;
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return unit === "" ? text : `${text} ${unit}`;
}

/** Lists are left to the file: a page isn't the place for a catalogue. */
function leaves(node: unknown, path: readonly string[]): { from: string; raw: KeywordValue }[] {
  if (typeof node === "number" || typeof node === "string" || typeof node === "boolean") {
    return path.length === 0 || labels.has(path.at(-1)!) ? [] : [{ from: path.join("."), raw: node }];
  }
  if (node === null || typeof node !== "object" || Array.isArray(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => leaves(value, [...path, key]));
}
