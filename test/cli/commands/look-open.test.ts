import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { openIn } from "../../../src/cli/commands/look/open.js";
import { UsageError } from "../../../src/errors.js";
import { processHost } from "../../../src/host.js";

test("the program gets the pictures as they are named, spaces and all", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "iris-open-"));
  const [viewer, seen] = [join(folder, "viewer"), join(folder, "seen")];
  writeFileSync(viewer, `#!/bin/sh\nprintf '%s\\n' "$@" > ${seen}.part && mv ${seen}.part ${seen}\n`);
  chmodSync(viewer, 0o755);
  await openIn(viewer, ["a b.png", "$HOME.png"], { ...processHost(), cwd: folder });
  for (let i = 0; i < 100 && !existsSync(seen); i++) await setTimeout(20);
  t.is(readFileSync(seen, "utf8"), "a b.png\n$HOME.png\n");
});

test("a program that isn't there is said", async (t) => {
  await t.throwsAsync(openIn("no-such-viewer", ["a.png"], processHost()), {
    instanceOf: UsageError,
    message: /no-such-viewer/,
  });
});
