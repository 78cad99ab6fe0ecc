/** CCDs of the Hubble Space Telescope: their raw headers say which amplifier read, the handbooks where its overscan is. */
import type { Keywords } from "../../data/exposure.js";
import type { Amplifier, Rectangle } from "../../data/parts.js";
import { numberOf, textOf } from "../common/keywords.js";
import type { Frame, Geometry } from "./geometry.js";

interface Detector {
  /** INSTRUME, DETECTOR and CCDAMP. */
  known: readonly [string, string, string];
  /** Of a raw frame, unbinned. */
  nx: number;
  ny: number;
  data: Rectangle;
  overscan: Rectangle;
}

/** ACS Data Handbook: 19 columns on either side, 20 rows beyond; those after the data are free of what the data leave behind. */
const DETECTORS: readonly Detector[] = [
  {
    known: ["ACS", "HRC", "C"],
    nx: 1062,
    ny: 1044,
    data: { x0: 19, y0: 0, nx: 1024, ny: 1024 },
    overscan: { x0: 1043, y0: 0, nx: 19, ny: 1024 },
  },
];

const KEYWORDS = ["INSTRUME", "DETECTOR", "CCDAMP"] as const;

const detectorOf = (header: Keywords): Detector | undefined =>
  DETECTORS.find(({ known }) => KEYWORDS.every((keyword, k) => textOf(header, keyword) === known[k]));

/** A raw frame that the table has, or what was made of one. */
export function isHubble(header: Keywords): boolean {
  const detector = detectorOf(header);
  if (!detector) return false;
  if (header["S_TRIM"] === "COMPLETE") return true;
  return header["NAXIS1"] === detector.nx && header["NAXIS2"] === detector.ny;
}

export function hubble({ header, nx, ny, isTrimmed }: Frame): Geometry | null {
  const detector = detectorOf(header);
  if (!detector || isTrimmed || nx !== detector.nx || ny !== detector.ny) return null;
  const gain = numberOf(header, "CCDGAIN") ?? null;
  const amplifier: Amplifier = {
    name: detector.known[2],
    data: detector.data,
    overscan: detector.overscan,
    x0: 0,
    y0: 0,
    gain,
    // READNSEn is 0 in raw frames: the overscan tells.
    readNoise: null,
  };
  const assumed = gain === null ? [] : [`CCDGAIN, the gain that was asked for, taken: ${String(gain)} e-/DN`];
  return { amplifiers: [amplifier], assumed };
}
