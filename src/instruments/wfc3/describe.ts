/** Intermediate MULTIACCUM files (IMA): one SCI per read, the newest first, as rates since the zeroth read. */
import type { Exposure, Keywords, Readout } from "../../data/exposure.js";
import type { Layout, Place } from "../../data/layout.js";
import { InputError } from "../../errors.js";
import { describeBy } from "../common/descriptors.js";
import { numberOf, textOf } from "../common/keywords.js";
import type { RawFacts } from "../define.js";
import { flags } from "./flags.js";

interface Read {
  hdu: number;
  version: number;
  time: number;
}

/** Reads in the order in which they were taken, with the times of SAMPTIME [s]. */
function readsOf({ path, hdus }: RawFacts): Read[] {
  const reads = hdus.flatMap(({ name, version = 1, header = {} }, hdu) => {
    if (name !== "SCI") return [];
    const time = numberOf(header, "SAMPTIME");
    if (time === undefined)
      throw new InputError(`a read without its time: on ${path} — SCI,${version} has no SAMPTIME`, {
        hint: `iris fits header ${path}[SCI,${version}]`,
      });
    return [{ hdu, version, time }];
  });
  return reads.sort((a, b) => a.time - b.time);
}

/** Several SCI extensions with a SAMPTIME: reads; else an image of this instrument. */
export const isMultiaccum = ({ hdus }: RawFacts): boolean =>
  hdus.filter(({ name, header }) => name === "SCI" && header?.["SAMPTIME"] !== undefined).length > 1;

/** ELECTRONS/S and COUNTS/S become counts by the time since the zeroth read. */
export function imaLayout(facts: RawFacts): Layout {
  const { path, hdus } = facts;
  const reads = readsOf(facts);
  const places = reads.map(({ hdu, version, time }): Place => {
    const { header = {}, axes, bitpix } = hdus[hdu]!;
    if (axes.length !== 2)
      throw new InputError(`no image: on ${path} — SCI,${version} has NAXIS = ${axes.length}, expected 2`, {
        hint: `iris fits info ${path}`,
      });
    const rate = /\/\s*S(EC)?\b/i.test(textOf(header, "BUNIT") ?? "");
    const dq = hdus.findIndex(
      (other) =>
        other.name === "DQ" &&
        (other.version ?? 1) === version &&
        other.bitpix > 0 &&
        other.axes.join() === axes.join(),
    );
    return {
      file: 0,
      hdu,
      plane: 0,
      // Rates are floats; raw counts keep their integers.
      ...(rate && bitpix < 0 ? { scale: time } : {}),
      ...(dq < 0 ? {} : { dq }),
    };
  });
  return {
    order: "planes",
    files: [path],
    nints: 1,
    ngroups: reads.length,
    places,
    numbers: reads.map((_, i) => i + 1),
    flags,
  };
}

const mean = (values: (number | undefined)[]): number | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null;
};

const ofAmplifiers = (header: Keywords, stem: string): number | null =>
  mean(["A", "B", "C", "D"].map((amplifier) => numberOf(header, stem + amplifier)));

/** Electrons have gain 1; READNSE is the noise of a difference of two reads, one read's is 1/√2 of it. */
function noiseOf(header: Keywords): Pick<Exposure, "gain" | "readNoise"> {
  const electrons = /ELECTRON/i.test(textOf(header, "BUNIT") ?? "");
  const difference = ofAmplifiers(header, "READNSE");
  return {
    gain: electrons ? 1 : ofAmplifiers(header, "ATODGN"),
    readNoise: difference === null ? null : difference / Math.SQRT2,
  };
}

const conventions = {
  instrument: "WFC3",
  telescope: "HST",
  mode: (header: Keywords) => (textOf(header, "OBSTYPE") ?? "IMAGING").toUpperCase(),
  calibrated: true,
};

export function describe(facts: RawFacts): Exposure {
  const { header, hdus, science } = facts;
  const [nx = 0, ny = 0] = hdus[science]?.axes ?? [];
  const name = header["SUBARRAY"] === true ? (textOf(header, "SUBTYPE") ?? "CUSTOM") : "FULL";
  const exposure = describeBy(conventions, { ...facts, header: { ...header, SUBARRAY: name } });
  const times = isMultiaccum(facts) ? readsOf(facts).map(({ time }) => time) : null;
  const steps = times?.slice(1).map((time, i) => time - times[i]!) ?? [];
  const tframe = Math.min(...steps);
  const readout: Readout | null = times && { nframes: 1, groupgap: 0, tframe, tgroup: tframe, times };
  const type = textOf(header, "IMAGETYP") ?? "";
  return {
    ...exposure,
    obstype: /^(DARK|FLAT|BIAS)/i.exec(type)?.[1]?.toUpperCase() ?? "SCI",
    readmode: textOf(header, "SAMP_SEQ") ?? exposure.readmode,
    obsid: textOf(header, "ROOTNAME") ?? exposure.obsid,
    // LTV is minus the number of columns and rows before the window (IRAF's logical coordinates).
    subarray: {
      name,
      x: 1 - (numberOf(header, "LTV1") ?? 0),
      y: 1 - (numberOf(header, "LTV2") ?? 0),
      nx,
      ny,
    },
    readout,
    ...noiseOf(header),
    assumed: exposure.assumed.filter((sentence) => !sentence.startsWith("no IMTYPE")),
  };
}
