import test from "ava";
import { hasColor, hasUnicode } from "../../src/cli/render/style.js";
import { cutLeft, formatSeconds, formatTable, visibleWidth } from "../../src/cli/render/table.js";
import { joinWords } from "../../src/cli/shell-words.js";
import { translatePeerOptions } from "../../src/cli/peer-options.js";

test("colour: --color > NO_COLOR > CLICOLOR_FORCE > CLICOLOR=0 > TERM=dumb > terminal", (t) => {
  t.true(hasColor("always", { NO_COLOR: "1" }, false));
  t.false(hasColor("never", { CLICOLOR_FORCE: "1" }, true));
  t.false(hasColor("auto", { NO_COLOR: "yes", CLICOLOR_FORCE: "1" }, true));
  t.true(hasColor("auto", { NO_COLOR: "", CLICOLOR_FORCE: "1" }, false));
  t.true(hasColor("auto", { FORCE_COLOR: "1", TERM: "dumb" }, false));
  t.false(hasColor("auto", { CLICOLOR_FORCE: "0" }, false));
  t.false(hasColor("auto", { CLICOLOR: "0" }, true));
  t.false(hasColor("auto", { TERM: "dumb" }, true));
  t.true(hasColor("auto", { TERM: "xterm" }, true));
  t.false(hasColor("auto", {}, false));
});

test("ASCII where the locale says another character set", (t) => {
  t.true(hasUnicode({ LANG: "de_DE.UTF-8" }));
  t.false(hasUnicode({ LC_ALL: "C", LANG: "de_DE.UTF-8" }));
  t.false(hasUnicode({ LANG: "de_DE.ISO-8859-1" }));
  t.true(hasUnicode({}));
});

test("columns are as wide as they need, colours don't count, the first is cut from the left", (t) => {
  t.is(
    formatTable([
      ["a", "bb"],
      ["ccc", "d"],
    ]),
    "  a    bb\n  ccc  d",
  );
  t.is(
    formatTable(
      [
        ["\x1b[32mok\x1b[0m", "x"],
        ["long", "y"],
      ],
      { indent: 0 },
    ),
    "\x1b[32mok\x1b[0m    x\nlong  y",
  );
  t.is(formatTable([["/a/very/long/path.fits", "x"]], { indent: 0, width: 15 }), "…g/path.fits  x");
  t.is(visibleWidth("\x1b[1m✓\x1b[0m"), 1);
  t.is(cutLeft("abcdef", 4), "…def");
});

test("durations", (t) => {
  t.is(formatSeconds(0.42), "0.4 s");
  t.is(formatSeconds(75.2), "75 s");
  t.is(formatSeconds(200), "3 min 20 s");
  t.is(formatSeconds(7260), "2 h 1 min");
});

test("words are quoted as a shell reads them back", (t) => {
  t.is(joinWords(["iris", "a b.fits", "it's", "x=1,2", ""]), "iris 'a b.fits' 'it'\\''s' x=1,2 ''");
});

test("the peers' options become ours", (t) => {
  t.deepEqual(
    translatePeerOptions([
      "reduce",
      "--override_flat=f.fits",
      "--override_dark",
      "N/A",
      "--steps.flat_field.skip=true",
      "--steps.x.override_mask=m=1.fits",
      "-o",
      "red",
      "--",
      "--override_flat=a",
    ]),
    [
      "reduce",
      "--ref",
      "flat=f.fits",
      "--ref",
      "dark=N/A",
      "--set",
      "flat_field.skip=true",
      "--set",
      "x.override_mask=m=1.fits",
      "-o",
      "red",
      "--",
      "--override_flat=a",
    ],
  );
});
