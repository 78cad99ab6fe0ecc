/** From the words of `iris report` to the products that it is about, and what is known of those that aren't there. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Event } from "../../../engine/events.js";
import { readLedger } from "../../../engine/ledger.js";
import { readStamp } from "../../../engine/stamp.js";
import { InputError } from "../../../errors.js";
import type { Host } from "../../../host.js";
import type { Failure } from "../../../report/page/facts.js";
import { expandInputs } from "../../inputs.js";

export interface Found {
  paths: string[];
  failures: Failure[];
  gone: string[];
}

/** @throws InputError when there is no product at all */
export async function findProducts(words: readonly string[], host: Host): Promise<Found> {
  const paths = new Set<string>();
  const gone = new Set<string>();
  const failures: Failure[] = [];
  for (const word of words) {
    const path = resolve(host.cwd, word);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder) await takeFolder(path);
    else if (basename(path) === "ledger.jsonl" && existsSync(path)) takeLedger(dirname(dirname(path)));
    else if (path.endsWith(".jsonl") && existsSync(path)) takeEvents(path);
    else for (const file of await expandInputs([word], host, false)) paths.add(resolve(host.cwd, file));
  }
  if (paths.size === 0 && failures.length === 0)
    throw new InputError(`nothing to report: no product of iris in ${words.join(" ")}`, {
      hint: "name the folder of a reduction: iris report reduced/",
    });
  return { paths: [...paths], failures, gone: [...gone] };

  async function takeFolder(folder: string): Promise<void> {
    if (takeLedger(folder)) return;
    for (const file of await expandInputs([folder], host, false))
      if (readStamp(file)) paths.add(resolve(host.cwd, file));
  }

  function takeLedger(folder: string): boolean {
    const outputs = [...readLedger(folder).keys()];
    for (const output of outputs) {
      const product = join(folder, output);
      if (existsSync(product)) paths.add(product);
      else gone.add(output);
    }
    return outputs.length > 0;
  }

  function takeEvents(path: string): void {
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const event = parseEvent(line);
      if (event?.type === "product" || event?.type === "fresh") {
        if (existsSync(event.path)) paths.add(event.path);
        else gone.add(basename(event.path));
      } else if (event?.type === "failure") {
        const { input, message, hint } = event;
        failures.push({ input, message, hint });
      }
    }
  }
}

/** A line that isn't an event, such as one cut short, says nothing. */
function parseEvent(line: string): Event | null {
  try {
    const event = JSON.parse(line) as Event | null;
    return event?.v === 1 ? event : null;
  } catch {
    return null;
  }
}
