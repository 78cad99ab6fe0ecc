import test from "ava";
import { formatDays, julianDate, rank } from "../../../src/engine/night/match.js";
import { exposure } from "./helpers.js";

const rule = { same: ["detector"], alike: ["exptime", "readmode"] } as const;
const at = (more: Parameters<typeof exposure>[0]) => {
  const made = exposure(more);
  return { exposure: made, jd: julianDate(made) };
};
const wanted = at({ dateObs: "2026-03-05T08:00:00", exptime: 30 });

test("the Julian date of an exposure; NaN where it has none", (t) => {
  // J2000.0 is JD 2451545.0, 2000-01-01T12:00.
  t.is(julianDate(exposure({ dateObs: "2000-01-01T12:00:00" })), 2_451_545);
  t.is(julianDate(exposure({ dateObs: "" })), NaN);
});

test("level 0 same settings and night, 1 another night, 2 other settings, 3 both", (t) => {
  const levels = [
    at({ dateObs: "2026-03-05T09:00:00", exptime: 30 }),
    at({ dateObs: "2026-03-08T09:00:00", exptime: 30 }),
    at({ dateObs: "2026-03-05T08:01:00", exptime: 60 }),
    at({ dateObs: "2026-03-08T09:00:00", exptime: 60 }),
  ];
  const ranked = rank(wanted, [...levels].reverse(), rule);
  t.deepEqual(
    ranked.map(({ found, level }) => [levels.indexOf(found), level]),
    [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ],
  );
  t.is(ranked[0]!.why, "level 0, same settings, 60 min apart");
  t.is(ranked[2]!.why, "level 2, another exposure time (60 s for 30 s), 60 s apart");
});

test("of one level the nearest in time serves, before or after", (t) => {
  const before = at({ dateObs: "2026-03-05T07:50:00", exptime: 30 });
  const after = at({ dateObs: "2026-03-05T08:05:00", exptime: 30 });
  t.is(rank(wanted, [before, after], rule)[0]!.found, after);
});

test("another detector never serves, nor a window that doesn't hold the exposure's", (t) => {
  t.deepEqual(rank(wanted, [at({ detector: "B" })], rule), []);
  const small = { name: "CUSTOM", x: 3, y: 1, nx: 6, ny: 8 };
  t.deepEqual(rank(wanted, [at({ subarray: small })], rule), []);
  const large = { name: "FULL", x: 1, y: 1, nx: 64, ny: 64 };
  const [match] = rank(wanted, [at({ subarray: large, dateObs: "2026-03-05T08:00:00", exptime: 30 })], rule);
  t.is(match!.why, "level 2, a larger window, 0 s apart");
});

test("an unknown date is another night, and comes after known ones", (t) => {
  const known = at({ dateObs: "2026-03-09T08:00:00", exptime: 30 });
  const unknown = at({ dateObs: "", exptime: 30 });
  const ranked = rank(wanted, [unknown, known], rule);
  t.deepEqual(
    ranked.map(({ level, found }) => [level, found]),
    [
      [1, known],
      [1, unknown],
    ],
  );
  t.is(ranked[1]!.why, "level 1, same settings, date unknown");
});

test("days in words", (t) => {
  t.deepEqual([30 / 86_400, 600 / 86_400, 0.25, 3].map(formatDays), ["30 s", "10 min", "6.0 h", "3.0 d"]);
});
