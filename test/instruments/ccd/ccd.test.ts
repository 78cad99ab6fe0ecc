import test from "ava";
import type { Keywords } from "../../../src/data/exposure.js";
import { recognise, type RawFacts } from "../../../src/instruments/index.js";
import { ccd } from "../../../src/instruments/ccd/index.js";

const facts = (header: Keywords, axes: number[] = [100, 50], bitpix = 16): RawFacts => ({
  path: "frame.fits",
  header,
  hdus: [{ name: "", axes, bitpix }],
  science: 0,
});

const describe = (header: Keywords, axes?: number[]) => ccd.describe(facts(header, axes));

test("known by a section, or by a type of frame beside what only CCDs have; ramps are others'", (t) => {
  t.is(recognise({ BIASSEC: "[1:4,1:50]" }), ccd);
  t.is(recognise({ INSTRUME: "Orion", IMAGETYP: "Light Frame", XBINNING: 1 }), ccd);
  t.not(recognise({ OBSTYPE: "DARK" }), ccd);
  t.not(recognise({ CCDSEC: "[1:4,1:50]", NGROUPS: 5 }), ccd);
});

test("types of frames in the words of several observatories", (t) => {
  for (const [words, obstype] of [
    ["Bias Frame", "BIAS"],
    ["zero", "BIAS"],
    ["Dark Frame", "DARK"],
    ["dome flat", "FLAT"],
    ["SKY FLAT", "FLAT"],
    ["comp", "ARC"],
    ["Light Frame", "SCI"],
    ["object", "SCI"],
  ] as const)
    t.is(describe({ IMAGETYP: words, EXPTIME: 5 }).obstype, obstype, words);
});

test("a dark of no time is a bias; an object called Dome Flat is a flat, and that is said", (t) => {
  t.is(describe({ OBSTYPE: "DARK", EXPTIME: 0 }).obstype, "BIAS");
  const flat = describe({ OBSTYPE: "OBJECT", OBJECT: "Dome Flat" });
  t.is(flat.obstype, "FLAT");
  t.true(flat.assumed.includes('OBJECT is "Dome Flat": taken as flat'));
  t.is(describe({ OBSTYPE: "OBJECT", OBJECT: "Flatiron nebula" }).obstype, "SCI");
});

test("one amplifier: TRIMSEC has light, BIASSEC none", (t) => {
  const { amplifiers, subarray } = describe({
    TRIMSEC: "[ 11: 90, 1: 50]",
    BIASSEC: "[ 2: 9, 1: 50]",
    GAIN: 1.9,
    RDNOISE: 5,
  });
  t.deepEqual(amplifiers, [
    {
      name: "1",
      gain: 1.9,
      readNoise: 5,
      data: { x0: 10, y0: 0, nx: 80, ny: 50 },
      overscan: { x0: 1, y0: 0, nx: 8, ny: 50 },
      x0: 0,
      y0: 0,
    },
  ]);
  t.deepEqual([subarray.nx, subarray.ny], [80, 50]);
});

test("without TRIMSEC the light is on the larger side of the overscan", (t) => {
  t.deepEqual(describe({ BIASSEC: "[91:100,1:50]" }).amplifiers![0]!.data, { x0: 0, y0: 0, nx: 90, ny: 50 });
  t.deepEqual(describe({ BIASSEC: "[1:100,1:6]" }).amplifiers![0]!.data, { x0: 0, y0: 6, nx: 100, ny: 44 });
});

test("quadformat: amplifiers are put together by their place on the chip, gaps closed", (t) => {
  const { amplifiers } = describe(
    {
      AMPLIST: "11 12",
      DSEC11: "[1:40,1:50]",
      TSEC11: "[5:40,1:50]",
      BSEC11: "[41:50,1:50]",
      CSEC11: "[101:140,1:50]",
      GTGAIN11: 3.2,
      DSEC12: "[61:100,1:50]",
      TSEC12: "[61:96,1:50]",
      BSEC12: "[51:60,1:50]",
      CSEC12: "[141:180,1:50]",
      GTRON12: 4.2,
    },
    [100, 50],
  );
  t.deepEqual(
    amplifiers!.map(({ name, x0, data, gain, readNoise }) => [name, x0, data.x0, data.nx, gain, readNoise]),
    [
      ["11", 0, 4, 36, 3.2, null],
      // CSEC12 begins 36 pixels after the first pixel of TSEC11
      ["12", 36, 60, 36, null, 4.2],
    ],
  );
});

test("Kast: overscans of both amplifiers after the data, their outer columns left out, gain from its table", (t) => {
  const { amplifiers, detector, gain, mode, subarray, assumed } = describe(
    {
      VERSION: "kastb",
      AMPSROW: 2,
      AMPSCOL: 1,
      COVER: 32,
      DATASEC: "[1:2048,1:350]",
      GAIN: 1,
      GRISM_N: "600/4310",
      CRVAL2U: 1260,
      DNAXIS2: 2110,
    },
    [2112, 350],
  );
  t.deepEqual([detector, gain, mode], ["KASTB", 1.2, "SPEC"]);
  t.deepEqual(
    amplifiers!.map(({ data, overscan }) => [data.x0, data.nx, overscan!.x0, overscan!.nx]),
    [
      [0, 1024, 2049, 31],
      [1024, 1024, 2080, 31],
    ],
  );
  t.deepEqual([subarray.name, subarray.x, subarray.y, subarray.nx], ["WINDOW", 1, 1261, 2048]);
  t.true(assumed.some((sentence) => sentence.startsWith("GAIN is the number of a setting")));
});

test("a trimmed product has no overscan, whatever sections its header still names", (t) => {
  const header = { S_TRIM: "COMPLETE", BIASSEC: "[91:100,1:50]", TRIMSEC: "[1:90,1:50]" };
  const { amplifiers } = describe(header);
  t.deepEqual([amplifiers![0]!.overscan, amplifiers![0]!.data.nx], [null, 100]);
});

test("a section beyond the frame isn't used, and that is said", (t) => {
  const { amplifiers, assumed } = describe({ BIASSEC: "[91:120,1:50]" });
  t.is(amplifiers![0]!.overscan, null);
  t.true(assumed.includes("BIASSEC [91:120,1:50] isn't in the frame of 100 × 50 pixels: not used"));
});

test("saturation: what the header says, else the largest number of the converter", (t) => {
  t.is(describe({ SATURATE: 50000, BZERO: 32768 }).saturation, 50000);
  t.is(describe({ BITDEPTH: 12 }).saturation, 4095);
  t.is(describe({ BZERO: 32768 }).saturation, 65535);
  t.is(describe({}).saturation, undefined);
});

test("binning and speed tell frames apart; a window of the chip is told from the whole", (t) => {
  t.is(describe({ CCDSUM: "2 2", READMODE: "slow" }).readmode, "SLOW 2X2");
  const { subarray } = describe({ CCDSEC: "[201:400,101:200]", CCDSUM: "2 2" });
  t.deepEqual([subarray.name, subarray.x, subarray.y], ["WINDOW", 101, 51]);
});

test("marks of IRAF's and astropy's ccdproc say what was done", (t) => {
  const done = (header: Keywords, names: string[] = []) =>
    ccd.done!(header, { ...facts(header), hdus: names.map((name) => ({ name, axes: [2, 2], bitpix: -32 })) });
  t.deepEqual(done({ ZEROCOR: "Apr 27 13:28 Zero level correction image is Zero", FLATCOR: "PERFORM" }), {
    S_BIAS: "COMPLETE",
  });
  t.deepEqual(done({ SUBOSCAN: "ccd=<CCDData>", TRIMIM: "ccd=<CCDData>" }), {
    S_OVERSC: "COMPLETE",
    S_TRIM: "COMPLETE",
  });
  t.deepEqual(done({}, ["", "MASK", "UNCERT"]), { S_CCDINI: "COMPLETE", S_PHOTON: "COMPLETE" });
});

test("calibrations are made of their frames, the rest is reduced", (t) => {
  const pipelineOf = (type: string): string | undefined => {
    const exposure = describe({ IMAGETYP: type, EXPTIME: 9 });
    const tags = ccd.tags(exposure, "image", {});
    return ccd.pipelines.find((row) => row.tags.every((tag) => tags.has(tag)))?.pipeline;
  };
  t.deepEqual(["bias", "dark", "flat", "comp", "object"].map(pipelineOf), [
    "create_bias",
    "ccd_dark",
    "ccd_flat",
    "ccd",
    "ccd",
  ]);
});
