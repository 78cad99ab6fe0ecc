import test from "ava";
import fc from "fast-check";
import { alternativesOf, conditionElement, conditionValue } from "../../src/crds/condition.js";
import { DateError, formatDate, parseDate } from "../../src/crds/dates.js";
import { ElementError, makeMatcher } from "../../src/crds/element.js";
import { ExpressionError, parseExpression, truth } from "../../src/crds/expression.js";
import { tuple } from "../../src/crds/literal.js";

test("1, 1.0, ' 01 ', 1e0 are one value", (t) => {
  for (const value of ["1", "1.0", " 01 ", "1e0", 1]) t.is(conditionValue(value), "1.0");
});

test("words and numbers are conditioned", (t) => {
  const cases: [string | boolean | null, string][] = [
    ["Full", "FULL"],
    [true, "T"],
    ["false", "F"],
    [null, "NONE"],
    ["any", "*"],
    ["not applicable", "N/A"],
    ["N/AX", "N/A"],
    ["()", "N/A"],
    ["5.10", "5.1"],
    ["1e-5", "1e-05"],
    ["1_000", "1_000"],
    ["nan", "NAN"],
    ["", ""],
    ["4294967295", "-1.0"],
    ["1e999", "inf"],
  ];
  for (const [value, expected] of cases) t.is(conditionValue(value), expected, String(value));
});

test("or-sets are split, sorted and conditioned; esoteric texts are whole", (t) => {
  t.is(conditionElement(" b| A |1|"), "1.0|A|B");
  t.is(conditionElement("{a|b}"), "{a|b}");
  t.is(conditionElement("not a|b"), "NOT A|B");
  t.is(conditionElement(tuple("b", "a")), "B|A");
  t.deepEqual(alternativesOf("B|A"), ["A", "B"]);
});

const weigh = (element: string, ...values: string[]): number[] => values.map(makeMatcher(element));

test("an element matches, doesn't care or excludes", (t) => {
  t.deepEqual(weigh("A", "A", "B", "*", "N/A"), [1, -1, 1, 0]);
  t.deepEqual(weigh("N/A", "A", "*"), [0, 0]);
  t.deepEqual(weigh("A*|C", "AB", "C", "D", "N/A"), [1, 1, -1, 0]);
  t.deepEqual(weigh("[!A]?|X", "BA", "AA"), [1, -1]);
  t.deepEqual(weigh("(A[0-9]+)", "A12Z", "BA1"), [1, -1]);
  t.deepEqual(weigh("{A*}", "A*", "AB"), [1, -1]);
  t.deepEqual(weigh(">=5", "5.0", "4.9", "X"), [1, -1, -1]);
  t.deepEqual(weigh("#>1 AND <=20#", "20", "1", "*"), [1, -1, 1]);
  t.deepEqual(weigh("BETWEEN 1 10", "1.0", "10.0", "9.99"), [1, -1, 1]);
  t.deepEqual(weigh("NOT A|B", "A", "C", "N/A", "*"), [-1, 1, 0, -1]);
  t.deepEqual(weigh("NOT N/A", "A", "N/A"), [0, 0]);
});

test("what can't be compiled is an ElementError", (t) => {
  for (const element of [">A", "BETWEEN 10 1", "BETWEEN 10", "([)"]) {
    t.throws(() => makeMatcher(element), { instanceOf: ElementError }, element);
  }
});

test("dates are written back in one form", (t) => {
  const cases: [string, string][] = [
    ["2015-06-01T12:30", "2015-06-01 12:30:00"],
    ["12/21/1999 05:42:35", "1999-12-21 05:42:35"],
    ["21/12/99 05:42:00 PM", "1999-12-21 17:42:00"],
    ["Feb 08 2006 01:02AM", "2006-02-08 01:02:00"],
    ["03-Jan-2013", "2013-01-03 00:00:00"],
    ["19970114:053714", "1997-01-14 05:37:14"],
    ["Dec 01 1993 00:00:00 UT", "1993-12-01 00:00:00"],
    // (18.4 − 18)·10⁶ = 399999.99… in binary
    ["2002-05-05 15:23:18.4", "2002-05-05 15:23:18.399999"],
    ["2002-05-05T15:23:18.4", "2002-05-05 15:23:18.399999"],
  ];
  for (const [text, expected] of cases) t.is(formatDate(parseDate(text)), expected);
  for (const text of [
    "2015-02-29",
    "2015-06-01T00:00:00Z",
    "2015-06-01 24:00",
    "1/2/2015",
    "garbage",
    "",
    "UNDEFINED",
  ]) {
    t.throws(() => parseDate(text), { instanceOf: DateError }, text);
  }
});

const holds = (text: string, header: Record<string, string>): boolean =>
  truth(parseExpression(text).evaluate((name) => header[name]));

test("expressions compare, look into lists and combine", (t) => {
  const header = { DETECTOR: "UVIS", LIFE_ADJ: "3.0", "META.EXPOSURE.TYPE": "MIR_IMAGE" };
  t.true(holds('(LIFE_ADJ in ["3.0", "4.0"])', header));
  t.true(holds('(META.EXPOSURE.TYPE not in ("X",))', header));
  t.true(holds('(DETECTOR == "UVIS" and not LIFE_ADJ != "3.0" or NOSUCH)', header));
  t.false(holds('("A" if DETECTOR == "IR" else "")', header));
  t.true(holds('("A" < "B" <= "B")', {}));
  t.true(holds("(1 < 2 and -1 < 0)", {}));
  t.false(holds("(False)", {}));
});

test("nothing else is an expression", (t) => {
  for (const text of [
    "open('x')",
    "(A == )",
    "A.b(1)",
    "A[0]",
    "(A",
    "A B",
    "__import__('os')",
    "A ** 2",
    "lambda: 1",
  ]) {
    t.throws(() => parseExpression(text), { instanceOf: ExpressionError }, text);
  }
  t.throws(() => holds("(NOSUCH == 1)", {}), {
    instanceOf: ExpressionError,
    message: /unknown keyword NOSUCH/,
  });
  t.throws(() => holds("(A < 3)", { A: "5" }), { instanceOf: ExpressionError });
});

test("any text is an expression or an ExpressionError", (t) => {
  const part = fc.oneof(
    fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      ",",
      "==",
      "in",
      "not",
      "and",
      "or",
      "if",
      "else",
      "-",
      "A",
      "'x'",
      "1.5",
      "META.X",
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      try {
        parseExpression(parts.join(" ")).evaluate((name) => (name === "A" ? "x" : undefined));
      } catch (error) {
        t.true(error instanceof ExpressionError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test("any text has a conditioned form, and conditioning twice changes nothing more", (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const once = conditionValue(text);
      // an overflow is written inf, which is a word and no number
      fc.pre(!once.endsWith("inf"));
      t.is(conditionValue(once), once);
    }),
  );
});
