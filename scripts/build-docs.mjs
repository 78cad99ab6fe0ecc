/** Writes docs/steps/ and docs/cli.md from the definitions; with --check says whether they are what is there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = (path) => import(join(root, "build", "src", path));
const { makeCli } = await built("cli/cli.js");
const { registerCommands } = await built("cli/main.js");
const { describeStep, defaultWords, localityWords } = await built("cli/render/step.js");
const { builtinSteps, pipelines } = await built("step/registry.js");

const cell = (text) => String(text).replaceAll("|", "\\|").replaceAll("\n", " ");

function table(head, rows) {
  if (rows.length === 0) return [];
  const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

/** One page: what the step does, takes, gives, needs and writes, and where it stands. */
function stepPage(step, places) {
  const d = describeStep(step);
  return [
    `# ${d.name}`,
    "",
    d.summary,
    "",
    `${d.input} → ${d.output}; ${localityWords[d.locality]}. Version ${d.version}. Status keyword \`${d.status}\`.`,
    "",
    ...(d.equation === "" ? [] : ["```", d.equation, "```", ""]),
    ...(d.references.length > 0 ? ["## References", ""] : []),
    ...table(
      ["type", "", "what it is", "header"],
      d.references.map(({ type, required, doc }) => [
        `\`${type}\``,
        required ? "required" : "optional",
        doc,
        `\`R_${type.slice(0, 6)}\``,
      ]),
    ),
    ...(d.members.length > 0 ? ["## Other exposures", ""] : []),
    ...table(
      ["role", "what it is"],
      d.members.map(({ role, doc }) => [`\`${role}\``, doc]),
    ),
    "## Parameters",
    "",
    ...(d.parameters.length === 0 ? ["None.", ""] : []),
    ...table(
      ["name", "takes", "default", "meaning"],
      d.parameters.map((p) => [`\`${p.name}\``, p.takes, `\`${defaultWords(p.default)}\``, p.description]),
    ),
    ...(d.flags.length > 0
      ? ["## Flags that it may set", "", d.flags.map((flag) => `\`${flag}\``).join(", "), ""]
      : []),
    "## Where it stands",
    "",
    ...(places.length === 0 ? ["In no pipeline; `iris step run` runs it."] : places),
    "",
  ].join("\n");
}

/** The pipelines that have the step, with what they change in it. */
function placesOf(name, all) {
  return all.flatMap((pipeline) =>
    pipeline.entries
      .filter(({ step }) => step.name === name)
      .map(({ params = {}, off, when }) => {
        const changes = Object.entries(params).map(([key, value]) => `\`${key}=${JSON.stringify(value)}\``);
        const more = [...changes, ...(off ? [`off: ${off}`] : []), ...(when ? [`when ${when.says}`] : [])];
        return `- \`${pipeline.name}\`${more.length > 0 ? `: ${more.join(", ")}` : ""}`;
      }),
  );
}

async function cliPage() {
  const silent = { write: () => true, columns: 100 };
  const cli = makeCli({
    cwd: root,
    env: {},
    now: () => new Date(0),
    stdin: process.stdin,
    stdout: silent,
    stderr: silent,
  });
  await registerCommands(cli, () => true);
  const lines = ["# The command line", "", "Made from the program's own help by `npm run docs`.", ""];
  const visit = (command, path, depth) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    lines.push(`${"#".repeat(Math.min(depth, 4))} ${path}`, "", "```", help.trim(), "```", "");
    for (const each of command.commands) visit(each, `${path} ${each.name()}`, depth + 1);
  };
  visit(cli.program, "iris", 2);
  return lines.join("\n");
}

const steps = await Promise.all(Object.values(builtinSteps).map((load) => load()));
const all = await Promise.all(Object.values(pipelines).map((load) => load()));
const pages = new Map([["docs/cli.md", await cliPage()]]);
for (const step of steps) pages.set(`docs/steps/${step.name}.md`, stepPage(step, placesOf(step.name, all)));
pages.set(
  "docs/steps/README.md",
  [
    "# Steps",
    "",
    "Made from the definitions by `npm run docs`.",
    "",
    ...table(
      ["step", "", "what it does"],
      steps.map(({ name, input, output, summary }) => [
        `[${name}](${name}.md)`,
        `${input} → ${output}`,
        summary,
      ]),
    ),
  ].join("\n"),
);

const folder = join(root, "docs", "steps");
mkdirSync(folder, { recursive: true });
const gone = readdirSync(folder).filter((name) => !pages.has(`docs/steps/${name}`));

if (process.argv.includes("--check")) {
  const stale = [...pages].filter(
    ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text,
  );
  for (const [path] of stale) console.error(`${path} is not what the definitions say`);
  for (const name of gone) console.error(`docs/steps/${name} describes no step`);
  if (stale.length + gone.length > 0) {
    console.error("hint: npm run docs");
    process.exitCode = 1;
  }
} else {
  for (const name of gone) rmSync(join(folder, name));
  for (const [path, text] of pages) writeFileSync(join(root, path), text);
  console.log(`${pages.size} pages in docs/`);
}
