import test from "ava";
import type { ProductFacts } from "../../../src/report/page/facts.js";
import { calibrationsOf, splitCommon, warningsOf } from "../../../src/report/page/findings.js";
import { formatMeasure, qualityOf } from "../../../src/report/page/quality.js";
import { sessionsOf } from "../../../src/report/page/timeline.js";

interface Made {
  name?: string;
  caveats?: ProductFacts["caveats"];
  /** Seconds since 2026-01-01. */
  end?: number;
  seconds?: number;
  steps?: unknown[];
}

const product = ({ name = "a.fits", caveats = [], end, seconds = 1, steps = [] }: Made): ProductFacts =>
  ({
    name,
    caveats,
    quality: [],
    entry:
      end === undefined ? null : { time: new Date(Date.UTC(2026, 0, 1) + 1000 * end).toISOString(), seconds },
    record: { product: { inputs: [{ steps: [] }], steps } },
  }) as unknown as ProductFacts;

test("products made at the same time lie on lanes of their own", (t) => {
  // 0–2 and 1–3 overlap; 2–4 follows the first
  const [session, ...others] = sessionsOf([
    product({ end: 2, seconds: 2 }),
    product({ end: 3, seconds: 2 }),
    product({ end: 4, seconds: 2 }),
  ]);
  t.is(others.length, 0);
  t.is(session!.lanes, 2);
  t.is(session!.seconds, 4);
  t.deepEqual(
    session!.bars.map(({ lane, from, to }) => [lane, from, to]),
    [
      [0, 0, 2],
      [1, 1, 3],
      [0, 2, 4],
    ],
  );
});

test("ten minutes without work part two sessions; what the ledger doesn't know is in none", (t) => {
  const sessions = sessionsOf([product({ end: 1 }), product({ end: 1000 }), product({})]);
  t.deepEqual(
    sessions.map(({ bars, start }) => [bars.map(({ index }) => index), start.toISOString()]),
    [
      [[0], "2026-01-01T00:00:00.000Z"],
      [[1], "2026-01-01T00:16:39.000Z"],
    ],
  );
});

test("a calibration is named once, with the steps and the products that used it", (t) => {
  const flat = { type: "FLAT", path: "/c/flat.fits", sha256: "ab", from: "crds", why: "by the rules" };
  const none = { type: "DARK", path: null, sha256: null, from: "none", why: "none found" };
  const both = [
    { name: "dark_sub", skip: null, refs: [none] },
    { name: "flat_field", skip: null, refs: [flat] },
    { name: "idle", skip: "no wish", refs: [{ ...flat, type: "MASK" }] },
  ];
  const used = calibrationsOf([product({ steps: both }), product({}), product({ steps: both })]);
  t.deepEqual(
    used.map(({ type, name, steps, users }) => [type, name, steps, users]),
    [
      ["FLAT", "flat.fits", ["flat_field"], [0, 2]],
      ["DARK", "none", ["dark_sub"], [0, 2]],
    ],
  );
});

test("equal words over several products are one warning", (t) => {
  const caveat = { code: "X", message: "words" };
  t.deepEqual(warningsOf([product({ caveats: [caveat] }), product({}), product({ caveats: [caveat] })]), [
    { code: "X", message: "words", users: [0, 2] },
  ]);
});

test("what all products agree on isn't a column", (t) => {
  const split = splitCommon(
    [product({ name: "a" }), product({ name: "b" })],
    [
      { title: "Name", of: ({ name }) => name },
      { title: "Same", of: () => "one" },
      { title: "Nothing", of: () => "" },
    ],
  );
  t.deepEqual(split.common, [{ title: "Same", value: "one" }]);
  t.deepEqual(
    split.varying.map(({ title }) => title),
    ["Name"],
  );
});

test("measurements come in words and units, those of a file beside the product by their place in it", (t) => {
  const said = qualityOf(
    { BUNIT: "electron/s", QAFWHM: 3.14159, QABAD: 0.0123, QAOTHER: 2, OBJECT: "no measurement" },
    { v: 1, type: "qa", seeing: { colour: 12, fwhm: { px: 9, mas: 12.5 } }, list: [1, 2], limit: 24.51 },
  );
  t.deepEqual(
    said.map(({ label, value }) => [label, value]),
    [
      ["FWHM", "3.142 px"],
      ["FWHM", "12.5 mas"],
      ["bad pixels", "1.23 %"],
      ["QAOTHER", "2"],
      ["seeing colour", "12"],
      ["limit", "24.51"],
    ],
  );
  t.is(formatMeasure(true, ""), "yes");
});
