import test from "ava";
import { blendKeywords, differing } from "../../src/data/blend.js";

test("times: earliest start, mean middle, latest end; the number of inputs", (t) => {
  const headers = [0, 1, 2].map((day) => ({
    EXPJDST: 2460577.5 + day,
    EXPJDMID: 2460577.6 + day,
    EXPJDEND: 2460577.7 + day,
    FILTER: "J",
    AIRMASS: 1.2,
  }));
  t.deepEqual(blendKeywords(headers), { NCOMBINE: 3, EXPJDMID: 2460578.6, EXPJDEND: 2460579.7 });
});

test("what differs is MULTIPLE, what is alike or absent isn't written", (t) => {
  const headers = [{ FILTER: "J", DETECTOR: "IMG1" }, { FILTER: "H", DETECTOR: "IMG1" }, {}];
  t.deepEqual(blendKeywords(headers), { NCOMBINE: 3, FILTER: "MULTIPLE" });
});

test("dates as text are ordered as text", (t) => {
  const headers = [{ "DATE-BEG": "2026-01-02T00:00:00" }, { "DATE-BEG": "2026-01-01T23:00:00" }];
  t.is(blendKeywords(headers)["DATE-BEG"], "2026-01-01T23:00:00");
});

test("times as digits: the mean of 23:59:58 and 00:00:04 is 00:00:01; what isn't a time stays", (t) => {
  const headers = [
    { EXPDTMID: "20260305235958", EXPDTEND: "20260305235959" },
    { EXPDTMID: "20260306000004", EXPDTEND: "20260306000009" },
  ];
  t.deepEqual(blendKeywords(headers), {
    NCOMBINE: 2,
    EXPDTMID: "20260306000001",
    EXPDTEND: "20260306000009",
  });
  t.deepEqual(blendKeywords([{ EXPDTMID: "noon" }, { EXPDTMID: "20260306000004" }]), { NCOMBINE: 2 });
});

test("references that aren't common to all are MULTIPLE", (t) => {
  const headers = [
    { R_DARK: "a", R_FLAT: "f" },
    { R_DARK: "b", R_FLAT: "f" },
  ];
  t.deepEqual(blendKeywords(headers), { NCOMBINE: 2, R_DARK: "MULTIPLE" });
  t.deepEqual(differing(headers), ["R_DARK"]);
});
