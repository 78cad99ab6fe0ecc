import test from "ava";
import fc from "fast-check";
import { mappingChecksum } from "../../src/crds/checksum.js";
import { formatMapping } from "../../src/crds/format.js";
import { isCall, tuple, type Call } from "../../src/crds/literal.js";
import { decodeText, parseMapping, type Mapping } from "../../src/crds/mapping.js";
import { checkLoads } from "../../src/crds/verify-mapping.js";
import { RulesError } from "../../src/errors.js";

const canonical = `header = {
    'derived_from' : 'none',
    'filekind' : 'FLAT',
    'instrument' : 'IRIS',
    'mapping' : 'REFERENCE',
    'name' : 'tmt_iris_flat_0001.rmap',
    'observatory' : 'TMT',
    'parkey' : (('DETECTOR', 'FILTER'), ('DATE-OBS',)),
    'sha1sum' : 'SUM',
}

selector = Match({
    ('IMG1', 'K') : UseAfter({
        '2020-01-01 00:00:00' : 'tmt_iris_flat_0001.fits',
    }),
})
`;
const withSum = canonical.replace("SUM", mappingChecksum(canonical));

test("a canonical mapping is written as it was read", (t) => {
  const mapping = parseMapping(withSum, "tmt_iris_flat_0001.rmap");
  t.is(formatMapping(mapping), withSum);
});

test("the checksum leaves out every line with the letters sha1sum", (t) => {
  t.is(mappingChecksum("a\nsha1sum x\nb\n"), mappingChecksum("a\nb\n"));
  t.is(mappingChecksum("a\n# sha1sum"), mappingChecksum("a\n"));
  // U+2028 ends a line for Python's splitlines
  t.is(mappingChecksum("x\u2028sha1sum\u2028y"), mappingChecksum("x\u2028y"));
  // sha1("") as anyone can compute it
  t.is(mappingChecksum("sha1sum"), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
});

test("sections come in order, and nothing after them", (t) => {
  const messages = (text: string): string =>
    t.throws(() => parseMapping(text, "x.rmap"), { instanceOf: RulesError }).message;
  t.regex(messages(""), /a mapping starts with "header = {", found the end of the file/);
  t.regex(messages("header = {}\n"), /the section selector is missing/);
  t.regex(messages("import os\n"), /line 1, column 7 .*found "import"/);
  t.regex(messages("header = {}\nselector = 'a'\n"), /selector must be a dictionary or a selector call/);
  t.regex(
    messages("header = {}\nselector = {}\nselector = {}\n"),
    /line 3, column 1 — unexpected "selector"/,
  );
  t.regex(messages("header = {}\nselector = Match({}, {})\n"), /Match takes exactly one dictionary/);
  t.regex(messages("header = {}\nselector = UseBefore({})\n"), /"UseBefore" isn't a selector/);
});

test("a byte-order mark is an error, CRLF is a line end", (t) => {
  const bytes = new TextEncoder().encode(`\ufeffheader = {}\r\nselector = {}\r\n`);
  t.throws(() => parseMapping(decodeText(bytes, "x.pmap"), "x.pmap"), { instanceOf: RulesError });
  t.is(decodeText(bytes.subarray(3), "x.pmap"), "header = {}\nselector = {}\n");
  t.throws(() => decodeText(Uint8Array.of(0xe9), "x.pmap"), { message: /not UTF-8/ });
});

const name = fc.stringMatching(/^[A-Z][A-Z0-9_.|*-]{0,8}$/);
const file = fc.stringMatching(/^[a-z0-9_]{1,12}$/).map((stem) => `${stem}.fits`);
const useAfter = fc
  .uniqueArray(
    fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((d) => d.toISOString()),
    { maxLength: 3 },
  )
  .chain((dates) =>
    fc.tuple(...dates.map(() => file)).map((files): Call => ({
      kind: "call",
      name: "UseAfter",
      line: 1,
      entries: dates.map((key, i) => ({ key, value: (files as string[])[i]!, line: 1 })),
    })),
  );
const match = fc
  .uniqueArray(fc.tuple(name, name), { maxLength: 5, selector: (k) => k.join() })
  .chain((keys) =>
    fc.tuple(...keys.map(() => useAfter)).map((calls): Call => ({
      kind: "call",
      name: "Match",
      line: 1,
      entries: keys.map((key, i) => ({ key: tuple(...key), value: (calls as Call[])[i]!, line: 1 })),
    })),
  );

/** A selector without line numbers, its entries in one order. */
const content = ({ name, entries }: Call): unknown => [
  name,
  entries.map(({ key, value }) => JSON.stringify([key, isCall(value) ? content(value) : value])).sort(),
];

test("parse ∘ format = id, up to the order of entries", (t) => {
  fc.assert(
    fc.property(match, fc.option(fc.stringMatching(/^[ -!#-[\]-~\n]*$/)), (selector, comment) => {
      const mapping: Mapping = {
        name: "a_b_c_0001.rmap",
        kind: "rmap",
        header: { kind: "dict", entries: [{ key: "name", value: "a_b_c_0001.rmap", line: 1 }] },
        comment,
        selector,
        line: 1,
        notes: [],
      };
      const text = formatMapping(mapping);
      const read = parseMapping(text, mapping.name);
      t.is(formatMapping(read), text);
      t.is(read.comment, comment);
      t.deepEqual(content(read.selector as Call), content(selector));
    }),
    { numRuns: 60 },
  );
});

test("damaged text is refused with a RulesError, never anything else", (t) => {
  const damage = fc.record({
    at: fc.nat({ max: withSum.length - 1 }),
    remove: fc.nat({ max: 12 }),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("(", "{", "'", '"""', "\\", "#", "Match(", "**", "\u0000", "\f"),
    ),
  });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      let text = withSum;
      for (const { at, remove, insert } of damages)
        text = text.slice(0, at) + insert + text.slice(at + remove);
      try {
        checkLoads(parseMapping(text, "tmt_iris_flat_0001.rmap"));
      } catch (error) {
        t.true(error instanceof RulesError, String(error));
      }
    }),
    { numRuns: 400 },
  );
});
