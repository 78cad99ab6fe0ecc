/** Small exposures of the simulator, reduced in a folder of their own. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyLayer, type Layer } from "../../src/config/layers.js";
import {
  execute,
  plan,
  type Event,
  type Plan,
  type Request,
  type RunOptions,
} from "../../src/engine/index.js";
import { openFits, readImage } from "../../src/fits/index.js";
import { processHost, type Host } from "../../src/host.js";
import { packageRoot } from "../../src/package.js";

process.setMaxListeners(0);

export const fixture = (name: string): string => join(packageRoot, "fixtures", name);

/** An empty folder that goes with the test process. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "iris-test-"));
  process.on("exit", () => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

/** A fixed clock and a hash memory of its own: runs don't see what others know. */
export function testHost(env: Record<string, string> = {}): Host {
  return {
    ...processHost(),
    env: { ...process.env, XDG_CACHE_HOME: folder(), CRDS_PATH: undefined, CRDS_CONTEXT: undefined, ...env },
    now: () => new Date("2026-01-02T03:04:05Z"),
  };
}

export const layer = (settings: Partial<Layer>): Layer => ({ ...emptyLayer("command line"), ...settings });

export const request = (out: string, inputs: string[], more: Partial<Request> = {}): Request => ({
  host: testHost(),
  inputs,
  layers: [],
  plugins: [],
  out,
  force: false,
  allowMissing: [],
  quicklook: false,
  command: "iris reduce",
  ...more,
});

export async function collect(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export async function reduce(
  wanted: Request,
  options: Partial<RunOptions> = {},
): Promise<{ plan: Plan; events: Event[] }> {
  const made = await plan(wanted);
  const events = await collect(
    execute(made, { host: wanted.host, jobs: 1, mem: 1e9, force: wanted.force, ...options }),
  );
  return { plan: made, events };
}

/** Hash of the pixels of every image of a file, by name: equal exactly when the pixels are. */
export function pixels(path: string): Map<string, string> {
  const file = openFits(path);
  try {
    return new Map(
      file.hdus
        .filter((hdu) => hdu.image !== null)
        .map((hdu) => {
          const { data } = readImage(file, hdu);
          const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
          return [hdu.name, createHash("sha256").update(bytes).digest("hex")];
        }),
    );
  } finally {
    file.close();
  }
}
