import test from "ava";
import { readoutOf } from "../../../src/instruments/common/readout.js";
import { instrumentNamed, type RawFacts } from "../../../src/instruments/index.js";

test("TGROUP counts above 0 only: (NFRAMES + GROUPGAP)·TFRAME is taken otherwise", (t) => {
  t.is(readoutOf({ TFRAME: 2, TGROUP: 0 }, 3).readout.tgroup, 2);
  t.is(readoutOf({ TFRAME: 2, TGROUP: 0, NFRAMES: 4, GROUPGAP: 1 }, 3).readout.tgroup, 10);
  const { readout, assumed } = readoutOf({ TFRAME: -2, TGROUP: -2 }, 3);
  t.deepEqual([readout.tgroup, readout.times], [1, [1, 2, 3]]);
  t.is(assumed.length, 1);
});

test("NFRAMES: coadds of Liger, with NREADS or without; reads per group of the others, unless they have NREADS", (t) => {
  const facts = (header: RawFacts["header"]): RawFacts => ({
    path: "a.fits",
    header: { TFRAME: 1, NFRAMES: 3, ...header },
    hdus: [{ name: "SCI", axes: [4, 4, 5, 1], bitpix: 16 }],
    science: 0,
  });
  const nframes = (name: string, header: RawFacts["header"] = {}) =>
    instrumentNamed(name)!.describe(facts({ INSTRUME: name, ...header })).readout!.nframes;
  t.is(nframes("Liger"), 1);
  t.is(nframes("Liger", { NREADS: 5 }), 1);
  t.is(nframes("IRIS"), 3);
  t.is(nframes("IRIS", { NREADS: 5 }), 1);
});
