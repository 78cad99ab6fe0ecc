/** DQ_DEF: what the flag bits of a reference mean; its own bits are translated to ours by name. */
import { readTable, type ColumnContent, type FitsFile } from "../fits/index.js";
import { DQ, type DqName } from "./dq.js";

type Flag = Exclude<DqName, "GOOD">;

export const MEANING: Readonly<Record<Flag, string>> = {
  DO_NOT_USE: "Bad pixel. Do not use.",
  SATURATED: "Pixel saturated during the exposure",
  JUMP_DET: "Jump detected during the exposure",
  DROPOUT: "Data lost in transmission",
  OUTLIER: "Value that other exposures or neighbours contradict",
  PERSISTENCE: "High persistence",
  AD_FLOOR: "Below the floor of the converter",
  CHARGELOSS: "Charge migrated to neighbours",
  UNRELIABLE_ERROR: "Uncertainty unreliable",
  NON_SCIENCE: "Pixel not on science portion of detector",
  DEAD: "Dead pixel",
  HOT: "Hot pixel",
  WARM: "Warm pixel",
  LOW_QE: "Low quantum efficiency",
  RC: "RC pixel",
  TELEGRAPH: "Telegraph pixel",
  NONLINEAR: "Pixel highly nonlinear",
  BAD_REF_PIXEL: "Reference pixel cannot be used",
  NO_FLAT_FIELD: "Flat field cannot be measured",
  NO_GAIN_VALUE: "Gain cannot be measured",
  NO_LIN_CORR: "Linearity correction not available",
  NO_SAT_CHECK: "Saturation check not available",
  UNRELIABLE_BIAS: "Bias variance large",
  UNRELIABLE_DARK: "Dark variance large",
  UNRELIABLE_SLOPE: "Slope variance large",
  UNRELIABLE_FLAT: "Flat variance large",
  OPEN: "Open pixel: its charge goes to neighbours",
  ADJ_OPEN: "Neighbour of an open pixel",
  FLUX_ESTIMATED: "Flux estimated from other pixels",
  MSA_FAILED_OPEN: "Light of a shutter that failed to close",
  OTHER_BAD_PIXEL: "Bad for another reason",
  REFERENCE_PIXEL: "Pixel without light, for reference",
};

/** The table of all our bits. */
export function flagColumns(): ColumnContent[] {
  const names = Object.keys(MEANING) as Flag[];
  return [
    { name: "BIT", data: Int32Array.from(names, (name) => Math.log2(DQ[name])) },
    { name: "VALUE", data: Uint32Array.from(names, (name) => DQ[name]) },
    { name: "NAME", data: names.map((name) => name.padEnd(40)) },
    { name: "DESCRIPTION", data: names.map((name) => MEANING[name].padEnd(80)) },
  ];
}

/**
 * The translation that a file's DQ_DEF table asks for: null when it has none or agrees with our bits.
 * Names that we don't have are dropped.
 */
export function translateFlags(file: FitsFile): ((flags: Uint32Array) => void) | null {
  const hdu = file.hdu("DQ_DEF");
  if (!hdu) return null;
  const table = readTable(file, hdu);
  const [values, names] = [table.column("VALUE"), table.column("NAME")];
  if (!values || !names) return null;
  const pairs = Array.from({ length: table.rows }, (_, row) => ({
    from: Number(values.at(row)) >>> 0,
    to: DQ[String(names.at(row)).trim() as DqName] as number | undefined,
  })).filter(({ from }) => from !== 0);
  if (pairs.every(({ from, to }) => from === to)) return null;
  return (flags) => {
    for (let i = 0; i < flags.length; i++) {
      const own = flags[i]!;
      if (own === 0) continue;
      let ours = 0;
      for (const { from, to } of pairs) if ((own & from) !== 0 && to !== undefined) ours |= to;
      flags[i] = ours;
    }
  };
}
