/** Header keywords of IRIS, old and new → descriptors in the field's vocabulary. */
import type { Exposure, Keywords } from "../../data/exposure.js";
import type { RawFacts } from "../define.js";
import { numberOf, textOf } from "../keywords.js";
import { startOf } from "./dates.js";
import { readoutOf } from "./readout.js";
import { subarrayOf } from "./subarray.js";

/** Words inside EXP_TYPE (IRIS_DARK …), OBSNAME (IMG1-NFF …) or DATAMODL that give the type of exposure. */
const TYPES: readonly [RegExp, string][] = [
  [/TRUTH/, "TRUTH"],
  [/DARK|DRK/, "DARK"],
  [/FLAT|NFF/, "FLAT"],
  [/SKY|BACKGROUND/, "SKY"],
  [/BIAS/, "BIAS"],
  [/ARC|SPX/, "ARC"],
  [/TEL\b/, "TEL"],
];

/** Calibration references are no exposures: REFERENCE, whatever they were made of. */
function obstypeOf(header: Keywords): { obstype: string; assumed: string[] } {
  if (textOf(header, "REFTYPE") !== undefined) return { obstype: "REFERENCE", assumed: [] };
  const stated = textOf(header, "IMTYPE", "EXP_TYPE", "OBSTYPE");
  const words = (stated ?? textOf(header, "OBSNAME", "DATAMODL") ?? "").toUpperCase();
  const type = TYPES.find(([pattern]) => pattern.test(words))?.[1];
  if (type) return { obstype: type, assumed: [] };
  return { obstype: "SCI", assumed: stated ? [] : ["no IMTYPE or EXP_TYPE: taken as science"] };
}

/** IMG, SLICER or LENSLET: stated, or what the detector is for. */
function modeOf(header: Keywords, detector: string): string {
  const stated = textOf(header, "INSTMODE", "IFSMODE");
  if (stated) return stated.toUpperCase();
  if (/^(IFU|LEN)/.test(detector)) return "LENSLET";
  if (detector.startsWith("SLC")) return "SLICER";
  return "IMG";
}

function obsidOf(header: Keywords): string {
  const stated = textOf(header, "OBS_ID", "OBSID");
  if (stated) return stated;
  const parts = [
    textOf(header, "SEMID"),
    textOf(header, "PROGNUM", "PROGRAM"),
    textOf(header, "OBSNUM", "OBSERVTN"),
  ];
  return parts.filter((part) => part !== undefined).join("-");
}

/** Seconds per exposure; a ramp without a statement lasts until its last group. */
function exptimeOf(
  header: Keywords,
  times: readonly number[] | undefined,
): { exptime: number; assumed: string[] } {
  const stated = numberOf(header, "EXPTIME", "EFFEXPTM", "EFFINTTM", "DURATION");
  if (stated !== undefined) return { exptime: stated, assumed: [] };
  const last = times?.at(-1);
  if (last !== undefined)
    return {
      exptime: last,
      assumed: [`no EXPTIME: time of the last read taken, ${Number(last.toFixed(6))} s`],
    };
  return { exptime: 0, assumed: ["no EXPTIME: unknown, 0 s written"] };
}

/** What belongs together when calibrations are made: equal detector, type, optics, timing and window. */
function groupOf(exposure: Omit<Exposure, "groupid">): string {
  const { obstype, detector, filter, exptime, readmode, subarray, obsid } = exposure;
  if (obstype === "SCI" || obstype === "SKY") return obsid;
  const optics = obstype === "DARK" || obstype === "BIAS" ? [] : [filter];
  const { name, x, y, nx, ny } = subarray;
  return [detector, obstype, ...optics, `${exptime}s`, readmode, `${name}-${x}-${y}-${nx}x${ny}`]
    .filter((part) => part !== "")
    .join("_");
}

/** The descriptors of an exposure; keywords that are missing are named in `assumed`, with what was taken instead. */
export function describe({ header, hdus, science }: RawFacts): Exposure {
  const axes = hdus[science]?.axes ?? [];
  const { subarray, assumed } = subarrayOf(header, axes);
  const timing = axes.length > 2 ? readoutOf(header, axes[2]!) : null;
  const { obstype, assumed: assumedType } = obstypeOf(header);
  const { exptime, assumed: assumedTime } = exptimeOf(header, timing?.readout.times);
  const start = startOf(header);
  const assumedDate =
    start.from === ""
      ? ["no DATE-OBS, EXPDTST or EXPJDST: date unknown"]
      : start.from === "DATE"
        ? [`no DATE-OBS, EXPDTST or EXPJDST: the file's own date taken, ${start.iso}`]
        : [];
  const detector = (textOf(header, "DETECTOR", "DET_ID") ?? "").toUpperCase();
  const filter = textOf(header, "FILTER");
  const exposure = {
    instrument: "IRIS",
    telescope: textOf(header, "TELESCOP") ?? "TMT",
    detector,
    mode: modeOf(header, detector),
    filter: filter ?? "",
    pupil: textOf(header, "PUPIL") ?? "",
    obstype,
    object: textOf(header, "OBJECT", "TARGNAME", "TARGPROP") ?? "",
    exptime,
    dateObs: start.iso,
    obsid: obsidOf(header),
    readmode: (textOf(header, "READMODE", "SAMPMODE", "READPATT") ?? "").toUpperCase(),
    subarray,
    readout: timing?.readout ?? null,
    gain: numberOf(header, "GAIN") ?? null,
    readNoise: numberOf(header, "READNOIS") ?? null,
    assumed: [
      ...(timing?.assumed ?? []),
      ...assumedTime,
      ...(detector === "" ? ["no DETECTOR or DET_ID: detector unknown"] : []),
      ...(filter === undefined && obstype !== "DARK" && obstype !== "BIAS"
        ? ["no FILTER: filter unknown"]
        : []),
      ...assumedType,
      ...assumed,
      ...assumedDate,
    ],
  };
  return { ...exposure, groupid: groupOf(exposure) };
}
