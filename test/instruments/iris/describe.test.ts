import test from "ava";
import type { Keywords } from "../../../src/data/exposure.js";
import { InputError } from "../../../src/errors.js";
import type { RawFacts } from "../../../src/instruments/define.js";
import { iris } from "../../../src/instruments/iris/index.js";

const facts = (header: Keywords, axes: number[], extra: string[] = []): RawFacts => ({
  path: "x.fits",
  header,
  hdus: [
    { name: "", axes: [], bitpix: 8 },
    { name: "SCI", axes, bitpix: 16 },
    ...extra.map((name) => ({ name, axes: [], bitpix: 8 })),
  ],
  science: 1,
});

const current: Keywords = {
  INSTRUME: "IRIS",
  DETECTOR: "IMG1",
  INSTMODE: "IMG",
  FILTER: "Kbb",
  PUPIL: "CLEAR",
  IMTYPE: "SCI",
  EXPTIME: 30,
  EXPDTST: "20260305081230",
  SUBARRAY: "CUSTOM",
  SUBSTRT1: 101,
  SUBSTRT2: 201,
  SUBSIZE1: 64,
  SUBSIZE2: 32,
  SEMID: "2026A",
  PROGNUM: "P012",
  OBSNUM: "007",
};

test("a current header leaves nothing to assume on an image", (t) => {
  const exposure = iris.describe(facts(current, [64, 32]));
  t.deepEqual(exposure.assumed, []);
  t.is(exposure.dateObs, "2026-03-05T08:12:30");
  t.is(exposure.obsid, "2026A-P012-007");
  t.deepEqual(exposure.subarray, { name: "CUSTOM", x: 101, y: 201, nx: 64, ny: 32 });
  t.is(exposure.readout, null);
});

test("a header without timing gets unit spacing and says so", (t) => {
  const { readout, assumed } = iris.describe(facts(current, [64, 32, 4]));
  t.deepEqual(readout?.times, [1, 2, 3, 4]);
  t.deepEqual(assumed, ["no TFRAME or TGROUP: read index taken as time, in seconds"]);
});

test("group time = mean time of its reads: nframes 4, groupgap 1, tframe 2 → 5, 15 s", (t) => {
  // reads 1…4 at 2, 4, 6, 8 s: mean 5; reads 6…9 at 12 … 18 s: mean 15
  const { readout } = iris.describe(facts({ ...current, TFRAME: 2, NFRAMES: 4, GROUPGAP: 1 }, [64, 32, 2]));
  t.deepEqual(readout?.times, [5, 15]);
  t.is(readout?.tgroup, 10);
});

test("NFRAMES means coadds where NREADS stands beside it", (t) => {
  const { readout } = iris.describe(facts({ ...current, TFRAME: 2, NFRAMES: 4, NREADS: 3 }, [64, 32, 3]));
  t.is(readout?.nframes, 1);
  t.deepEqual(readout?.times, [2, 4, 6]);
});

test("READTIME is the seconds of a read when small and a time stamp when large", (t) => {
  const seconds = iris.describe(facts({ ...current, READTIME: 0.72 }, [64, 32, 2]));
  t.is(seconds.readout?.tframe, 0.72);
  const stamp = iris.describe(facts({ ...current, READTIME: 5.26e15, FRM_TIME: 720000 }, [64, 32, 2]));
  t.is(stamp.readout?.tframe, 0.72);
});

test("RST_TIME in µs of MJD dates a raw frame: MJD 60000 = 2023-02-25", (t) => {
  const raw = { DET_ID: "IMG2", TELESCOP: "TMT", RST_TIME: 60000 * 86400e6, SARRMODE: "FULL_FRAME" };
  t.true(iris.recognise(raw));
  const exposure = iris.describe(facts(raw, [4096, 4096, 2]));
  t.is(exposure.dateObs, "2023-02-25T00:00:00.000");
  t.is(exposure.detector, "IMG2");
  t.is(exposure.subarray.name, "FULL");
});

test("the 2015 sample's header: what is missing is said in sentences", (t) => {
  const sample = {
    INSTRUME: "IRIS",
    TELESCOP: "TMT",
    DETECTOR: "IRIS1",
    DATAMODL: "TMTRampModel",
    "DATE-OBS": "2015-10-11",
    "TIME-OBS": "00:00:00",
  };
  const exposure = iris.describe(facts(sample, [10, 10, 4, 1]));
  t.is(exposure.obstype, "SCI");
  t.is(exposure.dateObs, "2015-10-11T00:00:00");
  t.deepEqual(exposure.assumed, [
    "no TFRAME or TGROUP: read index taken as time, in seconds",
    "no EXPTIME: time of the last read taken, 4 s",
    "no FILTER: filter unknown",
    "no IMTYPE or EXP_TYPE: taken as science",
    "no SUBARRAY: 10 × 10 taken as CUSTOM at (1, 1)",
  ]);
});

test("EXP_TYPE of the old schema: IRIS_DARK is DARK, IRIS_IMAGE is SCI", (t) => {
  const of = (type: string) => iris.describe(facts({ EXP_TYPE: type }, [4, 4])).obstype;
  t.deepEqual(["IRIS_DARK", "IRIS_IMAGE", "IRIS_SKYFLAT"].map(of), ["DARK", "SCI", "FLAT"]);
});

test("a header that lies about the size is mentioned and the array wins", (t) => {
  const exposure = iris.describe(facts(current, [60, 30]));
  t.is(exposure.subarray.nx, 60);
  t.deepEqual(exposure.assumed, ["SUBSIZE says 64 × 32: the array's 60 × 30 taken"]);
});

test("darks of equal detector, time and window make a group, whatever their filter", (t) => {
  const dark = (filter: string, time: number) =>
    iris.describe(facts({ ...current, IMTYPE: "DARK", FILTER: filter, EXPTIME: time }, [64, 32])).groupid;
  t.is(dark("Kbb", 30), dark("OPAQUE", 30));
  t.not(dark("Kbb", 30), dark("Kbb", 60));
});

test("axes decide the kind: 4 and 3 ramp, 2 image, 2 with a complete ramp fit rate", (t) => {
  t.is(iris.kind(facts(current, [8, 8, 4, 2])), "ramp");
  t.is(iris.kind(facts(current, [8, 8, 4])), "ramp");
  t.is(iris.kind(facts(current, [8, 8])), "image");
  t.is(iris.kind(facts({ ...current, S_RAMPFI: "COMPLETE" }, [8, 8])), "rate");
  t.is(iris.kind(facts({ ...current, S_RAMPFI: "COMPLETE", S_FLAT: "COMPLETE" }, [8, 8])), "image");
});

test("what can't be reduced is refused with the axes found", (t) => {
  const refused = [
    facts(current, [8]),
    facts(current, [8, 8, 4], ["WAVELENGTH"]),
    facts(current, [8, 8, 4], ["TIMES"]),
    { ...facts(current, []), science: -1 },
  ];
  for (const bad of refused) t.throws(() => iris.kind(bad), { instanceOf: InputError });
  t.regex(t.throws(() => iris.kind(refused[1]!)).message, /SCI is 8 × 8 × 4 \(NAXIS = 3\), a spectral cube/);
});

test("the first row of the table whose tags are all there names the pipeline", (t) => {
  const pipelineOf = (type: string, axes: number[]): string | undefined => {
    const exposure = iris.describe(facts({ ...current, IMTYPE: type }, axes));
    const tags = iris.tags(exposure, iris.kind(facts(current, axes)), current);
    return iris.pipelines.find((row) => row.tags.every((tag) => tags.has(tag)))?.pipeline;
  };
  t.is(pipelineOf("SCI", [8, 8, 4]), "imager");
  t.is(pipelineOf("DARK", [8, 8, 4]), "stage1");
  t.is(pipelineOf("FLAT", [8, 8, 4]), "stage1");
  t.is(pipelineOf("SCI", [8, 8]), "image2");
  t.is(pipelineOf("DARK", [8, 8]), "create_dark");
  t.is(pipelineOf("FLAT", [8, 8]), "create_flatfield");
});

test("references and truths are no exposures: no pipeline is theirs", (t) => {
  const pipelineOf = (header: Keywords): string | undefined => {
    const exposure = iris.describe(facts({ ...current, ...header }, [8, 8]));
    const tags = iris.tags(exposure, "image", {});
    return iris.pipelines.find((row) => row.tags.every((tag) => tags.has(tag)))?.pipeline;
  };
  t.is(pipelineOf({ IMTYPE: "FLAT", REFTYPE: "flat" }), undefined);
  t.is(pipelineOf({ IMTYPE: "TRUTH" }), undefined);
});

test("calibration rules see data-model paths: date and time apart, the window's name, the optics", (t) => {
  const exposure = iris.describe(facts(current, [64, 32]));
  const header = iris.crdsHeader(exposure, current);
  t.like(header, {
    "META.INSTRUMENT.NAME": "IRIS",
    "META.INSTRUMENT.DETECTOR": "IMG1",
    "META.INSTRUMENT.FILTER": "Kbb",
    "META.INSTRUMENT.PUPIL": "CLEAR",
    "META.SUBARRAY.NAME": "CUSTOM",
    "META.OBSERVATION.DATE": "2026-03-05",
    "META.OBSERVATION.TIME": "08:12:30",
  });
});
