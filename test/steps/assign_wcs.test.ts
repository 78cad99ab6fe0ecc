import test from "ava";
import { assignWcs } from "../../src/steps/assign_wcs.js";
import { runStep } from "../acceptance/imager/steps.js";
import { image, planes } from "../helpers/images.js";

const header = {
  CTYPE1: "RA---TAN",
  CTYPE2: "DEC--TAN",
  CRPIX1: 2,
  CRPIX2: 1,
  CRVAL1: 100,
  CRVAL2: 0,
  CDELT1: -0.001,
  CDELT2: 0.001,
  OBJECT: "M13",
};
const input = () => image([1, 2, 3, 4, 5, 6], { nx: 3, header });

test("coordinate keywords are carried, the region covered is written, other keywords aren't touched", (t) => {
  const { keywords, image: out } = runStep(assignWcs, input(), { header });
  t.is(keywords["CRPIX1"], 2);
  t.is(keywords["CUNIT1"], "deg");
  t.is(keywords["OBJECT"], undefined);
  // 3 × 2 pixels of 3.6″ with the middle of the lower row at (100°, 0°): corners 1.5 pixels aside, −0.5 and 1.5 up
  t.is(
    keywords["S_REGION"],
    "POLYGON ICRS 100.001500000 -0.000500000 99.998500000 -0.000500000 99.998500000 0.001500000 100.001500000 0.001500000",
  );
  t.deepEqual([...out.sci], [1, 2, 3, 4, 5, 6]);
});

test("liger_crpix: the reference pixel counts from 0 in the input, from 1 in the product", (t) => {
  const { keywords } = runStep(assignWcs, input(), { header, params: { liger_crpix: true } });
  t.deepEqual([keywords["CRPIX1"], keywords["CRPIX2"]], [3, 2]);
});

test("without coordinates, or with ones unknown here, the step is skipped", (t) => {
  t.is(runStep(assignWcs, input(), { header: {} }).status, "SKIPPED");
  t.is(runStep(assignWcs, input(), { header: { ...header, CTYPE1: "RA---ZPN" } }).status, "SKIPPED");
});

test("S_DISTOR says that a distortion was attached", (t) => {
  const sip = { ...header, A_ORDER: 2, B_ORDER: 2, A_2_0: 1e-5 };
  const reference = planes([0], { header: sip });
  const attached = runStep(assignWcs, input(), { header, refs: { distortion: reference } }).keywords;
  t.deepEqual([attached["S_DISTOR"], attached["A_2_0"]], ["COMPLETE", 1e-5]);
  const plain = runStep(assignWcs, input(), { header, refs: { distortion: planes([0]) } }).keywords;
  t.is(plain["S_DISTOR"], undefined);
});
