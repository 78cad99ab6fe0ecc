import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { main } from "../../../src/cli/main.js";
import { fixture } from "../../engine/helpers.js";
import { fakeHost, folderWith } from "../../helpers/host.js";

const cwd = folderWith({});
const XDG_CACHE_HOME = join(cwd, "cache");

async function iris(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost({ cwd, env: { XDG_CACHE_HOME } });
  const status = await main(words, host);
  return { status, out: host.out, err: host.err };
}

const page = (name: string): string => readFileSync(join(cwd, name), "utf8");

/** Every tag of a page, without what lies between. */
const tags = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];

/** A header that would be a programme, if it were taken for one. */
const evil = `<script>alert(1)</script>"'>`;

test.before(async (t) => {
  t.timeout(60_000);
  mkdirSync(join(cwd, "raw"));
  copyFileSync(fixture("iris_sci_rate.fits"), join(cwd, "raw", "a&b<i>_rate.fits"));
  copyFileSync(fixture("iris_sci_rate.fits"), join(cwd, "raw", "plain_rate.fits"));
  t.is((await iris("fits", "set", "raw/a&b<i>_rate.fits", "-k", `OBJECT=${evil}`)).status, 0);
  t.is((await iris("reduce", "-r", "raw/", "-o", "red", "-s", "dark_sub.propagate_err=false")).status, 0);
});

test.after.always(() => {
  rmSync(cwd, { recursive: true });
});

test.serial("a folder of products becomes one page that needs nothing beside itself", async (t) => {
  const { status, out, err } = await iris("report", "red", "-o", "r.html");
  t.is(status, 0, err);
  t.is(out, "r.html\n");
  const text = page("r.html");
  t.is(text.match(/<img /g)?.length, 4, "before and after of two exposures");
  for (const [, address] of text.matchAll(/ (?:src|href)="([^"]*)"/g))
    t.regex(address!, /^(data:image\/png;base64,|#)/);
  t.false(/<(script|link|iframe|object)\b|url\(|@import/.test(text));
  for (const [, target] of text.matchAll(/href="#([^"]*)"/g))
    t.true(text.includes(`id="${target!}"`), target);
});

test.serial("it says which calibrations were used and why, what was set, and the commands", (t) => {
  const text = page("r.html");
  t.true(/FLAT<\/td>.*\.fits.*\.pmap → .*flat.*\.rmap/.test(text));
  t.true(text.includes("propagate_err=false"));
  t.true(
    /<pre>iris reduce --recursive raw\/ --set dark_sub\.propagate_err=false --context \w+\.pmap -o red<\/pre>/.test(
      text,
    ),
  );
  t.true(/iris crds explain .* --context /.test(text));
  t.true(text.includes("iris status red"));
});

test.serial(
  "typed as it stands, the command finds everything up to date; from elsewhere it goes back first",
  async (t) => {
    const [, command] = /To repeat<\/h2>[^]*?<pre>iris (.*)<\/pre>/.exec(page("r.html"))!;
    const { status, err } = await iris(...command!.split(" "));
    t.is(status, 0, err);
    t.regex(err, /2 up to date/);
    const host = fakeHost({ cwd: join(cwd, "red"), env: { XDG_CACHE_HOME } });
    t.is(await main(["report", ".", "-o", "../r2.html", "--size", "0"], host), 0, host.err);
    t.true(page("r2.html").includes(`<pre>cd ${cwd} &amp;&amp; iris reduce `));
  },
);

test.serial("exposures that nobody has measured: the page says how, and then shows it", async (t) => {
  const [, command] = /measured on request[^]*?<pre>iris (.*)<\/pre>/.exec(page("r.html"))!;
  t.regex(command!, /^qa .*red\/plain_cal\.fits .*-o red$/);
  t.is((await iris("qa", "red/plain_cal.fits", "-o", "red")).status, 0);
  t.is((await iris("report", "red/plain_cal.fits", "--size", "0", "-o", "measured.html")).status, 0);
  t.regex(page("measured.html"), /<dt>FWHM<\/dt>/);
  t.false(page("measured.html").includes("measured on request"));
});

test.serial("words of headers and names of files stay words", (t) => {
  const text = page("r.html");
  t.true(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
  t.true(text.includes("a&amp;b&lt;i&gt;_cal.fits"));
  const names = new Set(tags(text).map((tag) => /^<\/?([a-z0-9]*)/i.exec(tag)![1]));
  t.false(names.has("script"));
  t.false(names.has("i"));
  t.deepEqual(
    tags(text).filter((tag) => / on[a-z]+=/i.test(tag.replace(/"[^"]*"/g, '""'))),
    [],
  );
  t.true(/Content-Security-Policy" content="default-src 'none'/.test(text));
});

test.serial("a title of the user's is escaped, too; --size 0 draws nothing", async (t) => {
  t.is((await iris("report", "red", "--title", evil, "--size", "0", "-o", "title.html")).status, 0);
  const text = page("title.html");
  t.true(text.includes(`<title>&lt;script&gt;`));
  t.false(text.includes("<img"));
});

test.serial("--json tells what stands on the page", async (t) => {
  const { out } = await iris("--json", "report", "red/.iris/ledger.jsonl", "--size", "0", "-o", "json.html");
  const told = JSON.parse(out) as { products: { path: string; seconds: number; measured: object }[] };
  t.is(told.products.length, 2);
  t.true(told.products.every(({ seconds, path }) => seconds > 0 && existsSync(path)));
  t.true("DATAMAX" in told.products[0]!.measured);
});

test.serial("events of a run bring what failed; products that went are said", async (t) => {
  const product = join(cwd, "red", "plain_cal.fits");
  const events = [
    { v: 1, type: "product", input: "x", path: product, quicklook: null, seconds: 1 },
    {
      v: 1,
      type: "product",
      input: "y",
      path: join(cwd, "red", "gone_cal.fits"),
      quicklook: null,
      seconds: 1,
    },
    {
      v: 1,
      type: "failure",
      input: "bad.fits",
      code: "E",
      message: "no flat",
      cause: null,
      hint: "do <it>",
      exit: 1,
    },
  ];
  writeFileSync(
    join(cwd, "run.jsonl"),
    `${events.map((event) => JSON.stringify(event)).join("\n")}\n{"v":1,"ty`,
  );
  const { status, err } = await iris("report", "run.jsonl", "--size", "0", "-o", "events.html");
  t.is(status, 0, err);
  const text = page("events.html");
  t.true(text.includes("bad.fits: no flat"));
  t.true(text.includes("hint: do &lt;it&gt;"));
  t.true(text.includes("gone_cal.fits was made and isn’t there any more"));
});

test.serial("a product tells enough without its ledger, and a page without its inputs", async (t) => {
  mkdirSync(join(cwd, "alone"));
  copyFileSync(join(cwd, "red", "plain_cal.fits"), join(cwd, "alone", "plain_cal.fits"));
  rmSync(join(cwd, "raw", "plain_rate.fits"));
  t.is((await iris("report", "alone", "-o", "alone.html")).status, 0);
  const text = page("alone.html");
  t.true(text.includes("plain_rate.fits isn&#39;t there any more"));
  t.is(text.match(/<img /g)?.length, 1);
});

test.serial("a mosaic of two detectors isn't said to be of the first", async (t) => {
  mkdirSync(join(cwd, "two"));
  for (const detector of ["IMG1", "IMG2"]) {
    copyFileSync(fixture("iris_sci_rate.fits"), join(cwd, "two", `${detector}_rate.fits`));
    t.is((await iris("fits", "set", `two/${detector}_rate.fits`, "-k", `DETECTOR=${detector}`)).status, 0);
  }
  const { status, err } = await iris("reduce", "two/*.fits", "--pipeline", "image3", "-o", "mosaic");
  t.is(status, 0, err);
  t.is((await iris("report", "mosaic", "--size", "0", "-o", "mosaic.html")).status, 0);
  t.regex(page("mosaic.html"), /SIM FIELD · IRIS · MULTIPLE · /);
});

test.serial("a page is made again, but a file of the user's isn't overwritten", async (t) => {
  t.is((await iris("report", "alone", "-o", "alone.html")).status, 0);
  writeFileSync(join(cwd, "mine.html"), "<p>mine</p>");
  const { status, err } = await iris("report", "alone", "-o", "mine.html");
  t.is(status, 2, err);
  t.is(page("mine.html"), "<p>mine</p>");
  t.is((await iris("report", "alone", "-o", "mine.html", "--force")).status, 0);
});

test.serial("without any product there is nothing to report", async (t) => {
  mkdirSync(join(cwd, "empty"));
  t.not((await iris("report", "empty")).status, 0);
  const { status, err } = await iris("report", fixture("iris_sci_rate.fits"));
  t.is(status, 3, err);
  t.regex(err, /has no record of its making/);
});
