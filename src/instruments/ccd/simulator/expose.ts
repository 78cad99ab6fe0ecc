/** From light to numbers: what a frame of the simulated CCD reads, and the truth about it. */
import { DQ } from "../../../data/dq.js";
import { cosmicsIn, type Deposit } from "../../common/simulator/cosmics.js";
import { generator } from "../../common/simulator/random.js";
import type { Pointing, Star } from "../../common/simulator/stars.js";
import { ADC_TOP, PIXEL_AREA, PRESCAN, strideOf, widthOf, type Chip, type Pixels } from "./camera.js";
import { addStars, starsIn } from "./field.js";

export type FrameType = "BIAS" | "DARK" | "FLAT" | "SCI";

/** A frame to simulate; equal descriptions give equal bytes. */
export interface SimulatedFrame {
  chip: Chip;
  type: FrameType;
  /** Seconds; 0 for a bias. */
  exptime: number;
  filter: string;
  pointing: Pointing;
  /** e⁻/s of the sky, and electrons that the lamp of a flat leaves, at response 1. */
  sky: number;
  lamp: number;
  /** Cosmic rays per cm² and second. */
  cosmics: number;
  /** Seed of everything that differs from frame to frame. */
  seed: number;
  /** Start, ms since the epoch. */
  start: number;
  number: number;
  object: string;
}

/** A frame as it is read, and what a perfect reduction gives of it. */
export interface Exposed {
  /** DN, [ny][amplifiers · stride]. */
  samples: Uint16Array;
  /** e⁻ of stars, sky and lamp, without dark current, at response 1; [ny][nx]. */
  light: Float32Array;
  /** Bits that the product has to show. */
  dq: Uint32Array;
  /** Number of cosmic-ray deposits. */
  hits: Uint8Array;
  stars: readonly Star[];
  deposits: readonly Deposit[];
}

const LEVELS = 0x1e7e1;
const READS = 0xccd;
/** DN by which the level of an amplifier differs from frame to frame. */
const DRIFT = 2;

function lightOf({ type, chip, exptime, sky, lamp }: SimulatedFrame, stars: readonly Star[]): Float64Array {
  const light = new Float64Array(chip.nx * chip.ny);
  if (type === "FLAT") return light.fill(lamp);
  if (type !== "SCI") return light;
  light.fill(sky);
  addStars(light, stars, chip);
  return light.map((rate) => rate * exptime);
}

/**
 * Exposes and reads a frame. A pixel collects a Poisson count of light × response + dark current, and what cosmic rays
 * leave; read noise and bias are added, and the sum is rounded to 16 bits. Each row has its own stream of random numbers.
 */
export function expose(frame: SimulatedFrame, { bias, dark, response }: Pixels): Exposed {
  const { chip, exptime, seed, cosmics } = frame;
  const { nx, ny, outputs } = chip;
  const [width, stride] = [widthOf(chip), strideOf(chip)];
  const stars = frame.type === "SCI" ? starsIn(chip, frame.pointing) : [];
  const light = lightOf(frame, stars);
  const deposits = cosmicsIn(chip, {
    ...{ rate: cosmics, pixelArea: PIXEL_AREA, seed, ints: 1, reads: 1, tframe: exptime },
  });
  const struck = new Float64Array(nx * ny);
  const hits = new Uint8Array(nx * ny);
  for (const { x, y, electrons } of deposits) {
    struck[y * nx + x]! += electrons;
    hits[y * nx + x]!++;
  }
  const drifting = generator(seed, LEVELS);
  const drifts = outputs.map(() => DRIFT * drifting.normal());
  const samples = new Uint16Array(ny * outputs.length * stride);
  const dq = new Uint32Array(nx * ny);
  for (let y = 0; y < ny; y++) {
    const random = generator(seed, READS, y);
    const t = ny > 1 ? (2 * y) / (ny - 1) - 1 : 0;
    outputs.forEach(({ gain, readNoise, level, bend }, k) => {
      const base = level + drifts[k]! + bend * t * t;
      for (let column = 0; column < stride; column++) {
        let dn = base + (readNoise / gain) * random.normal();
        const x = column - PRESCAN;
        const i = y * nx + k * width + x;
        const isData = x >= 0 && x < width;
        if (isData) {
          const electrons = random.poisson(light[i]! * response[i]! + dark[i]! * exptime) + struck[i]!;
          dn += bias[i]! + electrons / gain;
        }
        const sample = Math.max(0, Math.min(ADC_TOP, Math.round(dn)));
        if (isData && sample === ADC_TOP) dq[i]! |= DQ.SATURATED;
        samples[(y * outputs.length + k) * stride + column] = sample;
      }
    });
  }
  return { samples, light: Float32Array.from(light), dq, hits, stars, deposits };
}
