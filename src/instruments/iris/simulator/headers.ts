/** The keywords of simulated exposures: those of IRIS's data model and of its raw frames. */
import type { Card, Value } from "../../../fits/index.js";
import { tanCards } from "../../common/simulator/tan-cards.js";
import { GAIN, READ_NOISE, type Window } from "./detector.js";
import type { SimulatedExposure } from "./exposure.js";
import { skyOf, tangentPixel } from "./field.js";
import { FILTERS, PIXEL_SCALE } from "./optics.js";

const card = (keyword: string, value: Value, comment: string): Card => ({ keyword, value, comment });

const MJD_UNIX_EPOCH = 40587;
const JD_MJD = 2400000.5;

/** ISO 8601 UTC to the millisecond, as FITS wants it: without a Z. */
const isoOf = (ms: number): string => new Date(ms).toISOString().slice(0, -1);
const compactOf = (ms: number): string => isoOf(ms).replace(/[-:T]/g, "").slice(0, 14);
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const jdOf = (ms: number): number => round(ms / 86_400_000 + MJD_UNIX_EPOCH + JD_MJD, 8);

/** Where a window lies on its detector. */
export const windowCards = (window: Window): Card[] => [
  card("SUBARRAY", window.name, "name of the subarray"),
  card("SUBARRID", window.name === "FULL" ? 0 : 1, "0: full frame"),
  card("SUBSTRT1", window.x, "first column, 1-based"),
  card("SUBSTRT2", window.y, "first row, 1-based"),
  card("SUBSIZE1", window.nx, "columns"),
  card("SUBSIZE2", window.ny, "rows"),
  card("DETXSIZE", window.side, "columns of the detector"),
  card("DETYSIZE", window.side, "rows of the detector"),
  card("FASTAXIS", 1, "fast readout axis: x"),
  card("SLOWAXIS", 2, "slow readout axis: y"),
];

const sexagesimal = (value: number, digits: number): string => {
  const size = Math.abs(value) * 3600;
  const [hours, minutes] = [Math.floor(size / 3600), Math.floor((size % 3600) / 60)];
  const seconds = Math.floor((size % 60) * 10 ** digits) / 10 ** digits;
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(hours)}:${two(minutes)}:${seconds.toFixed(digits).padStart(3 + digits, "0")}`;
};

/** Semester of a date: A from January to July, B to December. */
const semesterOf = (ms: number): string => {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}${date.getUTCMonth() < 7 ? "A" : "B"}`;
};

/** `2026A-P001-001_IRIS_IMG1_SCI_LVL0_0001-00.fits`: the observatory's name of an exposure. */
export function exposureName({ window, type, start, number }: SimulatedExposure, level: number): string {
  const serial = String(number).padStart(4, "0");
  const part = window.name === "FULL" ? "00" : "01";
  return `${semesterOf(start)}-P001-001_IRIS_${window.detector}_${type}_LVL${level}_${serial}-${part}.fits`;
}

/** The primary header of an exposure of data level 0 (reads) or 1 (count rate). */
export function primaryCards(exposure: SimulatedExposure, file: { name: string; level: 0 | 1 }): Card[] {
  const { window, type, filter, reads, ints, tframe, pointing, start, number, object, seed } = exposure;
  const exptime = round(reads * tframe, 6);
  const end = start + ints * exptime * 1000;
  const middle = (start + end) / 2;
  const band = FILTERS[filter];
  const centre = skyOf(window, pointing, (window.nx + 1) / 2, (window.ny + 1) / 2);
  const [date = "", time = ""] = isoOf(start).split("T");
  const onSky = type === "SCI" || type === "SKY";
  return [
    card("DATE", isoOf(end), "date that this file was written (simulated)"),
    card("FILENAME", file.name, "name of this file"),
    card("FILETYPE", "FITS", "type of this file"),
    card("DATAMODL", file.level === 0 ? "TMTRampModel" : "IRISImageModel", "type of data model"),
    card("DATALVL", file.level, "0: raw reads, 1: count rate"),
    card("ORIGIN", "iris sim", "made by a simulator, not observed"),
    card("SIMSEED", seed, "seed of the simulation"),
    card("TELESCOP", "TMT", "telescope"),
    card("INSTRUME", "IRIS", "instrument"),
    card("DETECTOR", window.detector, "detector"),
    card("INSTMODE", "IMG", "instrument mode"),
    card("FILTER", filter, "filter"),
    card("PUPIL", "CLEAR", "pupil mask"),
    card("SCALE", PIXEL_SCALE, "[arcsec] pixel scale"),
    ...(band
      ? [
          card("WAVEMIN", band.wave[0], "[um] shortest wavelength"),
          card("WAVECEN", band.wave[1], "[um] central wavelength"),
          card("WAVEMAX", band.wave[2], "[um] longest wavelength"),
        ]
      : []),
    card("IMTYPE", type, "type of exposure"),
    card("EXPTIME", exptime, "[s] reset to last read, one ramp"),
    card("EXPNUM", number, "exposure number"),
    card("READMODE", file.level === 0 ? "UTR" : "CDS", "readout mode"),
    card("SAMPMODE", file.level === 0 ? "UTR" : "CDS", "sampling mode"),
    ...(file.level === 0
      ? [
          card("NINTS", ints, "ramps"),
          card("NGROUPS", reads, "groups per ramp"),
          card("NFRAMES", 1, "reads averaged per group"),
          card("GROUPGAP", 0, "reads dropped between groups"),
          card("TFRAME", tframe, "[s] between reads"),
          card("TGROUP", tframe, "[s] between groups"),
          card("NUMREADS", reads, "reads per ramp"),
          card("NUMRAMPS", ints, "ramps"),
          card("RAMPTIME", exptime, "[s] per ramp"),
          card("READTIME", tframe, "[s] per read"),
        ]
      : [card("S_RAMPFI", "COMPLETE", "ramp fit")]),
    card("GAIN", GAIN, "[electron/DN] nominal"),
    card("READNOIS", READ_NOISE, "[electron] one read, nominal"),
    ...windowCards(window),
    card("DATE-OBS", date, "UTC date at start"),
    card("TIME-OBS", time, "UTC time at start"),
    card("EXPDTST", compactOf(start), "UTC at start"),
    card("EXPDTMID", compactOf(middle), "UTC at middle"),
    card("EXPDTEND", compactOf(end), "UTC at end"),
    card("EXPJDST", jdOf(start), "JD at start"),
    card("EXPJDMID", jdOf(middle), "JD at middle"),
    card("EXPJDEND", jdOf(end), "JD at end"),
    card("PROGTITL", "Simulated field", "programme"),
    card("PROGPI", "iris sim", "principal investigator"),
    card("SEMID", semesterOf(start), "semester"),
    card("PROGNUM", "P001", "programme number"),
    card("OBSNUM", "001", "observation number"),
    card("OBJECT", object, "target"),
    ...(onSky
      ? [
          card("RA", round(centre.ra, 9), "[deg] centre of the window"),
          card("DEC", round(centre.dec, 9), "[deg] centre of the window"),
          card("RA-STR", sexagesimal(centre.ra / 15, 4), "right ascension"),
          card("DEC-STR", (centre.dec < 0 ? "-" : "+") + sexagesimal(centre.dec, 3), "declination"),
          card("EQUINOX", 2000, "equinox"),
          card("XOFFSET", round(pointing.dx * PIXEL_SCALE, 6), "[arcsec] dither along x"),
          card("YOFFSET", round(pointing.dy * PIXEL_SCALE, 6), "[arcsec] dither along y"),
          card("AIRMAMID", 1.2, "airmass at middle"),
        ]
      : []),
    card("DATAQUAL", "GOOD", "quality of the data"),
  ];
}

/** TAN world coordinates of the first two axes, for exposures of the sky. */
export function wcsCards({ type, window, pointing }: SimulatedExposure): Card[] {
  if (type !== "SCI" && type !== "SKY") return [];
  const [x, y] = tangentPixel(window, pointing);
  return tanCards({ x, y }, pointing, PIXEL_SCALE);
}
