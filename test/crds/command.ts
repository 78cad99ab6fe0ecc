/** The command line run in this process, with what it wrote. */
import { PassThrough, Writable } from "node:stream";
import { main } from "../../src/cli/main.js";

export interface Said {
  out: string;
  err: string;
  exit: number;
}

export async function iris(
  words: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<Said> {
  const said: Said = { out: "", err: "", exit: 0 };
  const collect = (key: "out" | "err"): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[key] += chunk.toString();
        done();
      },
    });
  said.exit = await main(words, {
    cwd,
    env,
    now: () => new Date(0),
    stdin: new PassThrough(),
    stdout: collect("out"),
    stderr: collect("err"),
  });
  return said;
}
