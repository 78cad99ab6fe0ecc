/** The descriptors of a CCD frame: the common ones, from a header put into their words. */
import { trimmedSize } from "../../data/amplifiers.js";
import type { Exposure, Keywords } from "../../data/exposure.js";
import { parseSection } from "../../data/section.js";
import { describeBy } from "../common/descriptors.js";
import { numberOf, textOf } from "../common/keywords.js";
import type { RawFacts } from "../define.js";
import { geometryOf } from "./amplifiers.js";
import { binningOf } from "./binning.js";
import { cameraOf } from "./camera.js";
import { esoMode } from "./eso.js";
import { assemblyOf, geometryOfParts } from "./extensions.js";
import { frameTypeOf } from "./frame-type.js";
import { processedBy } from "./processed.js";

const ESO_MODES = ["ESO DET READ CURNAME", "ESO DET READ CLOCK"];

/** What tells frames apart that can't be combined: binning and how the chip was read. */
const readmodeOf = (header: Keywords, [bx, by]: readonly number[]): string =>
  [
    textOf(header, "READMODE", "SPEEDMOD", "READ-SPD", "CAM-GAIN", "GAINMODE", ...ESO_MODES) ?? "",
    `${bx}x${by}`,
  ]
    .filter((word) => word !== "")
    .join(" ");

/** The first pixel of the data on the chip, 1-based and binned, and whether the chip was read as a whole. */
function windowOf(
  header: Keywords,
  [bx, by]: readonly [number, number],
  size: { nx: number; ny: number },
): { x: number; y: number; name: string } {
  const place = { x: numberOf(header, "SUBSTRT1"), y: numberOf(header, "SUBSTRT2") };
  const ccd = parseSection(textOf(header, "CCDSEC") ?? "");
  const x = place.x ?? Math.floor((ccd?.x0 ?? numberOf(header, "CRVAL1U", "XORGSUBF") ?? 0) / bx) + 1;
  const y = place.y ?? Math.floor((ccd?.y0 ?? numberOf(header, "CRVAL2U", "YORGSUBF") ?? 0) / by) + 1;
  const chip = parseSection(textOf(header, "CCDSIZE", "DETSIZE") ?? "");
  const [nx, ny] = [chip?.nx ?? numberOf(header, "DNAXIS1"), chip?.ny ?? numberOf(header, "DNAXIS2")];
  const isPart = (nx !== undefined && nx > size.nx * bx) || (ny !== undefined && ny > size.ny * by);
  return { x, y, name: isPart || x > 1 || y > 1 ? "WINDOW" : "FULL" };
}

/** DN of the largest sample: what the header says, or the converter's last number. */
function saturationOf(header: Keywords, bitpix: number): number | undefined {
  const stated = numberOf(header, "SATURATE", "SATLEVEL", "SATURATI", "MAXLIN");
  if (stated !== undefined) return stated;
  const bits = numberOf(header, "BITDEPTH", "ADCBITS");
  if (bits !== undefined) return 2 ** bits - 1;
  return bitpix === 16 && numberOf(header, "BZERO") === 32768 ? 65535 : undefined;
}

const DISPERSERS = ["DISPAXIS", "GRISM_N", "GRATNG_N", "GRATING", "GRISM"];

const conventions = {
  instrument: "CCD",
  telescope: "",
  mode: (header: Keywords) =>
    (
      textOf(header, "INSTMODE") ??
      esoMode(header) ??
      (textOf(header, ...DISPERSERS) ? "SPEC" : "IMG")
    ).toUpperCase(),
  calibrated: false,
};

export function describe(facts: RawFacts): Exposure {
  const { header, hdus, science } = facts;
  const { axes, bitpix } = hdus[science]!;
  const assembly = assemblyOf(facts);
  const [nx = 0, ny = 0] = assembly ? [assembly.nx, assembly.ny] : axes;
  const camera = cameraOf(header);
  const isTrimmed = header["S_TRIM"] === "COMPLETE" || processedBy(header)["S_TRIM"] === "COMPLETE";
  const { amplifiers, assumed } = assembly
    ? geometryOfParts(facts, assembly)
    : geometryOf({ header, nx, ny, isTrimmed }, camera);
  const binning = binningOf(header);
  const window = windowOf(header, binning, trimmedSize(amplifiers));
  const { obstype, assumed: assumedType } = frameTypeOf(header);
  const isDark = obstype === "BIAS" || obstype === "DARK";
  const time = textOf(header, "TIME-OBS", "UTC", "UT", "UTSHUT");
  const words: Record<string, string | number> = {
    IMTYPE: obstype,
    DETECTOR: camera.detector,
    READMODE: readmodeOf(header, binning),
    SUBARRAY: window.name,
    SUBSTRT1: window.x,
    SUBSTRT2: window.y,
    SUBSIZE1: nx,
    SUBSIZE2: ny,
    EXPTIME: numberOf(header, "EXPTIME", "EXPOSURE", "ITIME") ?? 0,
    // In the dark filter and slit don't matter: frames through any are equal.
    ...(isDark
      ? { FILTER: "", PUPIL: "" }
      : {
          ...(camera.filter === undefined ? {} : { FILTER: camera.filter }),
          ...(camera.slit === undefined ? {} : { PUPIL: camera.slit }),
        }),
    ...(time === undefined ? {} : { "TIME-OBS": time }),
  };
  const saturation = saturationOf(header, bitpix);
  const exposure = describeBy(conventions, { ...facts, header: { ...header, ...words } });
  const images = hdus.filter((hdu) => hdu.axes.length >= 2 && hdu.name === "").length;
  const others = images > 1 ? [`${images} images in the file: only the first is reduced`] : [];
  return {
    ...exposure,
    subarray: { ...exposure.subarray, ...trimmedSize(amplifiers) },
    gain: amplifiers[0]!.gain,
    readNoise: amplifiers[0]!.readNoise,
    amplifiers,
    ...(saturation === undefined ? {} : { saturation }),
    assumed: [...exposure.assumed, ...(obstype === "BIAS" ? [] : assumed), ...assumedType, ...others],
  };
}
