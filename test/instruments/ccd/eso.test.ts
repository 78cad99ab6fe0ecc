import test from "ava";
import type { Keywords } from "../../../src/data/exposure.js";
import { esoAmplifiers } from "../../../src/instruments/ccd/eso.js";
import { ccd } from "../../../src/instruments/ccd/index.js";
import { recognise } from "../../../src/instruments/index.js";

/** An output at (x, y) of n pixels with 32 before and after them. */
const output = (root: string, x: number, y: number, nx: number, ny: number, over: number): Keywords =>
  Object.fromEntries(
    Object.entries({
      ...{ X: x, Y: y, NX: nx, NY: ny, CONAD: 1.2, RON: 3, GAIN: 0.8 },
      ...{ PRSCX: 32, OVSCX: 32, PRSCY: over, OVSCY: over },
    }).map(([word, value]) => [`ESO DET ${root} ${word}`, value]),
  );

/** The keywords of a MUSE exposure: four outputs at the corners of a chip of 4096 × 4112 pixels. */
const corners: Keywords = {
  ...output("CHIP1 OUT1", 1, 1, 2048, 2056, 32),
  ...output("CHIP1 OUT2", 4096, 1, 2048, 2056, 32),
  ...output("CHIP1 OUT3", 4096, 4112, 2048, 2056, 32),
  ...output("CHIP1 OUT4", 1, 4112, 2048, 2056, 32),
};

test("four outputs at the corners: overscans meet in the middle of the frame", (t) => {
  const amplifiers = esoAmplifiers({ header: corners, nx: 4224, ny: 4240 })!;
  t.deepEqual(
    amplifiers.map(({ name, data, overscan, x0, y0 }) => [name, data.x0, data.y0, overscan!.x0, x0, y0]),
    [
      // 32 + 2048 + 32 | 32 + 2048 + 32
      ["1", 32, 32, 2080, 0, 0],
      ["2", 2144, 32, 2112, 2048, 0],
      ["3", 2144, 2152, 2112, 2048, 2056],
      ["4", 32, 2152, 2080, 0, 2056],
    ],
  );
  t.true(
    amplifiers.every(
      ({ data, overscan }) => data.nx === 2048 && overscan!.nx === 32 && overscan!.ny === 2056,
    ),
  );
  // CONAD is e⁻/DN; ESO's GAIN is its inverse
  t.true(amplifiers.every(({ gain, readNoise }) => gain === 1.2 && readNoise === 3));
});

test("one output at the first pixel: before, data, after; at the last pixel nobody says what was turned round", (t) => {
  const header = output("OUT1", 1, 1, 2048, 4096, 0);
  const [amplifier] = esoAmplifiers({ header, nx: 2112, ny: 4096 })!;
  t.deepEqual(amplifier!.data, { x0: 32, y0: 0, nx: 2048, ny: 4096 });
  t.deepEqual(amplifier!.overscan, { x0: 2080, y0: 0, nx: 32, ny: 4096 });
  t.is(esoAmplifiers({ header: output("OUT1", 2048, 1, 2048, 4096, 0), nx: 2112, ny: 4096 }), null);
});

test("outputs that don't fill the frame, as in spectra made of it, tell nothing", (t) => {
  t.is(esoAmplifiers({ header: corners, nx: 4096, ny: 72 }), null);
  t.not(recognise({ ...corners, NAXIS1: 4096, NAXIS2: 72 }), ccd);
  t.is(recognise({ ...corners, NAXIS1: 4224, NAXIS2: 4240 }), ccd);
});

test("type, binning, filter and mode in ESO's words", (t) => {
  const header: Keywords = {
    ...output("OUT1", 1, 1, 64, 30, 0),
    ...{ NAXIS1: 128, NAXIS2: 30, "ESO DPR TYPE": "LAMP,FLAT", "ESO DPR TECH": "ECHELLE", EXPTIME: 5 },
    ...{ "ESO DET WIN1 BINX": 2, "ESO DET WIN1 BINY": 1, "ESO DET READ CLOCK": "225kHz" },
    ...{ "ESO INS FILT1 NAME": "FREE", "ESO INS FILT2 NAME": "R_SPEC", "ESO INS GRAT2 NAME": "CD#3" },
  };
  const { obstype, mode, filter, readmode } = ccd.describe({
    path: "frame.fits",
    header,
    hdus: [{ name: "", axes: [128, 30], bitpix: 16 }],
    science: 0,
  });
  t.deepEqual([obstype, mode, filter, readmode], ["FLAT", "SPEC", "R_SPEC CD#3", "225KHZ 2X1"]);
});
