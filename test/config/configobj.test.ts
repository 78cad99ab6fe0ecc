import test from "ava";
import fc from "fast-check";
import { parseConfigObj } from "../../src/config/configobj.js";
import { ConfigError } from "../../src/errors.js";

test("sections nest by their brackets; indentation means nothing", (t) => {
  const root = parseConfigObj(
    `name = "pipe"
# a comment
save_results = True   # another

    [steps]
      [[background]]
      [[flat_field]]
        config_file = flat_field.cfg
        [[[deep]]]
          x = 1
      [[photom]]
        skip = True
    [other]
`,
    "p.cfg",
  );
  t.deepEqual(root.values, { name: "pipe", save_results: "True" });
  t.deepEqual(Object.keys(root.sections), ["steps", "other"]);
  const { sections } = root.sections["steps"]!;
  t.deepEqual(Object.keys(sections), ["background", "flat_field", "photom"]);
  t.deepEqual(sections["flat_field"]!.values, { config_file: "flat_field.cfg" });
  t.deepEqual(sections["flat_field"]!.sections["deep"]!.values, { x: "1" });
  t.deepEqual(sections["photom"]!.values, { skip: "True" });
});

test("values: quotes, lists, comments after them, three quotes over lines", (t) => {
  const { values } = parseConfigObj(
    [
      `a = 'it is # no comment'  # a comment`,
      `b = 1, 2 , "three, four"`,
      `c = 1.5,`,
      `d = ,`,
      `e =`,
      `"f g" = x y`,
      `h = """one`,
      `two"""`,
      `i='mcds'`,
    ].join("\n"),
    "v.cfg",
  );
  t.deepEqual(values, {
    a: "it is # no comment",
    b: ["1", "2", "three, four"],
    c: ["1.5"],
    d: [],
    e: "",
    "f g": "x y",
    h: "one\ntwo",
    i: "mcds",
  });
});

for (const [why, text, message] of [
  ["a line that is nothing", "a = 1\nwhat is this", /bad\.cfg: line 2 — "what is this" is neither/],
  ["brackets that don't match", "[[a]", /line 1 — \[\[…\] doesn't close/],
  ["a section too deep", "[a]\n[[[b]]]", /line 2 — \[b\] is nested too deep/],
  ["a name given twice", "a = 1\na = 2", /line 2 — a is there twice/],
  ["a section given twice", "[a]\n[a]", /line 2 — section a is there twice/],
  ["a quote left open", 'a = "x', /line 1 — the value of a has unbalanced/],
  ["three quotes left open", 'a = """x\ny', /line 1 — """ isn't closed/],
] as const)
  test(`refused with file and line: ${why}`, (t) => {
    t.throws(() => parseConfigObj(text, "bad.cfg"), { instanceOf: ConfigError, message });
  });

test("parse ∘ format = id for quoted values", (t) => {
  const word = fc.stringMatching(/^[A-Za-z][\w ,#=[\]']{0,20}$/);
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), word), (given) => {
      const text = Object.entries(given)
        .map(([key, value]) => `${key} = "${value}"`)
        .join("\n");
      const { values } = parseConfigObj(text, "p.cfg");
      t.deepEqual({ ...values }, given);
    }),
  );
});
