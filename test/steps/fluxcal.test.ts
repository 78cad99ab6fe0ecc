import test from "ava";
import { StepError } from "../../src/errors.js";
import { fluxcal } from "../../src/steps/fluxcal.js";
import { runStep } from "../acceptance/imager/steps.js";
import { close, image } from "../helpers/images.js";

const header = { ZEROPT: 23.9, SCALE: 0.004 };

test("at a zero point of 23.9 a count per second is a µJy; errors alike", (t) => {
  const { image: out } = runStep(fluxcal, image([2, -1], { err: [0.5, 1] }), {
    header,
    params: { unit: "uJy" },
  });
  t.true(close(out.sci, [2, -1]) && close(out.err, [0.5, 1]));
  t.is(out.unit, "uJy");
  // 5 magnitudes: a factor of 100
  const bright = runStep(fluxcal, image([2]), { header, params: { unit: "uJy", zeropoint: 18.9 } });
  t.true(close(bright.image.sci, [200]));
});

test("surface brightness: µJy·1e-12 over the pixel's solid angle", (t) => {
  const { image: out, keywords } = runStep(fluxcal, image([1]), { header });
  const area = (0.004 / 206264.80624709636) ** 2;
  t.true(Math.abs(out.sci[0]! / (1e-12 / area) - 1) < 1e-6);
  t.true(Math.abs(Number(keywords["PIXAR_A2"]) - 1.6e-5) < 1e-17);
  t.true(Math.abs(Number(keywords["PHOTUJA2"]) - 1 / 1.6e-5) < 1e-6);
});

test("extinction: 0.1 mag per airmass at airmass 2 makes a star 0.2 mag brighter outside", (t) => {
  const { image: out } = runStep(fluxcal, image([1]), {
    header: { ...header, AIRMASS: 2 },
    params: { unit: "uJy", extinction: 0.1 },
  });
  t.true(close(out.sci, [10 ** 0.08]));
  t.throws(() => runStep(fluxcal, image([1]), { header, params: { extinction: 0.1 } }), {
    instanceOf: StepError,
    message: /extinction needs AIRMASS/,
  });
});

test("without a zero point, or done already: skipped; without a pixel scale: an error", (t) => {
  t.is(runStep(fluxcal, image([1])).status, "SKIPPED");
  t.is(runStep(fluxcal, image([1]), { header: { ...header, BUNIT: "MJy/sr" } }).status, "SKIPPED");
  t.throws(() => runStep(fluxcal, image([1]), { header: { ZEROPT: 25 } }), { instanceOf: StepError });
});
