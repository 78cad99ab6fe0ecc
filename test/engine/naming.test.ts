import test from "ava";
import { calibrationName, productName, quicklookPath, stemOf } from "../../src/engine/naming.js";

const name = (stem: string, suffix: string, level: number | null = null) =>
  productName(stem, { suffix, level, steps: ["flat_field", "dark_sub"] });

test("a known stage is replaced and its separator kept", (t) => {
  t.is(name("obs_rate", "cal"), "obs_cal");
  t.is(name("my-obs-rate", "cal"), "my-obs-cal");
  t.is(name("sci_uncal", "rate"), "sci_rate");
});

test("a step's own ending counts as a stage: x_dark_sub + flat_field = x_flat_field", (t) => {
  t.is(name("x_dark_sub", "flat_field"), "x_flat_field");
});

test("an unknown ending stays", (t) => {
  t.is(name("sci", "cal"), "sci_cal");
  t.is(name("sci_0001", "cal"), "sci_0001_cal");
});

test("a stem that is nothing but a stage isn't emptied", (t) => {
  t.is(name("rate", "cal"), "rate_cal");
});

test("a name that carries its level gets the new level", (t) => {
  t.is(
    name("2024B-P123-008_IRIS_IMG1_SCI_LVL0_0001-00", "cal", 2),
    "2024B-P123-008_IRIS_IMG1_SCI_LVL2_0001-00",
  );
});

test("stems lose folder, compression and FITS ending", (t) => {
  t.is(stemOf("a/b_rate.fits.gz"), "b_rate");
  t.is(stemOf("b.fits.fz"), "b");
  t.is(stemOf("/x/y.FIT"), "y");
});

test("a calibration is named for instrument, detector, type and start of the first exposure", (t) => {
  t.is(
    calibrationName("IRIS", "IMG1", "dark", "2024-01-02T03:04:05.678"),
    "IRIS_IMG1_DARK_20240102T030405_0.0.1",
  );
});

test("the picture stands beside the product", (t) => {
  t.is(quicklookPath("/r/x_cal.fits"), "/r/x_cal.png");
});
