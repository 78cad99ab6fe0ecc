/** From light to numbers: photons, dark current and cosmic rays collected up the ramp, then read out. */
import { DQ } from "../../../data/dq.js";
import { delinearised, detectorRows, RESET_NOISE } from "./detector.js";
import type { Deposit } from "../../common/simulator/cosmics.js";
import type { Light, SimulatedExposure } from "./exposure.js";
import { responseRows } from "./optics.js";
import { generator } from "../../common/simulator/random.js";

const READS = 0x5ead;
const ADC_TOP = 65535;

/** What a perfect reduction of some rows would give, and what it can't mend. */
export interface TruthRows {
  /** e⁻/s: stars, sky and lamp, without dark current, at response 1. [ny][nx] */
  rate: Float32Array;
  /** Bits that the product has to show. */
  dq: Uint32Array;
  /** Number of cosmic-ray deposits. */
  hits: Uint8Array;
}

/** A ramp's samples are [ints][reads][ny][nx]. */
export interface ExposedRows extends TruthRows {
  samples: Uint16Array;
}

/** Expected electrons per second in the pixels of some rows, and the truth about them before anything is read. */
export function collectedRows(exposure: SimulatedExposure, light: Light, y0: number, ny: number) {
  const { window, filter } = exposure;
  const pixels = detectorRows(window, y0, ny);
  const rate = light.rows(y0, ny);
  const flow = new Float64Array(rate.length);
  if (exposure.type !== "DARK") {
    const response = responseRows(window, filter, pixels, y0, ny);
    for (let i = 0; i < flow.length; i++) flow[i] = rate[i]! * response[i]!;
  }
  for (let i = 0; i < flow.length; i++) flow[i]! += pixels.dark[i]!;
  const dq = Uint32Array.from(pixels.mask, (bits, i) => bits | pixels.linearity[i]!);
  // Reference pixels see no light: their rate is 0 whatever falls on them.
  const truth = Float32Array.from(rate, (value, i) => (pixels.mask[i]! & DQ.NON_SCIENCE ? 0 : value));
  return { pixels, truth, flow, dq };
}

/**
 * Exposes and reads rows [y0, y0 + ny). Every row has its own stream of random numbers, so that the numbers don't
 * depend on the rows they are made with. `deposits` are ordered by row.
 *
 * In each interval a pixel collects a Poisson count of its flow and what cosmic rays leave, up to its full well. A
 * read gives the raw level whose linearised value is pedestal + reset noise + charge/gain, with read noise, rounded.
 */
export function exposeRows(
  exposure: SimulatedExposure,
  light: Light,
  deposits: readonly Deposit[],
  y0: number,
  ny: number,
): ExposedRows {
  const { window, ints, reads, tframe, seed } = exposure;
  const { nx } = window;
  const { pixels, truth, flow, dq } = collectedRows(exposure, light, y0, ny);
  const { gain, noise, fullWell, pedestal, c2, c3 } = pixels;
  const samples = new Uint16Array(ints * reads * ny * nx);
  const hits = new Uint8Array(ny * nx);
  const charge = new Float64Array(nx);
  const level = new Float64Array(nx);
  const struck = new Float64Array(ints * reads * nx);
  let next = deposits.findIndex(({ y }) => y >= y0);
  if (next < 0) next = deposits.length;
  for (let row = 0; row < ny; row++) {
    const random = generator(seed, READS, y0 + row);
    const at = row * nx;
    let wasStruck = false;
    for (; deposits[next]?.y === y0 + row; next++) {
      const { x, integration, group, electrons } = deposits[next]!;
      struck[(integration * reads + group) * nx + x]! += electrons;
      hits[at + x]!++;
      wasStruck = true;
    }
    for (let integration = 0; integration < ints; integration++) {
      charge.fill(0);
      for (let x = 0; x < nx; x++) level[x] = pedestal[at + x]! + RESET_NOISE * random.normal();
      for (let read = 0; read < reads; read++) {
        const plane = integration * reads + read;
        const out = (plane * ny + row) * nx;
        for (let x = 0; x < nx; x++) {
          const i = at + x;
          let collected = charge[x]! + random.poisson(flow[i]! * tframe);
          if (wasStruck) collected += struck[plane * nx + x]!;
          if (collected >= fullWell[i]!) {
            collected = fullWell[i]!;
            dq[i]! |= DQ.SATURATED;
          }
          charge[x] = collected;
          const linear = level[x]! + collected / gain[i]!;
          const raw = delinearised(linear, c2[i]!, c3[i]!) + noise[i]! * random.normal();
          samples[out + x] = Math.max(0, Math.min(ADC_TOP, Math.round(raw)));
        }
      }
    }
    if (wasStruck) struck.fill(0);
  }
  return { samples, rate: truth, dq, hits };
}

/** Rows of a finished count rate: the charge collected between a first and a last read, and its uncertainty. */
export interface RateRows extends TruthRows {
  /** Stars, sky, lamp and dark current as collected, e⁻/s. */
  sci: Float32Array;
  err: Float32Array;
}

/**
 * Rows [y0, y0 + ny) of a correlated double sample over `reads · tframe` seconds, as a finished reduction of the
 * readout gives it: linear, in e⁻/s, not yet corrected for dark current and response.
 */
export function exposeRate(exposure: SimulatedExposure, light: Light, y0: number, ny: number): RateRows {
  const { window, ints, reads, tframe, seed } = exposure;
  const { nx } = window;
  const { pixels, truth, flow, dq } = collectedRows(exposure, light, y0, ny);
  const time = reads * tframe;
  const sci = new Float32Array(nx * ny);
  const err = new Float32Array(nx * ny);
  for (let row = 0; row < ny; row++) {
    const random = generator(seed, READS, y0 + row);
    for (let i = row * nx; i < (row + 1) * nx; i++) {
      const twoReads = 2 * (pixels.noise[i]! * pixels.gain[i]!) ** 2;
      let sum = 0;
      for (let integration = 0; integration < ints; integration++) {
        let collected = random.poisson(flow[i]! * time);
        if (collected >= pixels.fullWell[i]!) {
          collected = pixels.fullWell[i]!;
          dq[i]! |= DQ.SATURATED;
        }
        sum += collected + Math.sqrt(twoReads) * random.normal();
      }
      sci[i] = sum / (ints * time);
      err[i] = Math.sqrt(Math.max(sum, 0) + ints * twoReads) / (ints * time);
    }
  }
  return { sci, err, rate: truth, dq, hits: new Uint8Array(nx * ny) };
}
