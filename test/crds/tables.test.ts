import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { certifyHeader } from "../../src/crds/certify-tables.js";
import { certify, mappingPath, openCache, type Cache } from "../../src/crds/rules.js";
import { readTables } from "../../src/crds/tables.js";
import { readTpn } from "../../src/crds/tpn.js";
import { RulesError } from "../../src/errors.js";
import { makeCacheFolder, makeRules } from "./helpers.js";

const rules = `Match({
  ('A', '1') : UseAfter({ '2000-01-01 00:00:00' : 'a.fits' }),
  ('A|C', '2') : UseAfter({ '2000-01-01 00:00:00' : 'b.fits' }),
})`;
const parkey = "'parkey' : (('P1', 'P2'), ('DATE-OBS', 'TIME-OBS')),";

/** A cache with tables of the observatory. */
function makeCache(tables: Readonly<Record<string, string>>, registry?: object): Cache {
  const folder = makeCacheFolder(makeRules(rules, parkey));
  const config = join(folder, "config", "tobs");
  mkdirSync(join(config, "tpns"), { recursive: true });
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(config, "tpns", name), text);
  if (registry) writeFileSync(join(config, "combined_specs.json"), JSON.stringify(registry));
  return openCache({ path: folder });
}

const errorsOf = (cache: Cache): string[] =>
  certify(cache, mappingPath(cache, "tobs_cam_flat_0001.rmap")!)
    .filter(({ level }) => level === "error")
    .map(({ line, message }) => `${line}: ${message}`);

const read = (text: string, more: Readonly<Record<string, string>> = {}) =>
  readTpn("x.tpn", (name) => (name === "x.tpn" ? text : more[name]));

test("a table: comments, joined lines, quoted blanks, conditions, what is included and replaced", (t) => {
  const [first, second, third, fourth] = read(
    `# all keywords
INSTRUME   H  C  R  CAM
FILTER     H  C  R  F1,"F 2",\\
                    f3
include    more.tpn
replace    WIDE  NARROW
EXPTIME    H  R  (MODE == "WIDE")  0:100
`,
    { "more.tpn": "SHAPE A X O (array_exists('SCI') and warn())\n" },
  );
  t.like(first, { name: "INSTRUME", of: "header", datatype: "C", presence: "R", values: ["CAM"], line: 2 });
  t.deepEqual(second!.values, ["F1", "F 2", "F3"]);
  t.like(third, { of: "array", file: "more.tpn", values: ["(array_exists('SCI') and warn())"] });
  t.like(fourth, { presence: '(MODE == "NARROW")', values: ["0:100"] });
});

test("a table that can't be read is an error with file and line", (t) => {
  t.throws(() => read("A H C R\nB H\n"), { instanceOf: RulesError, message: /x\.tpn, line 2/ });
  t.throws(() => read("include no.tpn"), { instanceOf: RulesError, message: /no\.tpn, named by x\.tpn/ });
  t.throws(() => read("include x.tpn"), { instanceOf: RulesError, message: /x\.tpn → x\.tpn/ });
  t.throws(() => read("replace A"), { instanceOf: RulesError, message: /line 1/ });
});

test("any text is a table or an error of ours", (t) => {
  const piece = fc.constantFrom(
    "A",
    "H",
    "C",
    "R",
    " ",
    "\n",
    "include ",
    "replace ",
    "\\\n",
    '"',
    "(",
    ")",
    "#",
    ",",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        t.true(Array.isArray(read(pieces.join(""))));
      } catch (error) {
        t.true(error instanceof RulesError, String(error));
      }
    }),
  );
});

test("keys of rules must have values that the most particular table allows", (t) => {
  const all = "P1 H C R A,B\nP2 H I R 1,2,3\n";
  t.deepEqual(errorsOf(makeCache({})), []);
  const [wrong, ...none] = errorsOf(makeCache({ "all_all.tpn": all }));
  t.regex(wrong!, /^\d+: .*parameter='P1' value='C' is not in \['A', 'B'\]/);
  t.deepEqual(none, []);
  t.deepEqual(errorsOf(makeCache({ "all_all.tpn": all, "cam_flat_ld.tpn": "P1 H C R A,C" })), []);
  t.deepEqual(errorsOf(makeCache({ "cam_all.tpn": "P1 H C R ANY\nP2 H R R 0:5\n" })), []);
  t.regex(errorsOf(makeCache({ "cam_all.tpn": "P2 H R R 0:1\n" })).join(), /parameter='P2' value='2\.0'/);
});

test("instrument and type must be registered, and the registry names the tables", (t) => {
  t.regex(
    errorsOf(makeCache({}, { eye: {} })).join(),
    /the instrument 'cam' isn't registered: there are eye/,
  );
  t.regex(errorsOf(makeCache({}, { CAM: { dark: {} } })).join(), /the type 'flat' of cam isn't registered/);
  const cache = makeCache({ "cam_flt.tpn": "P1 H C R A,C" }, { cam: { flat: { suffix: "flt" } } });
  t.deepEqual(errorsOf(cache), []);
  t.is(readTables(cache, "tobs", "cam", "flat", "reference").length, 1);
});

test("a reference has the keywords and columns of its table, with values of their kind", (t) => {
  const cache = makeCache({
    "cam_flat.tpn": `P1 H C R A,B
P2 H I W
OLD H C E
PEDIGREE H C R &PEDIGREE
USEAFTER H C R &SYBDATE
SCALE H D (P1 == "A")
GAIN H R (warning(P1 == "A"))
WAVE C D R
ROW C D O
CENTRE H R S
`,
  });
  const tell = (header: Record<string, string | number>, columns: string[] = ["wave"]): string[] => {
    const found: string[] = [];
    certifyHeader(cache, "tobs", "cam", "flat", header, columns, (level, message) =>
      found.push(`${level}: ${message.replace(/ \(cam.*/, "")}`),
    );
    return found;
  };
  const good = {
    P1: "a",
    P2: 3,
    PEDIGREE: "GROUND",
    USEAFTER: "2020-01-01T00:00:00",
    SCALE: 1.5,
    SUBARRAY: "FULL",
  };
  t.deepEqual(tell(good), []);
  t.deepEqual(tell({ ...good, P1: "C", P2: 2.5, PEDIGREE: "HEARSAY", USEAFTER: "soon", OLD: "x" }), [
    "error: the keyword P1 is 'C', which isn't among A, B",
    "error: the keyword P2 is '2.5', not a whole number",
    "error: the keyword OLD must not be there",
    "error: the keyword PEDIGREE is 'HEARSAY', which begins with none of INFLIGHT, GROUND, MODEL, DUMMY, SIMULATION",
    "error: the keyword USEAFTER is 'soon', not a date",
  ]);
  const { P1, PEDIGREE, USEAFTER } = good;
  t.deepEqual(tell({ P1, PEDIGREE, USEAFTER, SUBARRAY: "WINDOW" }, []), [
    "warning: the keyword P2 is missing",
    "error: the keyword SCALE is missing",
    "error: the column WAVE is missing",
    "error: the keyword CENTRE is missing",
  ]);
});
