/** Finds the project file: the one named, else the nearest up the folders, and the user's own below it. */
import { existsSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { ConfigError } from "../errors.js";
import type { Host } from "../host.js";
import { parseData } from "./parameter-tree.js";

export interface FoundFile {
  path: string;
  content: unknown;
}

const places = ["iris.json", "iris.yaml", "iris.yml", "iris.toml", "package.json"];

/** Comments out of JSON; strings stay as they are. */
export const withoutComments = (text: string): string =>
  text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, kept?: string) => kept ?? " ");

function readJsonText(path: string, text: string): unknown {
  try {
    return JSON.parse(withoutComments(text));
  } catch (cause) {
    throw new ConfigError(`cannot read ${path} as JSON`, { cause });
  }
}

async function readTomlText(path: string, text: string): Promise<unknown> {
  const { parse } = await import("smol-toml");
  try {
    return parse(text);
  } catch (cause) {
    throw new ConfigError(`cannot read ${path} as TOML`, { cause });
  }
}

async function makeExplorer() {
  const { cosmiconfig } = await import("cosmiconfig");
  return cosmiconfig("iris", {
    searchPlaces: places,
    // The walk up is ours, so that nothing but the host's folder and environment is looked at.
    searchStrategy: "none",
    cache: false,
    loaders: { ".json": readJsonText, ".yaml": yaml, ".yml": yaml, ".toml": readTomlText },
  });
}

const yaml = (path: string, text: string) => parseData(text, path);

/** `IRIS_CONFIG`, else `iris.json`, `.yaml`, `.toml` or package.json's `iris` in `host.cwd` or the nearest folder above. */
export async function findProjectFile(host: Host): Promise<FoundFile | null> {
  const named = host.env["IRIS_CONFIG"];
  if (named) return loadProjectFile(resolve(host.cwd, named));
  for (let folder = host.cwd; ; folder = dirname(folder)) {
    // Most folders have none of them: asking once per name is cheaper than loading the explorer.
    if (places.some((place) => existsSync(join(folder, place)))) {
      const found = await (await makeExplorer()).search(folder);
      if (found && !found.isEmpty) return { path: found.filepath, content: found.config as unknown };
    }
    if (dirname(folder) === folder) return null;
  }
}

/** `$XDG_CONFIG_HOME/iris/iris.json`, or the same under `~/.config`. */
export async function findUserFile(host: Host): Promise<FoundFile | null> {
  const { XDG_CONFIG_HOME: xdg, HOME: home } = host.env;
  const base = xdg || (home && join(home, ".config"));
  const path = base && join(base, "iris", "iris.json");
  return path && existsSync(path) ? loadProjectFile(path) : null;
}

/** A project file by name, of any of the formats. */
export async function loadProjectFile(path: string): Promise<FoundFile> {
  if (!existsSync(path))
    throw new ConfigError(`cannot read the configuration ${path} — no such file`, {
      hint: "iris config show says which files are read",
    });
  if (![".json", ".yaml", ".yml", ".toml"].includes(extname(path)))
    throw new ConfigError(`cannot read the configuration ${path} — it is no .json, .yaml or .toml file`);
  const explorer = await makeExplorer();
  const found = await explorer.load(path);
  return { path, content: found && !found.isEmpty ? (found.config as unknown) : {} };
}
