/** Plans, and runs what was planned, drawing the events: the one way in which commands reduce. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Event } from "../engine/events.js";
import type { Plan } from "../engine/plan-types.js";
import { InputError, OutputError, UsageError } from "../errors.js";
import type { Cli } from "./cli.js";
import { listen } from "./interrupt.js";
import { makeReporter } from "./render/make-reporter.js";
import { formatPlan } from "./render/plan.js";
import {
  emptyEnding,
  exitStatus,
  logReporter,
  tally,
  type Ending,
  type Reporter,
} from "./render/reporter.js";
import { styleFor } from "./render/style.js";
import { fromHere } from "./paths.js";
import { prepareRun, type Fixed, type Prepared } from "./request.js";
import type { RunFlags } from "./run-flags.js";
import { quoteWord } from "./shell-words.js";
import { leaveNote } from "./unfinished.js";
import { unusedWords } from "./unused.js";

/** The plan, and what the user should know of the words that led to it. */
async function planOf(prepared: Prepared, { out }: RunFlags): Promise<{ plan: Plan; notes: string[] }> {
  const { request, plan, typed, notes } = prepared;
  const engine = await import("../engine/index.js");
  if (plan === null) {
    const made = await engine.plan(request);
    return { plan: made, notes: [...notes, ...unusedWords(made, typed, request.host.cwd)] };
  }
  const { host, force } = request;
  const { content, origin } = plan;
  if ([typed.params, typed.refs, typed.skip].some((words) => Object.keys(words).length > 0))
    throw new UsageError("-s, --ref and --skip change nothing in a plan that is given", {
      hint: `edit ${origin}, or plan anew: iris plan FILES -s STEP.PARAMETER=VALUE -o plan.json`,
    });
  const ready = await engine.readyPlan(content, host, {
    origin,
    force,
    command: request.command,
    ...(out === undefined ? {} : { out: request.out }),
  });
  return { plan: ready, notes };
}

/** `iris plan`: prints the plan, or writes it to a file; exit status of the worst that can't be done, 2 where nothing is. */
export async function showPlan(
  cli: Cli,
  words: readonly string[],
  flags: RunFlags,
  fixed: Fixed,
  save?: string,
): Promise<void> {
  const prepared = await prepareRun(cli.host, words, flags, fixed);
  const { plan, notes } = await planOf(prepared, flags);
  if (save !== undefined) {
    const path = resolve(cli.host.cwd, save);
    try {
      writeFileSync(path, `${JSON.stringify(plan, null, 2)}\n`);
    } catch (cause) {
      throw new OutputError(`cannot write the plan to ${save}`, { cause });
    }
  }
  if (cli.json) cli.out(JSON.stringify(plan, null, 2));
  else if (save === undefined) {
    const { cwd, stdout } = cli.host;
    const view = {
      style: styleFor(cli, "stdout"),
      cwd,
      width: stdout.columns ?? 120,
      wide: cli.verbosity > 0,
    };
    cli.out(formatPlan(plan, view));
  }
  if (!cli.quiet) for (const note of notes) cli.err(`${styleFor(cli, "stderr").caution} ${note}`);
  const isNothing = plan.products.length === 0 && plan.problems.length === 0;
  cli.setExit(isNothing ? 2 : Math.max(0, ...plan.problems.map(({ exit }) => exit)));
}

/** Draws the events of a run until it ends or a signal stops it. */
export async function draw(
  events: (signal: AbortSignal) => AsyncIterable<Event>,
  reporters: readonly Reporter[],
): Promise<Ending & { signal: number | null }> {
  const interrupt = listen((text) => reporters.forEach((reporter) => reporter.say(text)));
  const ending = emptyEnding();
  try {
    for await (const event of events(interrupt.signal)) {
      tally(ending, event);
      for (const reporter of reporters) reporter.event(event);
    }
  } finally {
    interrupt.dispose();
  }
  return { ...ending, signal: interrupt.status() };
}

/** What a run has done, for commands that have more to say about it. */
export interface Reduced {
  plan: Plan;
  ending: Ending;
}

/** `iris reduce` and its kin: the whole way from words to products. Gives null after a dry run. */
export async function reduce(
  cli: Cli,
  words: readonly string[],
  flags: RunFlags,
  fixed: Fixed,
): Promise<Reduced | null> {
  if (flags.dryRun) {
    await showPlan(cli, words, flags, fixed);
    return null;
  }
  const prepared = await prepareRun(cli.host, words, flags, fixed);
  const { request, jobs, mem, strict, failFast } = prepared;
  const { plan, notes } = await planOf(prepared, flags);
  const first = plan.problems[0];
  if (plan.products.length === 0 && !first && plan.passed.length > 0)
    throw new UsageError(`nothing to reduce: all ${plan.passed.length} files of the folder are passed over`, {
      hint: `why: iris plan ${prepared.words.map(quoteWord).join(" ")}`,
    });
  if (failFast && first) throw new InputError(first.message, first.hint === null ? {} : { hint: first.hint });
  const reporters = [await makeReporter(cli, request.context)];
  if (flags.logFile !== undefined)
    reporters.push(logReporter(cli, resolve(cli.host.cwd, flags.logFile), request.command));
  for (const note of notes) for (const reporter of reporters) reporter.note(note);
  const { execute } = await import("../engine/index.js");
  const work = plan.products.some(({ reasons }) => reasons.length > 0);
  const note = { cwd: cli.host.cwd, words: [...prepared.words], flags, fixed };
  const forget = work ? leaveNote(request.out, note, cli.host.env) : () => undefined;
  const { host, force } = request;
  const ending = await draw(
    (signal) => execute(plan, { host, jobs, mem, force, failFast, signal }),
    reporters,
  );
  if (!ending.interrupted) forget();
  else if (!cli.json) cli.err(`hint: iris resume ${quoteWord(fromHere(request.out, cli.host.cwd))}`);
  cli.setExit(ending.signal ?? exitStatus(ending, strict));
  return { plan, ending };
}
