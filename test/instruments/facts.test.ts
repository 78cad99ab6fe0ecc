import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { openFits } from "../../src/fits/index.js";
import { instrumentNamed, readFacts, recognise } from "../../src/instruments/index.js";
import { packageRoot } from "../../src/package.js";

const sample = join(packageRoot, "../shared/data/fits/3-nir/tmt-iris/sample_ramp.fits");

test("the instrument's own sample ramp is recognised and described, with what was assumed", (t) => {
  if (!existsSync(sample)) {
    t.log("left out: ../shared/data/fits/3-nir/tmt-iris/sample_ramp.fits isn't here");
    t.pass();
    return;
  }
  const file = openFits(sample);
  const facts = readFacts(file);
  file.close();
  t.is(facts.science, 1);
  t.like(facts.hdus[1], { name: "SCI", axes: [10, 10, 4, 1], bitpix: -32, version: 1 });
  const iris = recognise(facts.header)!;
  t.is(iris.name, "IRIS");
  t.is(iris.kind(facts), "ramp");
  const exposure = iris.describe(facts);
  t.is(exposure.detector, "IRIS1");
  t.is(exposure.dateObs, "2015-10-11T00:00:00");
  t.deepEqual(exposure.readout?.times, [1, 2, 3, 4]);
  t.true(exposure.assumed.includes("no TFRAME or TGROUP: read index taken as time, in seconds"));
});

test("the raw fixture says everything itself: nothing is assumed", (t) => {
  const file = openFits(join(packageRoot, "fixtures/iris_utr.fits"));
  const facts = readFacts(file);
  file.close();
  const iris = recognise(facts.header)!;
  const exposure = iris.describe(facts);
  t.deepEqual(exposure.assumed, []);
  t.like(exposure, {
    detector: "IMG1",
    filter: "Kbb",
    pupil: "CLEAR",
    obstype: "SCI",
    exptime: 44,
    gain: 3.04,
  });
  t.deepEqual(exposure.subarray, { name: "CUSTOM", x: 1025, y: 1025, nx: 256, ny: 256 });
  t.is(exposure.readout?.times.at(-1), 44);
  t.deepEqual([...iris.tags(exposure, iris.kind(facts), facts.header)].sort(), [
    "IMAGER",
    "IRIS",
    "RAMP",
    "SCI",
    "SUBARRAY",
  ]);
});

test("instruments are found by name in any case, and headers of unknown ones by none", (t) => {
  t.is(instrumentNamed("iris")?.name, "IRIS");
  t.is(instrumentNamed("NACO"), undefined);
  t.is(recognise({ INSTRUME: "NACO", TELESCOP: "VLT" }), undefined);
  t.is(recognise({ INSTRUME: "WFC3", DETECTOR: "UVIS" }), undefined);
});

test("every instrument knows its own headers, and a header that names none is described by common keywords", (t) => {
  const named: [Record<string, string>, string][] = [
    [{ INSTRUME: "IRIS", TELESCOP: "TMT" }, "IRIS"],
    [{ DET_ID: "SLC", TELESCOP: "TMT" }, "IRIS"],
    [{ INSTRUME: "Liger" }, "Liger"],
    [{ INSTRUME: "NIRCAM", TELESCOP: "JWST" }, "JWST"],
    [{ INSTRUME: "WFC3", DETECTOR: "IR" }, "WFC3"],
    [{}, "GENERIC"],
  ];
  for (const [header, name] of named) t.is(recognise(header)?.name, name);
});
