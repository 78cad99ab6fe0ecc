import test from "ava";
import { blendKeywords } from "../../src/data/blend.js";

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
