/** Progress bars on a terminal: one per exposure in work, one for all of them. */
import cliProgress, { type SingleBar } from "cli-progress";
import type { Event } from "../../engine/events.js";
import type { Cli } from "../cli.js";
import { fromHere } from "../paths.js";
import { eventLine, makeTalk } from "./plain.js";
import type { Reporter } from "./reporter.js";
import { hasUnicode, styleFor } from "./style.js";
import { count, cutLeft, formatSeconds } from "./table.js";

type Progress = Extract<Event, { type: "progress" }>;

const BAR_WIDTH = 24;
const NAME_WIDTH = 32;
const STEP_WIDTH = 11;

export function ttyReporter(cli: Cli, context?: string): Reporter {
  const style = styleFor(cli, "stderr");
  const talk = makeTalk(cli, style, context);
  const unicode = hasUnicode(cli.host.env);
  const began = performance.now();
  const [full, rest] = unicode ? ["━", "─"] : ["#", "-"];
  const bars = new cliProgress.MultiBar(
    {
      stream: cli.host.stderr as NodeJS.WriteStream,
      format: (_options, { progress }, { step, name, end }: Record<string, string>) => {
        const filled = Math.round(Math.min(1, progress) * BAR_WIDTH);
        const bar = style.good(full.repeat(filled)) + style.dim(rest.repeat(BAR_WIDTH - filled));
        return `  ${step!.padEnd(STEP_WIDTH)} ${bar}  ${name!}  ${end!}`;
      },
      fps: 12,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
      // The first Ctrl-C is ours: the run goes on to the end of its bands.
      gracefulExit: false,
      linewrap: false,
      emptyOnZero: true,
    },
    cliProgress.Presets.legacy,
  );
  const working = new Map<string, { bar: SingleBar; input: string }>();
  const shares = new Map<string, number>();
  let total: SingleBar | undefined;
  let wanted = 0;
  let finished = 0;

  function remaining(share: number): string {
    const spent = (performance.now() - began) / 1000;
    return share > 0.02 && spent > 1 ? `${formatSeconds((spent * (1 - share)) / share)} left` : "";
  }

  function drawTotal(): void {
    const share = [...shares.values()].reduce((sum, each) => sum + each, 0) / Math.max(wanted, 1);
    total?.update(share, {
      step: "",
      name: `${finished} of ${count(wanted, "exposure")} done`,
      end: remaining(share),
    });
  }

  function progress({ output, input, step, done, total: all }: Progress): void {
    const share = all > 0 ? done / all : 0;
    shares.set(output, share);
    const name = cutLeft(fromHere(input, cli.host.cwd), NAME_WIDTH);
    const end = wanted > 1 ? "" : remaining(share);
    const known = working.get(output);
    if (known) known.bar.update(share, { step, name, end });
    else working.set(output, { bar: bars.create(1, share, { step, name, end }), input });
    drawTotal();
  }

  function finish(output: string | undefined): void {
    finished++;
    if (output === undefined) return;
    shares.set(output, 1);
    const known = working.get(output);
    if (known) bars.remove(known.bar);
    working.delete(output);
    drawTotal();
  }

  function say(line: string | null): void {
    // Above the bars, which are then drawn again below it.
    if (line !== null) bars.log(`${line}\n`);
  }

  return {
    event(event) {
      talk.keep(event);
      switch (event.type) {
        case "start":
          wanted = event.products;
          if (wanted > 1) total = bars.create(1, 0, { step: "", name: count(wanted, "exposure"), end: "" });
          return;
        case "progress":
          return progress(event);
        case "product":
          finish(event.path);
          return say(eventLine(event, cli, style, wanted > 1));
        case "spared":
          finish(event.path);
          return say(eventLine(event, cli, style, wanted > 1));
        case "failure":
          finish([...working].find(([, { input }]) => input === event.input)?.[0]);
          return say(eventLine(event, cli, style, wanted > 1));
        case "summary":
          // Lines that wait for the next frame must not be lost with it.
          bars.update();
          bars.stop();
          return talk.ending(event).forEach((line) => cli.err(line));
        default:
          return say(eventLine(event, cli, style, wanted > 1));
      }
    },
    note: talk.note,
    say,
  };
}
