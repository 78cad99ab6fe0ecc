/** Plans, and runs what was planned, drawing the events: the one way in which commands reduce. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plan } from "../engine/plan-types.js";
import { OutputError } from "../errors.js";
import type { Cli } from "./cli.js";
import { listen } from "./interrupt.js";
import {
  emptyEnding,
  exitStatus,
  logReporter,
  makeReporter,
  tally,
  type Reporter,
} from "./render/reporter.js";
import { formatPlan } from "./render/plan.js";
import { styleFor } from "./render/style.js";
import { prepareRun, type Fixed, type Prepared } from "./request.js";
import type { RunFlags } from "./run-flags.js";

async function planOf({ request, plan }: Prepared): Promise<Plan> {
  return plan ?? (await import("../engine/index.js")).plan(request);
}

/** `iris plan`: prints the plan, or writes it to a file; exit status of the first thing that can't be done. */
export async function showPlan(
  cli: Cli,
  words: readonly string[],
  flags: RunFlags,
  fixed: Fixed,
  save?: string,
): Promise<void> {
  const prepared = await prepareRun(cli.host, words, flags, fixed);
  const plan = await planOf(prepared);
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
    const style = styleFor(cli, "stdout");
    cli.out(
      formatPlan(plan, {
        style,
        cwd: cli.host.cwd,
        width: cli.host.stdout.columns ?? 120,
        wide: cli.verbosity > 0,
      }),
    );
    for (const note of prepared.notes) cli.err(`${styleFor(cli, "stderr").caution} ${note}`);
  }
  cli.setExit(Math.max(0, ...plan.problems.map(({ exit }) => exit)));
}

/** Runs a plan to its end or to the first signal; gives the exit status. */
export async function runPlan(
  cli: Cli,
  plan: Plan,
  prepared: Prepared,
  reporters: readonly Reporter[],
): Promise<number> {
  const { execute } = await import("../engine/index.js");
  const interrupt = listen(cli);
  const ending = emptyEnding();
  try {
    const events = execute(plan, {
      host: prepared.request.host,
      jobs: prepared.jobs,
      mem: prepared.mem,
      force: prepared.request.force,
      failFast: prepared.failFast,
      signal: interrupt.signal,
    });
    for await (const event of events) {
      tally(ending, event);
      for (const reporter of reporters) reporter.event(event);
    }
  } finally {
    interrupt.dispose();
  }
  return interrupt.status() ?? exitStatus(ending, prepared.strict);
}

/** `iris reduce` and its kin: the whole way from words to products. */
export async function reduce(
  cli: Cli,
  words: readonly string[],
  flags: RunFlags,
  fixed: Fixed,
): Promise<void> {
  if (flags.dryRun) return showPlan(cli, words, flags, fixed);
  const prepared = await prepareRun(cli.host, words, flags, fixed);
  const plan = await planOf(prepared);
  const reporters = [await makeReporter(cli)];
  if (flags.logFile !== undefined) reporters.push(logReporter(cli, resolve(cli.host.cwd, flags.logFile)));
  for (const note of prepared.notes) for (const reporter of reporters) reporter.note(note);
  cli.setExit(await runPlan(cli, plan, prepared, reporters));
}
