/** A machine on which nothing is set up, or wrongly: what `iris` says must be enough. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { packageRoot } from "../../src/package.js";

const home = mkdtempSync(join(tmpdir(), "first-run-"));
const bin = join(home, "bin");
mkdirSync(bin);
writeFileSync(
  join(bin, "iris"),
  `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, "bin", "iris.js")}' "$@"\n`,
);
chmodSync(join(bin, "iris"), 0o755);

/** Whoever asks for a connection is told that there is no network. */
const offline =
  "import net from 'node:net'; net.Socket.prototype.connect = () => { throw new Error('no network'); };";

interface Said {
  out: string;
  err: string;
  status: number | null;
}

/** Lines of a shell on a machine without network and with an empty home. */
function shell(...lines: string[]): Said {
  const done = spawnSync("/bin/sh", ["-c", lines.join("\n")], {
    cwd: home,
    encoding: "utf8",
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: home,
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(offline)}"`,
    },
  });
  return { out: done.stdout, err: done.stderr, status: done.status };
}

/** What a hint tells to type, `unset X` and whole commands; paths as from the home folder. */
function commandsIn(text: string): string[] {
  const [, hint = ""] = /^ *hint: (.*)$/m.exec(text) ?? [];
  const commands = /unset [A-Z_]+|(?:[A-Z_]+=(?:'[^']*'|\S+) )?iris [^;]*/g;
  return hint.replaceAll(`${home}/`, "").match(commands) ?? [];
}

const look = `iris crds bestrefs ${join(packageRoot, "fixtures", "iris_utr.fits")} --types flat`;
const answer = /flat {2}tmt_iris_flat_0003\.fits/;

for (const [what, setting] of [
  ["unset", ""],
  ["empty", "export CRDS_PATH="],
] as const) {
  test(`CRDS_PATH ${what}: the cache that comes with iris answers, and doctor is content`, (t) => {
    const looked = shell(setting, look);
    t.regex(looked.out, answer, looked.err);
    t.is(looked.status, 0);
    const { out, status } = shell(setting, "iris doctor");
    t.is(status, 0, out);
    t.regex(out, /calibrations: the one that comes with iris/);
  });
}

const empty = join(home, "empty cache");
const bare = join(home, "bare");
mkdirSync(empty);
mkdirSync(join(bare, "mappings", "tmt"), { recursive: true });

for (const [what, path] of [
  ["no folder", join(home, "nowhere")],
  ["an empty folder", empty],
  ["a folder without a context", bare],
] as const) {
  test(`CRDS_PATH is ${what}: each thing that the error and doctor tell to type helps`, (t) => {
    const setting = `export CRDS_PATH='${path}'`;
    const looked = shell(setting, look);
    t.is(looked.status, 3, looked.out);
    const doctor = shell(setting, "iris doctor");
    t.is(doctor.status, 1, doctor.out);
    const told = commandsIn(looked.err);
    t.deepEqual(commandsIn(doctor.out), told, "doctor says the same");
    t.is(told.length, 2);
    for (const command of told) {
      const after = shell(setting, command, look);
      t.regex(after.out, answer, `${command}\n${after.err}`);
      t.is(after.status, 0);
    }
    t.is(readdirSync(join(path, "references", "tmt", "iris")).length, 9);
    t.is(shell(setting, "iris doctor").status, 0);
  });
}

test("CRDS_CONTEXT is none of the cache: each thing that the error and doctor tell to type helps", (t) => {
  const setting = "export CRDS_CONTEXT=tmt_9999.pmap";
  const looked = shell(setting, look);
  t.is(looked.status, 3, looked.out);
  const doctor = shell(setting, "iris doctor");
  t.is(doctor.status, 1, doctor.out);
  const [unset, list] = commandsIn(looked.err) as [string, string];
  t.deepEqual(commandsIn(doctor.out), [unset, list]);
  t.regex(shell(setting, unset, look).out, answer);
  const context = shell(setting, list).out.trim();
  t.regex(shell(setting, `${look} --context ${context}`).out, answer);
});

test("sync without a source, or into the cache that comes with iris, names a command that works", (t) => {
  const own = `CRDS_PATH='${join(home, "mirror")}'`;
  t.regex(shell(`${own} iris crds sync`).err, /--from FOLDER/);
  const { err, status } = shell("iris crds sync");
  t.is(status, 2);
  t.regex(err, /CRDS_PATH=\S+ iris crds sync --from SERVER/);
});
