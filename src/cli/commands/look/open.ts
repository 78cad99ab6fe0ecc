/** Shows pictures in a program of the user's, which goes on when `iris` has ended. */
import { once } from "node:events";
import { execa } from "execa";
import { UsageError } from "../../../errors.js";
import type { Host } from "../../../host.js";

/** Starts `program` with the files as its arguments. @throws UsageError when it can't be started. */
export async function openIn(program: string, files: readonly string[], { cwd }: Host): Promise<void> {
  const viewer = execa(program, [...files], {
    cwd,
    stdio: "ignore",
    detached: true,
    cleanup: false,
    reject: false,
  });
  try {
    await once(viewer, "spawn");
  } catch (cause) {
    throw new UsageError(`cannot open the pictures in ${program}`, {
      cause,
      hint: "name a program that shows pictures: iris look FILE --open xdg-open",
    });
  }
  viewer.unref();
}
