/** Random groups: arrays with parameters, the way radio interferometers wrote visibilities (FITS 4.0 §6). */
import { FitsError } from "../errors.js";
import { toNativeOrder } from "./bytes.js";
import { describeHdu, readData, type FitsFile, type Hdu } from "./file.js";
import { getValue } from "./header.js";
import { imageInfo, shapeOf } from "./scan.js";
import type { TypedArray } from "./typed-array.js";

export interface Groups {
  count: number;
  /** PTYPEn in order; a name may stand twice, its values then add up (§6.2.3). */
  parameters: { name: string; values: Float64Array }[];
  /** Scaled array values, group after group. */
  data: Float64Array;
  /** Shape of one group's array, C order. */
  shape: number[];
}

function scaled(
  raw: TypedArray,
  from: number,
  into: Float64Array,
  at: number,
  n: number,
  scale: number,
  zero: number,
): void {
  for (let i = 0; i < n; i++) into[at + i] = Number(raw[from + i]!) * scale + zero;
}

export function readGroups(file: FitsFile, hdu: Hdu): Groups {
  if (hdu.type !== "groups")
    throw new FitsError(`cannot read random groups: ${describeHdu(file, hdu)} — it is an ${hdu.type} HDU`);
  const { bitpix, axes, gcount, pcount } = shapeOf(hdu.header, true);
  const { bscale, bzero } = imageInfo(hdu.header, bitpix, axes);
  const raw = toNativeOrder(readData(file, hdu), bitpix);
  const elements = axes.slice(1).reduce((product, n) => product * n, 1);
  const number = (keyword: string, fallback: number): number => {
    const value = getValue(hdu.header, keyword);
    return typeof value === "number" ? value : fallback;
  };
  const perGroup = pcount + elements;
  const count = perGroup === 0 ? 0 : raw.length / perGroup;
  const data = new Float64Array(count * elements);
  const parameters = Array.from({ length: count === 0 ? 0 : pcount }, (_, p) => ({
    name: String(getValue(hdu.header, `PTYPE${p + 1}`) ?? `par${p + 1}`).trim(),
    values: new Float64Array(count),
  }));
  for (let group = 0; group < count; group++) {
    const base = group * perGroup;
    parameters.forEach(({ values }, p) => {
      scaled(raw, base + p, values, group, 1, number(`PSCAL${p + 1}`, 1), number(`PZERO${p + 1}`, 0));
    });
    scaled(raw, base + pcount, data, group * elements, elements, bscale, bzero);
  }
  return { count: gcount, parameters, data, shape: axes.slice(1).reverse() };
}
