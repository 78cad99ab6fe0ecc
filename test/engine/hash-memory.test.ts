import { mkdirSync, mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "ava";
import { openHashMemory } from "../../src/engine/hashes.js";
import { fakeHost } from "../helpers/host.js";

const folder = () => mkdtempSync(join(tmpdir(), "iris-memory-"));

/** A file that changed long ago, and what its hash is remembered by. */
function file(place: string, name: string): { path: string; key: string } {
  const path = join(place, name);
  writeFileSync(path, name);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return { path, key: `content:${dev}:${ino}:${size}:${mtimeNs}` };
}

test("of the lines of a key the last counts, whether few or many are asked for", (t) => {
  const place = folder();
  const store = join(place, "iris", "hashes.jsonl");
  mkdirSync(dirname(store), { recursive: true });
  const [a, b, c] = ["a", "bb", "ccc"].map((name) => file(place, name)) as [
    ReturnType<typeof file>,
    ReturnType<typeof file>,
    ReturnType<typeof file>,
  ];
  // a key may be the end of another line's
  writeFileSync(store, `${a.key} first\nx${b.key} wrong\n${b.key} two\n${a.key} last\n`);
  const memory = openHashMemory(fakeHost({ env: { XDG_CACHE_HOME: place } }));
  for (let asked = 0; asked < 50; asked++) {
    t.is(memory.get(a.path, "content"), "last");
    t.is(memory.get(b.path, "content"), "two");
    t.is(memory.get(c.path, "content"), undefined);
  }
});

test("what is remembered is there at once and for the next process, and isn't written twice", (t) => {
  const place = folder();
  const { path, key } = file(place, "a");
  const host = fakeHost({ env: { XDG_CACHE_HOME: place } });
  const memory = openHashMemory(host);
  memory.set(path, "content", "1234");
  memory.set(path, "content", "1234");
  t.is(memory.get(path, "content"), "1234");
  t.is(openHashMemory(host).get(path, "content"), "1234");
  t.is(readFileSync(join(place, "iris", "hashes.jsonl"), "utf8"), `${key} 1234\n`);
});
