import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { diffMappings, formatSquashed, loadMapping, openCache } from "../../src/crds/rules.js";
import { diffText } from "../../src/crds/text-diff.js";
import { iris } from "./command.js";
import { makeCacheFolder, mappingText } from "./helpers.js";

const names = ["a", "b"] as const;

/** What `patch` makes of a text and its unified difference. */
function patched(old: readonly string[], patch: readonly string[]): string[] {
  const made: string[] = [];
  let at = 0;
  for (const line of patch.slice(2)) {
    const hunk = /^@@ -(\d+),(\d+) \+/.exec(line);
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      made.push(...old.slice(at, start));
      at = start;
    } else if (line.startsWith("+")) made.push(line.slice(1));
    else {
      if (old[at++] !== line.slice(1)) throw new Error(`line ${at} isn't ${line}`);
      if (line.startsWith(" ")) made.push(line.slice(1));
    }
  }
  return [...made, ...old.slice(at)];
}

test("the difference of two texts turns the one into the other", (t) => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d", "selector = {"), { maxLength: 40 });
  fc.assert(
    fc.property(text, text, (old, now) => {
      const patch = diffText(old.join("\n"), now.join("\n"), names);
      t.deepEqual(patched(old, patch), now);
    }),
  );
  const long = (word: string): string => Array.from({ length: 9000 }, (_, i) => `${word} ${i}`).join("\n");
  t.is(diffText(long("old"), long("new"), names).length, 2 + 1 + 18000);
});

test("a change is shown with three lines around it", (t) => {
  const lines = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ""];
  t.deepEqual(diffText(lines.join("\n"), lines.join("\n").replace("5", "five"), names), [
    ...["--- a", "+++ b", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"],
  ]);
  t.deepEqual(diffText("", "x\n", names), ["--- a", "+++ b", "@@ -0,0 +1,1 @@", "+x"]);
  t.deepEqual(diffText("x\n", "x\n", names), []);
});

const parkey = "'parkey' : (('P1', 'P2'), ('DATE-OBS',)),";
const rule = (file: string): string =>
  `Match({ ('A', 'X') : UseAfter({ '2000-01-01 00:00:00' : '${file}' }) })`;

const folder = makeCacheFolder({
  "tobs_cam_0001.imap": mappingText(
    "tobs_cam_0001.imap",
    "{ 'FLAT' : 'tobs_cam_flat_0001.rmap', 'DARK' : 'N/A' }",
  ),
  "tobs_cam_0002.imap": mappingText(
    "tobs_cam_0002.imap",
    "{ 'FLAT' : 'tobs_cam_flat_0002.rmap', 'DARK' : 'tobs_cam_dark_0001.rmap' }",
  ),
  "tobs_cam_flat_0001.rmap": mappingText("tobs_cam_flat_0001.rmap", rule("a.txt"), parkey),
  "tobs_cam_flat_0002.rmap": mappingText("tobs_cam_flat_0002.rmap", rule("b.txt"), parkey),
  "tobs_cam_dark_0001.rmap": mappingText("tobs_cam_dark_0001.rmap", rule("d.txt"), parkey),
});
mkdirSync(join(folder, "references", "tobs", "cam"), { recursive: true });
for (const [name, text] of [
  ["a.txt", "one\ntwo\n"],
  ["b.txt", "one\nthree\n"],
] as const)
  writeFileSync(join(folder, "references", "tobs", "cam", name), text);

const pair = ["crds://tobs_cam_0001.imap", "crds://tobs_cam_0002.imap"] as const;
const run = (...words: string[]) =>
  iris(["crds", "diff", ...words], {
    cwd: mkdtempSync(join(tmpdir(), "crds-diff-")),
    env: { CRDS_PATH: folder, CRDS_OBSERVATORY: "tobs" },
  });

test("-U tells every rule of a mapping that comes or goes, in both directions", (t) => {
  const cache = openCache({ path: folder });
  const [a, b] = [loadMapping(cache, "tobs_cam_0001.imap"), loadMapping(cache, "tobs_cam_0002.imap")];
  const tell = (old: typeof a, now: typeof a): string[] =>
    diffMappings(cache, old, now, { recurse: true }).map(formatSquashed);
  t.true(
    tell(a, b).includes(
      "N/A tobs_cam_dark_0001.rmap -- A X -- 2000-01-01 00:00:00 -- added Match rule for d.txt",
    ),
  );
  t.true(
    tell(b, a).includes(
      "tobs_cam_dark_0001.rmap N/A -- A X -- 2000-01-01 00:00:00 -- deleted Match rule for d.txt",
    ),
  );
  t.is(diffMappings(cache, a, b).length, tell(a, b).length - 1);
});

test("--print-affected-modes names the cases, -T the texts, -P the contents of references", async (t) => {
  t.deepEqual(
    (await run(...pair, "--print-affected-modes")).out,
    "cam dark P1='A' P2='X'\ncam flat P1='A' P2='X'\n",
  );
  const texts = await run(...pair, "-T");
  t.regex(texts.out, /--- tobs_cam_flat_0001\.rmap\n\+\+\+ tobs_cam_flat_0002\.rmap/);
  t.regex(texts.out, /-.*'a\.txt',\n\+.*'b\.txt',/);
  t.is(texts.exit, 1);
  const contents = await run(...pair, "-P");
  t.regex(contents.out, / one\n-two\n\+three\n$/);
});

test("two references are compared by their contents", async (t) => {
  const { out, exit } = await run("crds://a.txt", "crds://b.txt");
  t.regex(out, /-two\n\+three/);
  t.is(exit, 1);
  t.deepEqual(await run("crds://a.txt", "crds://a.txt"), { out: "", err: "", exit: 0 });
  const missing = await run("crds://a.txt", "crds://c.txt");
  t.is(missing.exit, 3);
  t.regex(missing.err, /no such reference/);
});
