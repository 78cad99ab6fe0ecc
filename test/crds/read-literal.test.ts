import test from "ava";
import fc from "fast-check";
import { RulesError } from "../../src/errors.js";
import { formatFloat, reprOf, tuple, type Literal } from "../../src/crds/literal.js";
import { parseLiteral } from "../../src/crds/read-literal.js";

const read = (text: string): Literal => parseLiteral(text, "test");

test("strings, numbers, words and tuples are read as Python reads them", (t) => {
  t.is(read(String.raw`'it\'s a "tab"\t'`), `it's a "tab"\t`);
  t.is(read("12"), 12n);
  t.is(read("-1.50"), -1.5);
  t.is(read("1e3"), 1000);
  t.is(read("True"), true);
  t.is(read("None"), null);
  t.deepEqual(read("('A', 1,)"), tuple("A", 1n));
  t.deepEqual(read("('A',)"), tuple("A"));
  t.deepEqual(read("()"), tuple());
  t.is(read("('A')"), "A");
});

test("a dictionary keeps order and repetition", (t) => {
  const value = read("{ 'b' : 1, # comment\n 'a' : 2,\n 'b' : 3 }");
  t.deepEqual(value, {
    kind: "dict",
    entries: [
      { key: "b", value: 1n, line: 1 },
      { key: "a", value: 2n, line: 2 },
      { key: "b", value: 3n, line: 3 },
    ],
  });
});

test("what isn't a literal is refused with line and column", (t) => {
  const refused: [string, RegExp][] = [
    ["007", /line 1, column 1 — not a decimal number/],
    ["1_000", /not a decimal number/],
    ["+5", /expected a value/],
    ["'a", /isn't closed/],
    ["open('/etc/passwd')", /"open" isn't a selector/],
    ["{\n['a'] : 1}", /line 2, column 1 — a list or a dictionary can't be a key/],
    ["('a' + 'b',)", /expected "," or "\)"/],
    ["{'a' : 1", /expected "," or "}"/],
    ["lambda: 1", /isn't a value/],
    ["(".repeat(100), /nested deeper/],
    ["Match({})", /a selector can't stand here/],
  ];
  for (const [text, message] of refused) {
    const error = t.throws(() => read(text), { instanceOf: RulesError }, text);
    t.regex(error.message, message, text);
  }
});

test("floats are written in Python's shortest form", (t) => {
  const texts = [0, -0, 1, 1.5, 1e15, 1e16, 1e-4, 1e-5, 1.5e-7, 0.00012, 1e22, 1e300, -2.5e-10].map(
    formatFloat,
  );
  t.deepEqual(texts, [
    "0.0",
    "-0.0",
    "1.0",
    "1.5",
    "1000000000000000.0",
    "1e+16",
    "0.0001",
    "1e-05",
    "1.5e-07",
    "0.00012",
    "1e+22",
    "1e+300",
    "-2.5e-10",
  ]);
});

const literal = fc.letrec<{ value: Literal; key: Literal }>((tie) => ({
  key: fc.oneof(fc.string(), fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.boolean(), fc.constant(null)),
  value: fc.oneof(
    { maxDepth: 3 },
    tie("key"),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 4 }).map((items): Literal => ({ kind: "tuple", items })),
    fc.array(fc.tuple(tie("key"), tie("value")), { maxLength: 4 }).map((pairs): Literal => ({
      kind: "dict",
      entries: pairs.map(([key, value]) => ({ key, value, line: 1 })),
    })),
  ),
})).value;

test("parse ∘ repr = id", (t) => {
  fc.assert(
    fc.property(literal, (value) => {
      t.deepEqual(read(reprOf(value)), value);
    }),
  );
});
