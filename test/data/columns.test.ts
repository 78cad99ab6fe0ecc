import test from "ava";
import { columnsOfText } from "../../src/data/columns.js";
import { FitsError } from "../../src/errors.js";

const plain = (text: string) =>
  Object.fromEntries([...columnsOfText(text, "t")].map(([name, column]) => [name, [...column]]));

test("CSV: names in lower case, numbers, words in quotes, nothing is NaN", (t) => {
  const table = plain('RA,Name,mag\n10.5,"a, ""b""",1e1\n11,,\n');
  t.deepEqual(table["ra"], [10.5, 11]);
  t.deepEqual(table["name"], ['a, "b"', ""]);
  t.deepEqual(table["mag"], [10, NaN]);
});

test("ECSV: its description is passed over, words are parted by blanks", (t) => {
  const table = plain('# %ECSV 1.0\n# ---\n# datatype: []\nra dec name\n1 -2 "x y"\n3 4 z\n');
  t.deepEqual(table, { ra: [1, 3], dec: [-2, 4], name: ["x y", "z"] });
});

test("a line with too few words, and an empty text, are errors that say where", (t) => {
  t.throws(() => columnsOfText("a,b\n1,2\n3\n", "s.csv"), {
    instanceOf: FitsError,
    message: /s\.csv — line 3/,
  });
  t.throws(() => columnsOfText("# nothing\n", "s.csv"), { instanceOf: FitsError });
});
