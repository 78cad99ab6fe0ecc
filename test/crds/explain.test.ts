import test from "ava";
import { explain, formatExplanation, type Explanation } from "../../src/crds/index.js";
import { cacheOf } from "./helpers.js";

const rules = `Match({
  ('IMG1', 'K', 'CLEAR') : UseAfter({ '2015-06-01 00:00:00' : 'k.fits' }),
  ('IMG1', 'Y', 'CLEAR') : UseAfter({ '2015-06-01 00:00:00' : 'y.fits' }),
  ('IMG2', 'H', 'N/A') : UseAfter({ '2015-06-01 00:00:00' : 'h.fits' }),
})`;
const cache = cacheOf(rules, "'parkey' : (('DETECTOR', 'FILTER', 'PUPIL'), ('DATE-OBS', 'TIME-OBS')),");
const header = {
  INSTRUME: "CAM",
  DETECTOR: "IMG1",
  FILTER: "K",
  PUPIL: "clear",
  "DATE-OBS": "2016-06-01",
  "TIME-OBS": "00:00:00",
};
const why = (more: object, type = "flat"): Explanation =>
  explain(cache, "tobs_0001.pmap", { ...header, ...more }, type);

test("a choice names its rule, every key and the date", (t) => {
  const e = why({});
  t.like(e.result, { kind: "file", name: "k.fits" });
  t.deepEqual(e.via, ["tobs_0001.pmap", "tobs_cam_0001.imap", "tobs_cam_flat_0001.rmap"]);
  const [match, date] = e.levels;
  t.like(match, { kind: "Match", rule: "chosen" });
  if (match?.kind !== "Match" || date?.kind !== "UseAfter") return t.fail("levels");
  t.deepEqual(
    match.keys.map(({ key, file, value, rule, weight }) => [key, file, value, rule, weight]),
    [
      ["DETECTOR", "IMG1", "IMG1", "IMG1", 1],
      ["FILTER", "K", "K", "K", 1],
      ["PUPIL", "clear", "CLEAR", "CLEAR", 1],
    ],
  );
  t.is(match.candidates[1]!.why, "FILTER is K, not Y");
  // 2015-06-01 to 2016-06-01 has the leap day of 2016
  t.like(date, { chosen: "2015-06-01 00:00:00", days: 366 });
});

test("without a match the nearest rule is shown, and what the mapping knows", (t) => {
  const e = why({ FILTER: "J" });
  t.like(e.result, { kind: "notFound", class: "invalidValue" });
  t.is(
    formatExplanation(e, 100),
    `flat   no match in tobs_cam_flat_0001.rmap: a value that its rules don't know
  (via tobs_0001.pmap → tobs_cam_0001.imap)
  key       file   nearest rule
  DETECTOR  IMG1   IMG1          ✓
  FILTER    J      K             ✗   this mapping knows only: H, K, Y
  PUPIL     clear  CLEAR         ✓
  not line 16: FILTER is J, not Y
  not line 19: DETECTOR is IMG1, not IMG2; FILTER is J, not H
hint   use one by hand with --ref flat=FILE, or go on without: --allow-missing flat`,
  );
});

test("a date before every entry is told with its distance", (t) => {
  const e = why({ "DATE-OBS": "2015-05-01" });
  t.like(e.result, { kind: "notFound", class: "noMatch" });
  // 1 May to 1 June
  t.regex(formatExplanation(e, 200), /✗ {2}the earliest entry is 2015-06-01 00:00:00, 31 days later/);
});

test("N/A, omitted and unknown types are explained too", (t) => {
  t.deepEqual(why({}, "dark").result, { kind: "n/a", why: "tobs_cam_0001.imap says N/A" });
  t.is(why({}, "mask").result.kind, "omitted");
  t.regex(formatExplanation(why({}, "falt"), 100), /Unknown reference type 'falt'.*knows dark, flat, mask/);
});

test("no line is wider than the terminal", (t) => {
  for (const width of [40, 60, 80]) {
    for (const e of [why({}), why({ FILTER: "J".repeat(60) }), why({ "DATE-OBS": "2015-05-01" })]) {
      const widest = Math.max(
        ...formatExplanation(e, width)
          .split("\n")
          .map((line) => line.length),
      );
      t.true(widest <= width, `${widest} > ${width}`);
    }
  }
});
