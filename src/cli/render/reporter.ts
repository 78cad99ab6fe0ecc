/** A reporter draws the events of a run; the three of them and the log file draw the same ones. */
import { appendFileSync } from "node:fs";
import type { Event } from "../../engine/events.js";
import type { Cli } from "../cli.js";

export interface Reporter {
  event(event: Event): void;
  /** Sentences for the end of the run, besides the caveats. */
  note(text: string): void;
  /** A sentence for now. */
  say(text: string): void;
}

/** How a run ended, gathered from its events. */
export interface Ending {
  made: number;
  fresh: number;
  failed: number;
  caveats: number;
  interrupted: boolean;
  /** Highest exit status that a failure asks for. */
  worst: number;
}

export const emptyEnding = (): Ending => ({
  made: 0,
  fresh: 0,
  failed: 0,
  caveats: 0,
  interrupted: false,
  worst: 0,
});

/** Counts one event into an ending. */
export function tally(ending: Ending, event: Event): void {
  if (event.type === "product") ending.made++;
  else if (event.type === "fresh") ending.fresh++;
  else if (event.type === "caveat") ending.caveats++;
  else if (event.type === "failure") {
    ending.failed++;
    ending.worst = Math.max(ending.worst, event.exit);
  } else if (event.type === "summary") ending.interrupted = event.interrupted;
}

/**
 * 0 done; 1 some exposures failed and the others are finished; when none could be finished, the status of the failure;
 * 4 with `strict` when there are caveats.
 */
export function exitStatus(ending: Ending, strict: boolean): number {
  if (ending.interrupted) return 130;
  if (ending.failed > 0) return ending.made + ending.fresh > 0 ? 1 : ending.worst;
  return strict && ending.caveats > 0 ? 4 : 0;
}

/** Appends each event with its time (UTC) to a file, progress left out. */
export function logReporter(cli: Cli, path: string, command: string): Reporter {
  const write = (entry: object) =>
    appendFileSync(path, `${JSON.stringify({ time: cli.host.now().toISOString(), ...entry })}\n`);
  write({ v: 1, type: "run", command });
  return {
    event: (event) => {
      if (event.type !== "progress") write(event);
    },
    note: (text) => write({ v: 1, type: "note", message: text }),
    say: () => undefined,
  };
}
