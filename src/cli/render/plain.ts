/** One line per finished exposure, for files and pipes; what needs care stands once, at the end. */
import type { Event } from "../../engine/events.js";
import type { Cli } from "../cli.js";
import { fromHere } from "../request.js";
import type { Reporter } from "./reporter.js";
import { styleFor, type Style } from "./style.js";
import { count, formatSeconds } from "./table.js";

type Failure = Extract<Event, { type: "failure" }>;
type Summary = Extract<Event, { type: "summary" }>;

/** Equal words over many exposures are said once, with the exposures behind them. */
function grouped<T>(
  items: readonly T[],
  key: (item: T) => string,
  name: (item: T) => string,
): [string, string][] {
  const groups = new Map<string, string[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), name(item)]);
  return [...groups].map(([text, names]) => [
    text,
    names.length === 1 ? names[0]! : `${names[0]!} and ${count(names.length - 1, "other")}`,
  ]);
}

export interface Talk {
  /** A caveat, failure or note, kept for the end. */
  keep(event: Event): void;
  note(text: string): void;
  /** The last lines of a run. */
  ending(summary: Summary): string[];
}

/** What all reporters for people say at the end. */
export function makeTalk(cli: Cli, style: Style): Talk {
  const caveats: { text: string; input: string }[] = [];
  const failures: Failure[] = [];
  const notes: string[] = [];
  const folders = new Set<string>();
  const here = (path: string) => fromHere(path, cli.host.cwd);
  return {
    keep(event) {
      if (event.type === "caveat") caveats.push({ text: event.message, input: here(event.input) });
      else if (event.type === "failure") failures.push(event);
      else if (event.type === "product") folders.add(here(event.path).replace(/[^/]*$/, "") || "./");
    },
    note: (text) => void notes.push(text),
    ending({ made, fresh, failed, seconds, interrupted }) {
      const warnings = new Set(caveats.map(({ text }) => text)).size + new Set(notes).size;
      const parts = [
        made > 0 || fresh + failed === 0 ? `${style.ok} ${made} reduced` : "",
        fresh > 0 ? `${made > 0 ? "" : `${style.ok} `}${fresh} up to date` : "",
        failed > 0 ? `${style.fail} ${failed} failed` : "",
        warnings > 0 ? count(warnings, "warning") : "",
        [...folders].join(" "),
        formatSeconds(seconds),
      ];
      const lines = cli.quiet ? [] : [parts.filter(Boolean).join("   ")];
      if (!cli.quiet) {
        for (const [text, who] of grouped(
          caveats,
          (c) => c.text,
          (c) => c.input,
        ))
          lines.push(`${style.caution} ${who}: ${text}`);
        for (const text of new Set(notes)) lines.push(`${style.caution} ${text}`);
      }
      const text = ({ message, cause, hint }: Failure) =>
        [message, cause && `  cause: ${cause}`, hint && `  hint: ${hint}`].filter(Boolean).join("\n");
      for (const [said, who] of grouped(failures, text, (f) => here(f.input)))
        lines.push(`${style.fail} ${who}: ${said}`);
      if (interrupted) lines.push("hint: iris resume makes what is missing");
      return lines;
    },
  };
}

/** One line for what has just happened to one exposure; null for events that say nothing by themselves. */
export function eventLine(event: Event, cli: Cli, style: Style): string | null {
  const here = (path: string) => fromHere(path, cli.host.cwd);
  switch (event.type) {
    case "product":
      return `${style.ok} ${here(event.input)} ${style.arrow} ${here(event.path)}   ${formatSeconds(event.seconds)}`;
    case "fresh":
      return cli.verbosity > 0 ? `${style.ok} ${here(event.path)} is up to date` : null;
    case "failure":
      return `${style.fail} ${here(event.input)}`;
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

export function plainReporter(cli: Cli): Reporter {
  const style = styleFor(cli, "stderr");
  const talk = makeTalk(cli, style);
  return {
    event(event) {
      talk.keep(event);
      const text = cli.quiet ? null : eventLine(event, cli, style);
      if (text !== null) cli.err(text);
      if (event.type === "summary") for (const line of talk.ending(event)) cli.err(line);
    },
    note: talk.note,
  };
}
