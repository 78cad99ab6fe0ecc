/** A machine of one's own for a test: a folder, an environment, and streams that remember. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Host } from "../../src/host.js";

export interface FakeHost extends Host {
  /** All that was written so far. */
  readonly out: string;
  readonly err: string;
}

interface Machine {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
}

/** A host at a fixed moment whose home has no settings. */
export function fakeHost({ cwd = "/", env = {}, stdin = "" }: Machine = {}): FakeHost {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  return {
    cwd,
    env: { HOME: "/nowhere", ...env },
    now: () => new Date("2026-01-02T03:04:05Z"),
    stdin: Readable.from([stdin]),
    stdout: stream("out"),
    stderr: stream("err"),
    get out() {
      return written.out;
    },
    get err() {
      return written.err;
    },
  };
}

/** A new folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "iris-test-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
