import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import test from "ava";
import { makeCli } from "../../src/cli/cli.js";
import { expandPattern, isPattern } from "../../src/cli/glob.js";
import { main, registerCommands } from "../../src/cli/main.js";
import { fakeHost, folderWith } from "../helpers/host.js";

const cli = makeCli(fakeHost());
await registerCommands(cli, () => true);

/** Commands that do something themselves, by their full name. */
function leaves(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  const here = path.length === 0 || command.commands.length > 0 ? [] : [{ path: path.join(" "), command }];
  return [...here, ...command.commands.flatMap((each) => leaves(each, [...path, each.name()]))];
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

const examplesIn = (help: string): string[] => [...help.matchAll(/^ +\$ (.*)$/gm)].map(([, line]) => line!);

/** What a shell does with a line, but for what is piped, redirected or done instead. */
function wordsOf(line: string, cwd: string): string[] {
  const own = line.replace(/ (?:>|\||\|\||&&) .*$/, "");
  return [...own.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].flatMap(([, single, double, plain]) => {
    if (plain === undefined) return [single ?? double!];
    const found = isPattern(plain) ? expandPattern(plain, cwd) : [];
    return found.length > 0 ? found : [plain];
  });
}

const all = leaves(cli.program).map(({ path, command }) => ({ path, lines: examplesIn(helpOf(command)) }));

for (const { path, lines } of all)
  test(`iris ${path} --help has two examples or more`, (t) => {
    t.true(lines.length >= 2, `${lines.length} examples`);
  });

/** Settings before the program's name, `CRDS_PATH=x iris …`, are the shell's. */
const withoutVariables = (line: string): string => line.replace(/^(?:[A-Z_]+=\S+ +)+/, "");

for (const { path, lines } of all)
  test(`the examples of iris ${path} say only options that exist`, async (t) => {
    for (const line of lines) {
      const fresh = makeCli(fakeHost());
      await registerCommands(fresh, () => true);
      for (const { command } of leaves(fresh.program)) command.action(() => undefined);
      const [program, ...words] = wordsOf(withoutVariables(line), "/");
      t.is(program, "iris", line);
      await t.notThrowsAsync(fresh.program.parseAsync(words, { from: "user" }), line);
    }
  });

// Examples of the file tools name files of other people, and those of the simulator make up to gigabytes.
const run = all.filter(({ path }) => !/^(sim|crds|fits)\b/.test(path));

test("the examples run, in one folder, one after the other", async (t) => {
  const cwd = folderWith({});
  symlinkSync(resolve("fixtures"), join(cwd, "fixtures"));
  mkdirSync(join(cwd, "raw"));
  mkdirSync(join(cwd, "reduced"));
  writeFileSync(join(cwd, "stars.csv"), "x,y\n100,120\n31,200\n");
  for (const name of ["0001", "0007"])
    copyFileSync("fixtures/iris_utr.fits", join(cwd, "raw", `${name}.fits`));
  const host = fakeHost({ cwd });
  t.is(await main(["reduce", "raw/0001.fits", "fixtures/iris_utr.fits", "-o", "reduced"], host), 0, host.err);
  for (const line of run.flatMap(({ lines }) => lines)) {
    const machine = fakeHost({ cwd });
    const exit = await main(wordsOf(line, cwd).slice(1), machine);
    t.is(exit, 0, `${line}\n${machine.err}`);
  }
});
