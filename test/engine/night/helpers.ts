/** Exposures of an instrument that doesn't exist: the planner of nights knows none. */
import type { Exposure } from "../../../src/data/exposure.js";
import type { NightFile } from "../../../src/engine/night/types.js";
import type { NightRules } from "../../../src/instruments/define.js";

export const exposure = (more: Partial<Exposure> = {}): Exposure => {
  const made: Exposure = {
    instrument: "CAM",
    telescope: "",
    detector: "A",
    mode: "IMG",
    filter: "R",
    pupil: "",
    obstype: "SCI",
    object: "M 1",
    exptime: 30,
    dateObs: "2026-03-05T08:00:00",
    obsid: "1",
    groupid: "",
    readmode: "",
    subarray: { name: "CUSTOM", x: 1, y: 1, nx: 8, ny: 8 },
    readout: null,
    gain: null,
    readNoise: null,
    assumed: [],
    ...more,
  };
  const { obstype, detector, filter, exptime } = made;
  const optics = obstype === "DARK" || obstype === "BIAS" ? "" : filter;
  return { ...made, groupid: more.groupid ?? `${obstype} ${detector} ${optics} ${exptime}` };
};

/** `minute`: of the night, when it began. */
export const file = (
  path: string,
  obstype: string,
  minute: number,
  more: Partial<Exposure> = {},
): NightFile => ({
  path,
  exposure: exposure({
    obstype,
    dateObs: new Date(Date.UTC(2026, 2, 5, 8, minute)).toISOString().slice(0, 19),
    object: obstype === "SCI" ? "M 1" : "",
    ...more,
  }),
  tags: new Set(["CAM", obstype]),
  pipeline: obstype === "SCI" || obstype === "SKY" ? "image" : "rate",
});

export const rules: NightRules = {
  calibrations: [
    { name: "bias", reftype: "BIAS", of: "BIAS", pipeline: "create_bias", same: ["detector"], alike: [] },
    {
      name: "dark",
      reftype: "DARK",
      of: "DARK",
      pipeline: "create_dark",
      same: ["detector"],
      alike: ["exptime"],
    },
    {
      name: "flat",
      reftype: "FLAT",
      of: "FLAT",
      pipeline: "create_flat",
      same: ["detector", "filter"],
      alike: [],
    },
  ],
  members: [{ role: "background", of: "SKY", most: 2, same: ["detector", "filter"], alike: ["exptime"] }],
  joint: [
    { title: "mosaic", of: ["SCI"], tags: ["CAM"], same: ["filter", "pupil"], pipeline: "mosaic" },
    {
      title: "combined",
      of: ["SCI"],
      tags: ["SLIT"],
      same: ["detector", "filter", "exptime"],
      pixels: true,
      pipeline: "stack",
    },
  ],
};
