/** Opens an input and says what it is: headers only, never a pixel. */
import { realpathSync } from "node:fs";
import type { Assembly } from "../data/assembly.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";
import type { Layout } from "../data/layout.js";
import { InputError, isIrisError } from "../errors.js";
import { keywordsOf, openFits, type FitsFile, type Hdu } from "../fits/index.js";
import { instruments, readFacts, recognise } from "../instruments/index.js";
import type { Instrument, RawFacts, ReadFacts } from "../instruments/define.js";

export interface Opened {
  path: string;
  instrument: Instrument;
  kind: Kind;
  exposure: Exposure;
  tags: ReadonlySet<string>;
  header: Keywords;
  /** NAXISn of the science data: x, y, and for a ramp reads and ramps. */
  axes: readonly number[];
  /** Where the samples lie; null: [ramp][read][y][x] in the science HDU. */
  layout: Layout | null;
  /** The HDUs that make the frame of an image; null: the science HDU. */
  assembly: Assembly | null;
  /** The read that the file holds, where each has its own; null once they are joined. */
  read: ReadFacts | null;
  /** Index of the science HDU. */
  science: number;
  /** What several files have in common in their names. */
  stem?: string;
  /** What is known of each read of a layout, where it isn't in the file itself. */
  telemetry?(layout: Layout): readonly (Keywords | null)[];
}

/** Throws FitsError or InputError; every message names the file. */
export function describeInput(path: string): Opened {
  const file = openFile(path);
  try {
    return describeFacts(path, readFacts(file));
  } finally {
    file.close();
  }
}

/** Does the header belong to no instrument at all? False also for a file that can't be read. */
export function isForeign(path: string): boolean {
  let file: FitsFile;
  try {
    file = openFile(path);
  } catch (error) {
    if (isIrisError(error)) return false;
    throw error;
  }
  try {
    return recognise(readFacts(file).header) === undefined;
  } finally {
    file.close();
  }
}

/** The same from what is known of a file, there or still to be made. `known` is its kind where it has been decided. */
export function describeFacts(path: string, facts: RawFacts, known?: Kind): Opened {
  const instrument = recognise(facts.header);
  if (!instrument)
    throw new InputError(
      `cannot describe ${path} — its header belongs to no instrument that iris knows ` +
        `(INSTRUME ${JSON.stringify(facts.header["INSTRUME"] ?? null)})`,
      {
        hint: `known: ${instruments.map(({ name }) => name).join(", ")}; see the header with: iris fits header ${path}`,
      },
    );
  const kind = known ?? instrument.kind(facts);
  const exposure = instrument.describe(facts);
  const layout = kind === "ramp" ? (instrument.layout?.(facts) ?? null) : null;
  // A product is one frame already.
  const assembly = kind === "image" && known === undefined ? (instrument.assembly?.(facts) ?? null) : null;
  const axes = assembly ? [assembly.nx, assembly.ny] : facts.hdus[facts.science]!.axes;
  return {
    path,
    instrument,
    kind,
    exposure,
    tags: instrument.tags(exposure, kind, facts.header),
    header: { ...facts.header, ...instrument.done?.(facts.header, facts) },
    axes: layout ? axesOf(layout, axes) : axes,
    layout,
    assembly,
    read: instrument.read?.(facts) ?? null,
    science: facts.science,
  };
}

/** x, y, reads, ramps of samples laid out in HDUs of these axes. */
export function axesOf({ order, ngroups, nints }: Layout, axes: readonly number[]): number[] {
  const [nx, ny] = order === "pixels" ? axes.slice(2) : axes;
  return [nx!, ny!, ngroups, nints];
}

export function openFile(path: string): FitsFile {
  try {
    realpathSync(path);
  } catch (cause) {
    throw new InputError(`cannot read ${path} — no such file`, {
      cause,
      hint: "list what is there: iris fits ls .",
    });
  }
  try {
    return openFits(path);
  } catch (cause) {
    if (isIrisError(cause)) throw cause;
    throw new InputError(`cannot read ${path} — ${(cause as Error).message}`, { cause });
  }
}

/** σ², or 1/σ². */
export type Uncertainty = "variance" | "inverse";

/** The HDUs that hold an exposure's planes; absent planes are null. */
export interface PlaneHdus {
  sci: Hdu;
  err: Hdu | null;
  /** What the err plane holds, where that isn't σ. */
  errIs?: Uncertainty;
  dq: Hdu | null;
  varPoisson: Hdu | null;
  varRnoise: Hdu | null;
  groupdq: Hdu | null;
  /** Of a ramp: the first read by itself, [ramp][y][x], where groups average several. */
  zeroframe: Hdu | null;
}

/** SCI or DATA, else the first image with data; ERR and the flags by name and of a fitting shape. */
export function planeHdus(file: FitsFile, kind: Kind): PlaneHdus {
  const images = file.hdus.filter(
    (hdu) => hdu.image !== null && hdu.image.axes.length >= 2 && hdu.dataSize > 0,
  );
  const named = (...names: string[]) => images.find((hdu) => names.includes(hdu.name));
  const sci = named("SCI", "DATA", "COEFFS") ?? images[0];
  if (!sci)
    throw new InputError(`${file.path} holds no image`, {
      hint: `see what it holds: iris fits info ${file.path}`,
    });
  const like = (hdu: Hdu | undefined, what: string): Hdu | null => {
    if (!hdu || hdu === sci) return null;
    const [nx, ny] = sci.image!.axes;
    if (hdu.image!.axes[0] !== nx || hdu.image!.axes[1] !== ny)
      throw new InputError(
        `${file.path}: ${hdu.name} has ${hdu.image!.axes.join("×")} pixels where ${sci.name || "the data"} has ${sci.image!.axes.join("×")}`,
        { hint: `see the HDUs: iris fits info ${file.path} (${what} must match the science array)` },
      );
    return hdu;
  };
  const ramp = kind === "ramp";
  const err = ramp ? null : like(named("ERR") ?? named("UNCERT"), "errors");
  const errIs = err && uncertaintyOf(err);
  return {
    sci,
    err,
    ...(errIs ? { errIs } : {}),
    dq: like(ramp ? named("PIXELDQ") : (named("DQ") ?? images.find(isMask)), "flags"),
    varPoisson: ramp ? null : like(named("VAR_POISSON"), "variances"),
    varRnoise: ramp ? null : like(named("VAR_RNOISE"), "variances"),
    groupdq: ramp ? ofEveryRead(like(named("GROUPDQ"), "flags"), sci, file.path) : null,
    zeroframe: ramp ? fitting(like(named("ZEROFRAME"), "zero frames"), sci, file.path) : null,
  };
}

/** Flags of every read of every ramp, or null where there are none. */
function ofEveryRead(groupdq: Hdu | null, sci: Hdu, path: string): Hdu | null {
  const readsOf = ({ image }: Hdu): string => `${image!.axes[3] ?? 1} × ${image!.axes[2] ?? 1} groups`;
  if (groupdq && readsOf(groupdq) !== readsOf(sci))
    throw new InputError(
      `${path}: GROUPDQ has ${readsOf(groupdq)} where ${sci.name || "the data"} has ${readsOf(sci)}`,
      { hint: `see the HDUs: iris fits info ${path}` },
    );
  return groupdq;
}

/** A zero frame of each ramp, or null where there are none. */
function fitting(zeroframe: Hdu | null, sci: Hdu, path: string): Hdu | null {
  const [given, wanted] = [zeroframe?.image!.axes[2] ?? 1, sci.image!.axes[3] ?? 1];
  if (zeroframe && given !== wanted)
    throw new InputError(`${path}: ZEROFRAME has ${given} planes where SCI has ${wanted} ramps`, {
      hint: `see the HDUs: iris fits info ${path}`,
    });
  return zeroframe;
}

const UNCERTAINTIES: Readonly<Record<string, Uncertainty | undefined>> = {
  VarianceUncertainty: "variance",
  InverseVariance: "inverse",
};

/** UTYPE of an UNCERT extension as astropy's CCDData writes it; undefined for standard deviations. */
export const uncertaintyOf = (hdu: Hdu): Uncertainty | undefined =>
  UNCERTAINTIES[String(keywordsOf(hdu.header)["UTYPE"] ?? "")];

/** CCDData's mask: bytes of which 1 says that the pixel is bad, the bit of DO_NOT_USE. */
export const isMask = (hdu: Hdu): boolean => hdu.name === "MASK" && hdu.image?.bitpix === 8;

/** σ of σ² or 1/σ², in place. */
export function toErrors(plane: Float32Array, is: Uncertainty | undefined): Float32Array {
  if (is)
    for (let i = 0; i < plane.length; i++)
      plane[i] = is === "variance" ? Math.sqrt(plane[i]!) : 1 / Math.sqrt(plane[i]!);
  return plane;
}
