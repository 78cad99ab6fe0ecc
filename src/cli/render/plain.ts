/** One line per finished exposure, for files and pipes; what needs care stands once, at the end. */
import type { Event } from "../../engine/events.js";
import type { Cli } from "../cli.js";
import { fromHere, shorten } from "../paths.js";
import type { Reporter } from "./reporter.js";
import { quoteWord } from "../shell-words.js";
import { styleFor, type Style } from "./style.js";
import { count, formatSeconds } from "./table.js";

type Failure = Extract<Event, { type: "failure" }>;
type Summary = Extract<Event, { type: "summary" }>;

/** Three lines at most; the file is named once. Failures of one kind over many files are one with a count. */
function failureLines({ input, message, cause, hint }: Failure, cwd: string, style: Style): string[] {
  const who = fromHere(input, cwd);
  const said = shorten(message, cwd);
  return [
    `${style.fail} ${said.includes(who) ? said : `${who}: ${said}`}`,
    ...(cause === null ? [] : [`  cause: ${shorten(cause, cwd)}`]),
    ...(hint === null ? [] : [`  hint: ${shorten(hint, cwd)}`]),
  ];
}

interface Said {
  text: string;
  input: string;
}

/** Equal words over many exposures are said once; exposures about which the same was said are named once. */
function caveatLines(caveats: readonly Said[], style: Style): string[] {
  const inputsOf = new Map<string, Set<string>>();
  for (const { text, input } of caveats)
    inputsOf.set(text, (inputsOf.get(text) ?? new Set<string>()).add(input));
  const textsOf = new Map<string, string[]>();
  for (const [text, inputs] of inputsOf) {
    const [first, ...others] = inputs;
    const who = others.length === 0 ? first! : `${first!} and ${count(others.length, "other")}`;
    textsOf.set(who, [...(textsOf.get(who) ?? []), text]);
  }
  return [...textsOf].flatMap(([who, texts]) =>
    texts.length === 1
      ? [`${style.caution} ${who}: ${texts[0]!}`]
      : [`${style.caution} ${who}`, ...texts.map((text) => `    ${text}`)],
  );
}

/** "2 the truth of a simulation, 12 FLAT that nothing needs", products of files in one. */
function reasons(whys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const why of whys) {
    const kind = why.startsWith("a product of") ? "a product of others" : why;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([why, n]) => `${n} ${why}`).join(", ");
}

/** Failures whose words differ only by the file that they name. */
function alike(failures: readonly Failure[]): Failure[][] {
  const kinds = new Map<string, Failure[]>();
  for (const failure of failures) {
    const kind = `${failure.code} ${failure.message.replaceAll(failure.input, "")} ${failure.cause ?? ""}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), failure]);
  }
  return [...kinds.values()];
}

export interface Talk {
  /** A caveat, failure or note, kept for the end. */
  keep(event: Event): void;
  note(text: string): void;
  /** The last lines of a run. */
  ending(summary: Summary): string[];
}

/** What all reporters for people say at the end; `context` is the one that the user has named. */
export function makeTalk(cli: Cli, style: Style, context: string | undefined): Talk {
  const caveats: { text: string; input: string }[] = [];
  const failures: Failure[] = [];
  const notes: string[] = [];
  const passed: string[] = [];
  const insertable: string[] = [];
  let spared = 0;
  const folders = new Set<string>();
  const here = (path: string) => fromHere(path, cli.host.cwd);
  return {
    keep(event) {
      if (event.type === "caveat") caveats.push({ text: event.message, input: here(event.input) });
      else if (event.type === "failure") failures.push(event);
      else if (event.type === "passed") passed.push(event.why);
      else if (event.type === "spared") spared++;
      else if (event.type === "product") {
        folders.add(here(event.path).replace(/[^/]*$/, "") || "./");
        if (event.verdict?.fit && event.verdict.cacheable) insertable.push(here(event.path));
      }
    },
    note: (text) => void notes.push(text),
    ending({ made, fresh, failed, seconds, interrupted }) {
      const warnings = new Set(caveats.map(({ text }) => text)).size + new Set(notes).size;
      const parts = [
        interrupted ? `${style.caution} interrupted` : "",
        made > 0 || (fresh + failed === 0 && !interrupted) ? `${style.ok} ${made} reduced` : "",
        fresh > 0 ? `${made > 0 ? "" : `${style.ok} `}${fresh} up to date` : "",
        spared > 0 ? `${spared} not needed` : "",
        failed > 0 ? `${style.fail} ${failed} failed` : "",
        warnings > 0 ? count(warnings, "warning") : "",
        [...folders].join(" "),
        formatSeconds(seconds),
      ];
      const lines = cli.quiet ? [] : [parts.filter(Boolean).join("   ")];
      if (!cli.quiet) {
        if (passed.length > 0)
          lines.push(
            style.dim(`  ${count(passed.length, "file")} passed over: ${reasons(passed)} (which: iris plan)`),
          );
        lines.push(...caveatLines(caveats, style));
        for (const text of new Set(notes)) lines.push(`${style.caution} ${text}`);
        if (insertable.length > 0) lines.push(insertLine(insertable, context));
      }
      for (const [first, ...others] of alike(failures)) {
        lines.push(...failureLines(first!, cli.host.cwd, style));
        if (others.length > 0)
          lines.push(
            `  and so ${count(others.length, "other")}: ${others.map((f) => here(f.input)).join(" ")}`,
          );
      }
      return lines;
    },
  };
}

/** Of a calibration: whether it is fit for the cache and why; of one without rules the command that uses it. */
function verdictLines(
  { verdict }: Extract<Event, { type: "product" }>,
  path: string,
  style: Style,
): string[] {
  if (!verdict) return [];
  const { fit, why, type, cacheable } = verdict;
  const what = `fit for ${cacheable ? "the cache" : "use"}:`;
  if (!fit) return [`  ${what} ${style.warn("no")}, because ${why}`];
  const yes = `  ${what} yes, because ${why}`;
  if (cacheable) return [yes];
  const file = quoteWord(path);
  return [
    yes,
    `  next: iris reduce FILES ${type === "sky" ? `--background ${file}` : `--ref ${type}=${file}`}`,
  ];
}

/** The command that puts new calibrations into the rules that were used, so that the next run finds them. */
function insertLine(paths: readonly string[], context: string | undefined): string {
  const from = context === undefined ? [] : ["--context", quoteWord(context)];
  return ["next: iris crds insert", ...paths.map(quoteWord), ...from, "--pin"].join(" ");
}

/** What has just happened to one exposure, in a line or a few; null for events that say nothing by themselves. */
export function eventLine(event: Event, cli: Cli, style: Style, many: boolean): string | null {
  const here = (path: string) => fromHere(path, cli.host.cwd);
  switch (event.type) {
    case "product":
      return [
        `${style.ok} ${here(event.input)} ${style.arrow} ${here(event.path)}   ${formatSeconds(event.seconds)}`,
        ...verdictLines(event, here(event.path), style),
      ].join("\n");
    case "passed":
      return cli.verbosity > 0 ? style.dim(`  ${here(event.input)} passed over: ${event.why}`) : null;
    case "fresh":
      return cli.verbosity > 0 ? `${style.ok} ${here(event.path)} is up to date` : null;
    case "spared":
      return cli.verbosity > 0
        ? style.dim(`  ${here(event.path)} isn't needed: ${here(event.instead)} stands for it`)
        : null;
    case "failure":
      // What went wrong stands at the end; where many are in work it is good to know at once.
      return many ? `${style.fail} ${here(event.input)}` : null;
    case "reason":
      return cli.verbosity > 0
        ? style.dim(
            `  ${here(event.output)}: ${[event.reasons.join(", "), event.detail].filter(Boolean).join(" — ")}`,
          )
        : null;
    default:
      return null;
  }
}

export function plainReporter(cli: Cli, context?: string): Reporter {
  const style = styleFor(cli, "stderr");
  const talk = makeTalk(cli, style, context);
  let many = false;
  return {
    event(event) {
      talk.keep(event);
      if (event.type === "start") many = event.products > 1;
      const text = cli.quiet ? null : eventLine(event, cli, style, many);
      if (text !== null) cli.err(text);
      if (event.type === "summary") for (const line of talk.ending(event)) cli.err(line);
    },
    note: talk.note,
    say: (line) => {
      if (!cli.quiet) cli.err(line);
    },
  };
}
