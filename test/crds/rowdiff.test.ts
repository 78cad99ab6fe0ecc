import test from "ava";
import { diffRows, type TextTable } from "../../src/crds/rowdiff.js";

const table = (columns: string[], ...rows: string[][]): TextTable => ({ name: "T", columns, rows });
const old = table(["FILTER", "PHOT", "DATE"], ["K", "1.0", "a"], ["H", "2.0", "a"], ["J", "3.0", "a"]);

test("rows are compared in order", (t) => {
  const now = table(["FILTER", "PHOT", "DATE"], ["K", "1.0", "a"], ["H", "2.5", "a"], ["J", "3.0", "a"]);
  t.deepEqual(diffRows(old, now, {}).changes, [{ at: "2", old: ["H", "2.0", "a"], new: ["H", "2.5", "a"] }]);
  t.deepEqual(diffRows(old, old, {}).changes, []);
});

test("by key columns a moved row is the same row", (t) => {
  const now = table(["filter", "phot", "date"], ["J", "3.0", "b"], ["K", "1.5", "b"], ["Y", "4.0", "b"]);
  const diff = diffRows(old, now, { keys: ["FILTER"], ignore: ["DATE"] });
  t.deepEqual(diff.changes, [
    { at: "K", old: ["K", "1.0"], new: ["K", "1.5"] },
    { at: "H", old: ["H", "2.0"], new: null },
    { at: "Y", old: null, new: ["Y", "4.0"] },
  ]);
});

test("columns that only one table has are told", (t) => {
  const now = table(["FILTER", "ZP"], ["K", "25"]);
  const diff = diffRows(old, now, {});
  t.deepEqual([diff.onlyOld, diff.onlyNew, diff.columns], [["PHOT", "DATE"], ["ZP"], ["FILTER"]]);
});
