/** A CCD camera that doesn't exist: its amplifiers, and what its pixels do without light and with it. */
import { UsageError } from "../../../errors.js";
import { hash, hashText, normalAt, unitAt } from "../../common/simulator/hash.js";

/** Arcseconds per pixel, and cm² of a pixel of 15 µm. */
export const PIXEL_SCALE = 0.3;
export const PIXEL_AREA = 2.25e-6;
/** Columns without light that each amplifier reads before its data. */
export const PRESCAN = 4;
/** The converter's largest number. */
export const ADC_TOP = 65535;

/** What an amplifier makes of electrons. */
export interface Output {
  /** As in AMPLIST. */
  name: string;
  /** e⁻/DN, and e⁻. */
  gain: number;
  readNoise: number;
  /** DN without charge at the middle row, and how much more at the first and the last. */
  level: number;
  bend: number;
}

const OUTPUTS: readonly Output[] = [
  { name: "11", gain: 1.3, readNoise: 4.2, level: 1000, bend: 6 },
  { name: "12", gain: 2.1, readNoise: 6, level: 1400, bend: -4 },
  { name: "13", gain: 1.6, readNoise: 5.1, level: 1150, bend: 3 },
  { name: "14", gain: 1.8, readNoise: 4.7, level: 900, bend: -5 },
];

/** A chip that amplifiers side by side read; every one has equally many columns. */
export interface Chip {
  /** Pixels that see light. */
  nx: number;
  ny: number;
  outputs: readonly Output[];
  /** Columns that each amplifier reads after its data. */
  overscan: number;
}

/** @throws UsageError where the columns can't be shared among so many amplifiers */
export function chipOf(nx: number, ny: number, count: number, overscan: number): Chip {
  const outputs = OUTPUTS.slice(0, count);
  if (outputs.length !== count || count < 1 || nx < 1 || ny < 1 || nx % count !== 0)
    throw new UsageError(
      `no chip of ${nx} × ${ny} pixels with ${count} amplifiers: 1 to ${OUTPUTS.length}, and columns that they can share`,
      { hint: "iris sim ccd --size 256 --amplifiers 2 -o night/" },
    );
  return { nx, ny, outputs, overscan };
}

/** Columns of data of one amplifier, and of all that it reads. */
export const widthOf = ({ nx, outputs }: Chip): number => nx / outputs.length;
export const strideOf = (chip: Chip): number => PRESCAN + widthOf(chip) + chip.overscan;

export interface Pixels {
  /** DN above the level of the amplifier. */
  bias: Float32Array;
  /** e⁻/s. */
  dark: Float32Array;
  /** Relative response; its median over the chip is 1. */
  response: Float32Array;
}

const KEY = hashText("SIMCCD");
const WARM = 0.001;
const WEAK = 0.001;

/** What the pixels are, [ny][nx]; the same in every frame of the camera. */
export function pixelsOf({ nx, ny }: Chip): Pixels {
  const key = (name: string): number => hash(KEY, hashText(name));
  const [kBias, kDark, kWarm, kWeak, kResponse] = ["bias", "dark", "warm", "weak", "response"].map(key) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const bias = new Float32Array(nx * ny);
  const dark = new Float32Array(nx * ny);
  const response = new Float32Array(nx * ny);
  // One wave over the chip: half a chip further it is its own opposite, so that the median is 1.
  const wave = (turns: number): number => Math.cos(2 * Math.PI * turns);
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      const i = y * nx + x;
      bias[i] = 2 * wave(x / 37) + 0.8 * normalAt(kBias, x, y);
      const warm = unitAt(kWarm, x, y);
      dark[i] = warm < WARM ? 0.5 * 40 ** (warm / WARM) : 0.01 * Math.exp(0.4 * normalAt(kDark, x, y));
      const light = 1 + 0.04 * wave(x / nx + 0.3) + 0.03 * wave(y / ny + 0.1);
      const weak = unitAt(kWeak, x, y);
      response[i] =
        light * (1 + 0.01 * normalAt(kResponse, x, y)) * (weak < WEAK ? 0.3 + (0.4 * weak) / WEAK : 1);
    }
  return { bias, dark, response };
}
