/** The detectors' own character, pixel by pixel: what the calibration references are meant to hold. */
import { DQ } from "../../../data/dq.js";
import { UsageError } from "../../../errors.js";
import { hash, hashText, normalAt, unitAt } from "../../common/simulator/hash.js";

/** Imager detectors, and where each one lies in the focal plane: offset of its centre, in pixels (x, y). */
export const DETECTORS: Readonly<Record<string, readonly [number, number]>> = {
  IMG1: [-2250, 2250],
  IMG2: [2250, 2250],
  IMG3: [-2250, -2250],
  IMG4: [2250, -2250],
};

/** Sides of a square detector read in full: H4RG, and the H2RG of the prototypes. */
const FULL_SIDES = [4096, 2048];
/** Corner of a window smaller than the detector, unless there is no room for it. */
const WINDOW_START = 1025;
/** Unilluminated rows and columns on each side of an HxRG. */
const BORDER = 4;
/** Columns per output channel. */
const CHANNEL = 64;

/** e⁻/DN, read noise of one read in e⁻, full well in e⁻: design values of READOUT §2.5. */
export const GAIN = 3.04;
export const READ_NOISE = 5;
/** cm² of a pixel of 10 µm. */
export const PIXEL_AREA = 1e-6;
const FULL_WELL = 90_000;
const DARK = 0.002;
/** Reset level in DN, and its spread from reset to reset (kTC noise of the node). */
const PEDESTAL = 5000;
export const RESET_NOISE = 15;

/** A rectangle of a detector, x and y 1-based. */
export interface Window {
  detector: string;
  side: number;
  /** SUBARRAY: FULL or CUSTOM. */
  name: string;
  x: number;
  y: number;
  nx: number;
  ny: number;
}

/**
 * The window that an exposure of nx × ny pixels reads: the whole detector for 4096² and 2048², else a CUSTOM
 * window whose corner is at (1025, 1025), or nearer the origin when it wouldn't fit.
 *
 * @throws UsageError for an unknown detector or a size that no detector has.
 */
export function windowOf(detector: string, nx: number, ny: number): Window {
  if (!(detector in DETECTORS))
    throw new UsageError(`no detector "${detector}": IRIS has ${Object.keys(DETECTORS).join(", ")}`, {
      hint: "iris sim ramp --detector IMG1 -o ramp.fits",
    });
  const fits = (n: number) => Number.isInteger(n) && n >= 1 && n <= FULL_SIDES[0]!;
  if (!fits(nx) || !fits(ny))
    throw new UsageError(
      `no window of ${nx} × ${ny} pixels: the detector has ${FULL_SIDES[0]} × ${FULL_SIDES[0]}`,
      {
        hint: "iris sim ramp --size 256 -o ramp.fits",
      },
    );
  if (nx === ny && FULL_SIDES.includes(nx)) return { detector, side: nx, name: "FULL", x: 1, y: 1, nx, ny };
  const side = FULL_SIDES[0]!;
  const start = (n: number) => Math.max(1, Math.min(WINDOW_START, side - n + 1));
  return { detector, side, name: "CUSTOM", x: start(nx), y: start(ny), nx, ny };
}

/**
 * The windows of detectors that expose together. Several that aren't read in full read the corners that face the middle
 * of the field, so that their images lie side by side on the sky; one alone reads the window of `windowOf`.
 *
 * @throws UsageError as `windowOf`
 */
export const windowsOf = (detectors: readonly string[], nx: number, ny: number): Window[] =>
  detectors.map((detector) => {
    const window = windowOf(detector, nx, ny);
    if (detectors.length < 2 || window.name === "FULL") return window;
    const [dx, dy] = DETECTORS[detector]!;
    // Beside the reference pixels, which see nothing.
    const corner = (offset: number, n: number) =>
      Math.max(1, offset < 0 ? window.side - BORDER - n + 1 : Math.min(BORDER, window.side - n) + 1);
    return { ...window, x: corner(dx, nx), y: corner(dy, ny) };
  });

/** The properties of some rows of a window, [ny][nx]. */
export interface DetectorRows {
  /** e⁻/DN. */
  gain: Float32Array;
  /** Noise of one read, DN, before digitisation. */
  noise: Float32Array;
  /** Dark current, e⁻/s. */
  dark: Float32Array;
  /** Most electrons that a pixel holds. */
  fullWell: Float32Array;
  /** Level after a reset, DN, without its reset noise. */
  pedestal: Float32Array;
  /** Linear DN = raw + c2·raw² + c3·raw³. */
  c2: Float32Array;
  c3: Float32Array;
  /** Relative response of the pixel itself: 0 dead, 0.2–0.5 low, else 1. */
  response: Float32Array;
  /** DEAD, HOT (both with DO_NOT_USE), WARM, LOW_QE, REFERENCE_PIXEL with NON_SCIENCE. */
  mask: Uint32Array;
  /** NO_LIN_CORR where the pixel doesn't follow a polynomial that was measured. */
  linearity: Uint32Array;
}

/** Fractions of all pixels, stacked: a pixel has one defect at most. */
const DEAD = 0.001;
const HOT = DEAD + 0.002;
const WARM = HOT + 0.004;
const LOW_QE = WARM + 0.001;
const CROOKED = LOW_QE + 0.0005;
const NOISY = CROOKED + 0.005;

/** Rows [y0, y0 + ny) of a window, y0 counted from its first row. */
export function detectorRows(window: Window, y0: number, ny: number): DetectorRows {
  const { nx, side } = window;
  const size = nx * ny;
  const rows: DetectorRows = {
    gain: new Float32Array(size),
    noise: new Float32Array(size),
    dark: new Float32Array(size),
    fullWell: new Float32Array(size),
    pedestal: new Float32Array(size),
    c2: new Float32Array(size),
    c3: new Float32Array(size),
    response: new Float32Array(size),
    mask: new Uint32Array(size),
    linearity: new Uint32Array(size),
  };
  const key = (name: string): number => hash(hashText(window.detector), hashText(name));
  const [kGain, kNoise, kDark, kWell, kBias, kC2, kC3, kDefect, kHow] = [
    "gain",
    "noise",
    "dark",
    "well",
    "pedestal",
    "c2",
    "c3",
    "defect",
    "how",
  ].map(key) as [number, number, number, number, number, number, number, number, number];
  for (let row = 0; row < ny; row++) {
    const y = window.y + y0 + row;
    const edgeY = y <= BORDER || y > side - BORDER;
    // Glow of the output amplifiers, along the top.
    const glow = 0.02 * Math.exp((y - side) / 60);
    for (let col = 0; col < nx; col++) {
      const i = row * nx + col;
      const x = window.x + col;
      const channel = Math.floor((x - 1) / CHANNEL);
      const gain = GAIN * (1 + 0.004 * normalAt(kGain, channel, -1) + 0.002 * normalAt(kGain, x, y));
      rows.gain[i] = gain;
      rows.noise[i] = (READ_NOISE * Math.exp(0.05 * normalAt(kNoise, x, y))) / gain;
      rows.dark[i] = DARK * Math.exp(0.4 * normalAt(kDark, x, y)) + glow;
      rows.fullWell[i] = FULL_WELL * (1 + 0.02 * normalAt(kWell, x, y));
      rows.pedestal[i] = PEDESTAL + 60 * normalAt(kBias, channel, -1) + 25 * normalAt(kBias, x, y);
      rows.c2[i] = 2e-7 * (1 + 0.1 * normalAt(kC2, x, y));
      rows.c3[i] = 3.5e-11 * (1 + 0.05 * normalAt(kC3, x, y));
      rows.response[i] = 1;
      if (edgeY || x <= BORDER || x > side - BORDER) {
        rows.mask[i] = DQ.REFERENCE_PIXEL + DQ.NON_SCIENCE;
        rows.response[i] = 0;
        rows.dark[i] = 0;
        continue;
      }
      const defect = unitAt(kDefect, x, y);
      const how = unitAt(kHow, x, y);
      if (defect < DEAD) {
        rows.mask[i] = DQ.DEAD | DQ.DO_NOT_USE;
        rows.response[i] = 0;
      } else if (defect < HOT) {
        rows.mask[i] = DQ.HOT | DQ.DO_NOT_USE;
        rows.dark[i] = 2 * 50 ** how;
      } else if (defect < WARM) {
        rows.mask[i] = DQ.WARM;
        rows.dark[i] = 0.1 * 10 ** how;
      } else if (defect < LOW_QE) {
        rows.mask[i] = DQ.LOW_QE;
        rows.response[i] = 0.2 + 0.3 * how;
      } else if (defect < CROOKED) {
        rows.linearity[i] = DQ.NO_LIN_CORR;
        rows.c2[i] = rows.c2[i]! * (3 + 4 * how);
      } else if (defect < NOISY) rows.noise[i] = rows.noise[i]! * (1.5 + 1.5 * how);
    }
  }
  return rows;
}

/** Linear DN of a raw one. */
export const linearised = (raw: number, c2: number, c3: number): number => raw * (1 + raw * (c2 + raw * c3));

/** The raw DN that `linearised` takes back to `linear` (Newton's method; three steps reach 1e-9 of 65 kDN). */
export function delinearised(linear: number, c2: number, c3: number): number {
  let raw = linear * (1 - linear * (c2 + linear * c3));
  for (let step = 0; step < 3; step++) {
    const slope = 1 + raw * (2 * c2 + 3 * raw * c3);
    raw -= (linearised(raw, c2, c3) - linear) / slope;
  }
  return raw;
}
