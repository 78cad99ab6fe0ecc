/** What the headers of some cameras mean by words of their own. */
import type { Keywords } from "../../data/exposure.js";
import { textOf } from "../common/keywords.js";

export interface Camera {
  detector: string;
  /** Where GAIN is the number of a setting and not e⁻/DN: e⁻/DN and e⁻ of each amplifier. */
  amplifiers?: readonly { gain: number; readNoise: number }[];
  /** Columns at the outer ends of each overscan that aren't dark: charge left behind, and the clock's edge. */
  edge?: number;
  filter?: string;
  slit?: string;
}

/** The Kast spectrograph of Lick Observatory: GAIN is an index; figures of both amplifiers as PypeIt has them. */
function kast(header: Keywords): Camera {
  const slit = textOf(header, "SLIT_N");
  const blue = textOf(header, "VERSION")?.toLowerCase() !== "kastr";
  const optics = blue ? ["GRISM_N", "BSPLIT_N", "BLFILT_N"] : ["GRATNG_N", "BSPLIT_N", "RDFILT_N"];
  return {
    detector: blue ? "KASTB" : "KASTR",
    ...(blue
      ? {
          amplifiers: [
            { gain: 1.2, readNoise: 3.7 },
            { gain: 1.2, readNoise: 3.7 },
          ],
        }
      : {}),
    edge: 1,
    filter: optics
      .map((keyword) => textOf(header, keyword) ?? "")
      .join(" ")
      .trim(),
    ...(slit === undefined ? {} : { slit }),
  };
}

const plain = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

const WHEELS = [
  ...["FILTER1", "FILTER2", "FILTER3"],
  ...["FILT1", "FILT2", "FILT3", "GRIS1", "GRAT1", "GRAT2"].map((device) => `ESO INS ${device} NAME`),
];

/** Filters of wheels that stand one behind the other. */
function filterOf(header: Keywords): string | undefined {
  const stated = textOf(header, "FILTER", "FILTERS", "FILTNAM");
  if (stated !== undefined) return stated;
  const wheels = WHEELS.flatMap((keyword) => textOf(header, keyword) ?? []).filter((name) => name !== "FREE");
  return wheels.length > 0 ? wheels.join(" ") : undefined;
}

export function cameraOf(header: Keywords): Camera {
  if (/^kast[br]$/i.test(textOf(header, "VERSION") ?? "")) return kast(header);
  const name = textOf(header, "DETECTOR", "CCDNAME", "INSTRUME", "CAM-ID", "CAMERAID", "DETNAME") ?? "";
  const filter = filterOf(header);
  return { detector: plain(name), ...(filter === undefined ? {} : { filter }) };
}
