/** Transcripts of the field's command line: the lines of data and the exit status of the same words given to ours. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { main } from "../../../src/cli/main.js";
import type { Host } from "../../../src/host.js";
import type { Tally } from "./tally.js";

interface Transcript {
  command: string;
  lines: string[];
  exit: number;
}

/** What we answer in another form on purpose, and why. */
const differs: readonly [RegExp, string][] = [
  [/^crds list .*--(config|tpns|cached-pickles)/, "prints what only the Python program has"],
];

/** Lines of `list --status` about Python and the Python program. */
const ownSetUp = /^(CRDS Version|CRDS_MODE|Cache Locking|Python \w+) = /;

export async function checkTranscripts(file: string, root: string, tally: Tally): Promise<void> {
  const observatory = basename(file, ".txt");
  for (const transcript of readTranscripts(readFileSync(file, "utf8"))) {
    const { command, lines, exit } = transcript;
    const reason = differs.find(([form]) => form.test(command))?.[1];
    if (reason !== undefined) {
      tally.apart(`${command}: ${reason}`);
      continue;
    }
    const got = await runOurs(command.split(" "), root, observatory);
    if (
      lines.some((line) => line.includes("(uncaught exception)")) &&
      (got.exit === 0 || /print-all-new-files/.test(command))
    ) {
      tally.apart(`${command}: ends in an uncaught exception there`);
      continue;
    }
    if (command.startsWith("crds certify")) {
      judgeCertify(transcript, got, tally);
      continue;
    }
    // real CRDS reports a context that can't be loaded, or an exception, on stderr; data lines and failure are compared
    const failed = lines.some((line) => /Failed loading|uncaught exception/.test(line));
    const data = lines.filter((line) => !/^CRDS - |uncaught exception/.test(line) && !ownSetUp.test(line));
    const expected = data.flatMap(words);
    const ours = got.out.split("\n").flatMap((line) => words(line.replaceAll(root, "$CRDS_PATH")));
    if (failed ? got.exit === 0 : got.exit !== exit)
      tally.fail(command, `exit ${got.exit}: ${got.err.trim()}`);
    else if (!failed && expected.join("\n") !== ours.join("\n"))
      tally.fail(command, firstDifference(expected, ours));
    else tally.pass();
  }
}

function readTranscripts(text: string): Transcript[] {
  const found: Transcript[] = [];
  for (const line of text.split("\n")) {
    const end = /^\[exit (\d+)\]$/.exec(line);
    if (line.startsWith("$ ")) found.push({ command: line.slice(2), lines: [], exit: 0 });
    else if (end) found.at(-1)!.exit = Number(end[1]);
    else if (line.trim() !== "") found.at(-1)?.lines.push(line);
  }
  return found;
}

/** Errors are compared but for those of the .tpn tables (values "not in (…)") and of a comparison context that isn't there. */
function judgeCertify(
  { command, lines }: Transcript,
  got: { out: string; exit: number },
  tally: Tally,
): void {
  const errors = lines.filter((line) => line.startsWith("CRDS - ERROR"));
  const beyond = errors.filter((line) => / is not in \(|No such file or directory/.test(line));
  const expected = errors.length - beyond.length;
  const ours = got.out.split("\n").filter((line) => line.startsWith("✗")).length;
  if (expected > 0 === ours > 0 && got.exit === (ours > 0 ? 1 : 0)) tally.pass();
  else tally.fail(command, `${ours} errors instead of ${expected}: ${got.out.slice(0, 200)}`);
  if (beyond.length > 0)
    tally.apart(`${command}: ${beyond.length} errors of tables which only the observatory's own package has`);
}

/** Names and values; Python's brackets, titles between dashes and blanks at the ends don't count. */
function words(line: string): string[] {
  if (/^-{5,}.*-{5,}$/.test(line.trim())) return [];
  const list = /^(\S+?)(?::| =) \[(.*)\]$/.exec(line);
  const text = list ? `${list[1]}: ${list[2]!.replace(/[',]/g, "")}` : line;
  return text.trim() === "" ? [] : [text.trim().replace(/\s+/g, " ")];
}

function firstDifference(a: readonly string[], b: readonly string[]): string {
  const i = a.findIndex((line, at) => line !== b[at]);
  const at = i < 0 ? a.length : i;
  return `line ${at + 1}: expected ${a[at] ?? "(end)"}, got ${b[at] ?? "(end)"}`;
}

async function runOurs(
  argv: string[],
  root: string,
  observatory: string,
): Promise<{ out: string; err: string; exit: number }> {
  const [out, err] = [collector(), collector()];
  const host: Host = {
    cwd: root,
    env: {
      CRDS_PATH: root,
      CRDS_OBSERVATORY: observatory,
      CRDS_SERVER_URL: "https://crds-serverless-mode.stsci.edu",
      CRDS_READONLY_CACHE: "1",
    },
    now: () => new Date(0),
    stdin: new PassThrough(),
    stdout: out.stream,
    stderr: err.stream,
  };
  const exit = await main(argv, host);
  return { out: out.text(), err: err.text(), exit };
}

function collector(): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}
