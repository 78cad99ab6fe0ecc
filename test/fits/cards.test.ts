import test from "ava";
import { formatCard, parseHeader, type Card } from "../../src/fits/index.js";
import { parseRecords, parseValue } from "../../src/fits/cards.js";

const card = (text: string): Card => parseRecords([text.padEnd(80)])[0]!;
const record = (value: Card): string => formatCard(value)[0]!.trimEnd();

test("a quote in a string is doubled", (t) => {
  t.deepEqual(card("OBJECT  = 'O''Neil'           / the object"), {
    keyword: "OBJECT",
    value: "O'Neil",
    comment: "the object",
  });
  t.is(record({ keyword: "OBJECT", value: "O'Neil" }), "OBJECT  = 'O''Neil  '");
});

test("blanks at the end of a string mean nothing, those at its start do", (t) => {
  t.is(card("A       = '  x   '").value, "  x");
});

test("a slash inside a string is not a comment", (t) => {
  t.deepEqual(card("UNIT    = 'km/s    '           / speed"), {
    keyword: "UNIT",
    value: "km/s",
    comment: "speed",
  });
});

test("1.5D-3 = 1.5E-3", (t) => {
  t.is(card("X       =               1.5D-3").value, 0.0015);
});

test("an integer beyond 2^53 keeps its digits", (t) => {
  t.is(card("X       = 9223372036854775807").value, 9223372036854775807n);
  t.is(record({ keyword: "X", value: 9223372036854775807n }), "X       =  9223372036854775807");
});

test("a value field without value is null, a card without value indicator has none", (t) => {
  t.deepEqual(card("X       =                      / unknown"), {
    keyword: "X",
    value: null,
    comment: "unknown",
  });
  t.deepEqual(card("X       some text"), { keyword: "X", comment: "some text" });
});

test("(1, -2.5) is complex", (t) => {
  t.deepEqual(card("Z       =            (1, -2.5)").value, { re: 1, im: -2.5 });
});

test("HIERARCH keywords lose their prefix and get it back", (t) => {
  const text = "HIERARCH ESO DET DIT = 12.5 / seconds";
  t.deepEqual(card(text), { keyword: "ESO DET DIT", value: 12.5, comment: "seconds" });
  t.is(record(card(text)), text);
});

test("CONTINUE joins a long string; the last & goes", (t) => {
  const value = "abc ".repeat(40) + "end";
  const records = formatCard({ keyword: "LONG", value });
  t.true(records.length > 2);
  t.true(records.every((each) => each.length === 80));
  t.deepEqual(parseRecords(records), [{ keyword: "LONG", value }]);
});

test("a string that really ends in & survives", (t) => {
  t.deepEqual(parseRecords(formatCard({ keyword: "AMP", value: "R&" })), [{ keyword: "AMP", value: "R&" }]);
  t.is(card("AMP     = 'R&      '").value, "R&");
});

test("COMMENT is text even with an equals sign in column 9", (t) => {
  t.deepEqual(card("COMMENT = not a value"), { keyword: "COMMENT", comment: "= not a value" });
});

test("a number keeps the way it was written as long as it means the same", (t) => {
  const exposure = card("EXPTIME =                 30.0 / s");
  t.is(exposure.value, 30);
  t.is(record(exposure), "EXPTIME =                 30.0 / s");
  t.is(record({ ...exposure, value: 31 }), "EXPTIME =                   31 / s");
});

test("what isn't a value is taken as text and reported", (t) => {
  const deviations: string[] = [];
  t.deepEqual(
    parseValue(" INDEF / none", (message) => deviations.push(message)),
    { value: "INDEF", comment: "none" },
  );
  t.is(deviations.length, 1);
});

test("NaN can't be written: FITS has no such number", (t) => {
  t.throws(() => formatCard({ keyword: "X", value: NaN }), { code: "E_FITS" });
});

test("a header ends at END whatever fills the block behind it", (t) => {
  const text = "SIMPLE  =                    T".padEnd(80) + "END".padEnd(8) + "\0\x07leftover = of memory";
  const { cards } = parseHeader(Buffer.from(text.padEnd(2880, "\xff"), "latin1"));
  t.deepEqual(cards, [{ keyword: "SIMPLE", value: true }]);
});

test("ENDTIME is not END", (t) => {
  const text = "ENDTIME = 5".padEnd(80) + "END     = 7".padEnd(80) + "END".padEnd(80);
  t.is(parseHeader(Buffer.from(text)).cards.length, 2);
});
