import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import test from "ava";
import { packageRoot } from "../src/package.js";

/** Rooms from the foundation up: a room imports its own and lower floors only. */
const floors: readonly (readonly string[])[] = [
  ["kernels"],
  ["fits", "wcs", "data", "crds"],
  ["step", "config"],
  ["steps", "instruments", "pipelines"],
  ["engine", "report"],
  ["cli"],
];

/** Free-standing modules that any room but `kernels` may use. */
const shared = new Set(["errors", "host", "package"]);

/** The registry names what stands a floor above it, and loads it only when it is asked for. */
const lazy = new Set(["step/registry.ts"]);

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const path = join(folder, item.name);
    if (item.isDirectory()) return item.name === "wasm" ? [] : sources(path);
    return item.name.endsWith(".ts") ? [path] : [];
  });

test("imports point one way: from a room to its own floor or one below", (t) => {
  const src = join(packageRoot, "src");
  const wrong: string[] = [];
  for (const path of sources(src)) {
    const name = relative(src, path).split(sep).join("/");
    const room = name.split("/")[0]!;
    if (!name.includes("/")) continue;
    t.not(floorOf(room), -1, `room ${room} has a floor`);
    for (const [, target] of readFileSync(path, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      const other = relative(src, join(dirname(path), target!))
        .split(sep)
        .join("/");
      const otherRoom = other.split("/")[0]!.replace(/\.js$/, "");
      if (otherRoom === room || lazy.has(name)) continue;
      if (
        shared.has(otherRoom)
          ? room === "kernels"
          : floorOf(otherRoom) > floorOf(room) || floorOf(otherRoom) < 0
      )
        wrong.push(`${name} → ${other}`);
    }
  }
  t.deepEqual(wrong, []);
});
