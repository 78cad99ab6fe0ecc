import { isDeepStrictEqual } from "node:util";
import test from "ava";
import fc from "fast-check";
import {
  formatHeader,
  getValue,
  keywordsOf,
  parseHeader,
  withCard,
  type Card,
} from "../../src/fits/index.js";

const printable = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 32, max: 126 }), { maxLength: max })
    .map((codes) => String.fromCharCode(...codes).trimEnd());

const comment = (max: number): fc.Arbitrary<string> =>
  printable(max)
    .map((text) => text.trim().replace(/ +/g, " "))
    .filter((text) => text !== "");

/** Plain objects, as parsing makes them. */
const record = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const keyword = fc
  .stringMatching(/^[A-Z][A-Z0-9_-]{0,7}$/)
  .filter((name) => !["COMMENT", "HISTORY", "END", "CONTINUE", "HIERARCH"].includes(name));

const hierarch = fc.stringMatching(/^[A-Z]{2,9}( [A-Z0-9]{1,8}){1,3}$/).filter((name) => name !== "HIERARCH");

const real = fc.double({ noNaN: true, noDefaultInfinity: true });

const scalar = fc.oneof(
  printable(200),
  fc.boolean(),
  fc.maxSafeInteger(),
  real,
  fc.constant(null),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
);

/** Numbers share their record with the comment, so that a long one would be cut. */
const short = comment(8);

const card: fc.Arbitrary<Card> = fc.oneof(
  record<Card>({ keyword: fc.oneof(keyword, hierarch), value: scalar }),
  record<Card>({ keyword, value: record({ re: real, im: real }) }),
  record<Card>({ keyword, value: fc.oneof(fc.boolean(), fc.maxSafeInteger()), comment: comment(40) }),
  record<Card>({ keyword, value: real, comment: short }),
  record<Card>({ keyword, value: printable(200).map((text) => text.padEnd(70, "x")), comment: comment(60) }),
  record<Card>({
    keyword: fc.constantFrom("COMMENT", "HISTORY"),
    comment: printable(72).filter((text) => text !== ""),
  }),
);

test("parseHeader(formatHeader(cards)) = cards", (t) => {
  fc.assert(
    fc.property(fc.array(card, { maxLength: 40 }), (cards) => {
      const bytes = formatHeader(cards);
      return bytes.length % 2880 === 0 && isDeepStrictEqual(parseHeader(bytes).cards, cards);
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test("formatHeader(parseHeader(bytes)) = bytes for bytes of our own", (t) => {
  fc.assert(
    fc.property(fc.array(card, { maxLength: 20 }), (cards) => {
      const bytes = formatHeader(cards);
      return isDeepStrictEqual(formatHeader(parseHeader(bytes).cards), bytes);
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test("END stands in the last block of a reserved header", (t) => {
  const bytes = formatHeader([{ keyword: "A", value: 1 }], 3 * 2880);
  t.is(Buffer.from(bytes.subarray(2 * 2880, 2 * 2880 + 4)).toString(), "END ");
  t.deepEqual(parseHeader(bytes).cards, [{ keyword: "A", value: 1 }]);
});

test("a header that outgrows its reserve is refused", (t) => {
  const cards = Array.from({ length: 36 }, (_, i): Card => ({ keyword: `K${i}`, value: i }));
  t.throws(() => formatHeader(cards, 2880), { code: "E_FITS", message: /37 cards/ });
});

test("look-ups: first occurrence, any case, with or without HIERARCH", (t) => {
  const cards: Card[] = [
    { keyword: "A", value: 1 },
    { keyword: "A", value: 2 },
    { keyword: "ESO DET DIT", value: 3 },
    { keyword: "BIG", value: 2n ** 60n },
    { keyword: "NONE", value: null },
  ];
  t.is(getValue({ cards }, "a"), 1);
  t.is(getValue({ cards }, "HIERARCH ESO DET DIT"), 3);
  t.is(getValue({ cards }, "B"), undefined);
  t.deepEqual(keywordsOf({ cards }), { A: 1, "ESO DET DIT": 3, BIG: 2 ** 60 });
});

test("withCard replaces in place and keeps the comment, or appends", (t) => {
  const cards: Card[] = [
    { keyword: "A", value: 1, comment: "one" },
    { keyword: "B", value: 2 },
  ];
  t.deepEqual(withCard(cards, { keyword: "a", value: 5 })[0], { keyword: "A", value: 5, comment: "one" });
  t.is(withCard(cards, { keyword: "C", value: 3 }).length, 3);
});
