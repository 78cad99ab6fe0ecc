import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";

const home = () => mkdtempSync(join(tmpdir(), "iris-compiled-"));
const iris = (cache: string, ...words: string[]) =>
  execFileSync("node", ["bin/iris.js", ...words], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    encoding: "utf8",
  });
const kept = (cache: string, name: string) => join(cache, "iris", "compiled", name);

test("what was compiled is kept for each command and isn't written twice", (t) => {
  const cache = home();
  const said = iris(cache, "step", "list");
  iris(cache, "--help");
  t.deepEqual(readdirSync(join(cache, "iris", "compiled")).sort(), ["help", "step"]);
  const before = readFileSync(kept(cache, "step"));
  t.is(iris(cache, "step", "list"), said);
  t.true(before.equals(readFileSync(kept(cache, "step"))));
});

test("the joined program says what it says in any script: it is ASCII itself", (t) => {
  t.true(readFileSync("build/bundle/program.cjs").every((byte) => byte < 128));
  const folder = home();
  iris(home(), "reduce", "fixtures/iris_utr.fits", "-o", folder);
  iris(home(), "report", folder, "-o", join(folder, "page.html"));
  t.true(readFileSync(join(folder, "page.html"), "utf8").includes("↑ all"));
});

test("a command that fails keeps nothing", (t) => {
  const cache = home();
  t.throws(() => iris(cache, "nonsense"));
  t.throws(() => readdirSync(join(cache, "iris")));
});

for (const [what, damage] of Object.entries({
  "damaged in the middle": (bytes: Buffer) =>
    Buffer.concat([bytes.subarray(0, 90_000), bytes.subarray(90_004)]),
  "cut off": (bytes: Buffer) => bytes.subarray(0, 70_000),
  // the first digit of its identity is another one
  "of another build": (bytes: Buffer) => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) as Buffer,
  empty: () => Buffer.alloc(0),
}))
  test(`compiled code that is ${what} is not run but made anew`, (t) => {
    const cache = home();
    const said = iris(cache, "step", "list");
    const whole = readFileSync(kept(cache, "step"));
    const damaged = damage(whole);
    t.false(damaged.equals(whole));
    writeFileSync(kept(cache, "step"), damaged);
    t.is(iris(cache, "step", "list"), said);
    t.false(readFileSync(kept(cache, "step")).equals(damaged));
  });
