/** What holds for this run, and where each value comes from: flags > environment > project file > user's file > defaults. */
import { basename } from "node:path";
import { UsageError } from "../errors.js";
import type { Host } from "../host.js";
import type { KnownNames } from "./assign.js";
import { findProjectFile, findUserFile, loadProjectFile, type FoundFile } from "./discover.js";
import type { Layer, Setting } from "./layers.js";
import { readParameterFile } from "./parameter-file.js";
import { parseProject, type ProjectSettings } from "./project-file.js";

export interface Settings {
  /** By the names of `projectKeys`, those with a value only. */
  values: Record<string, Setting>;
  /** Lowest first, without the command line's. */
  layers: Layer[];
  /** Base name of the product, from a parameter file. */
  outputFile: string | null;
  /** A single step that the parameter file is for. */
  step: string | null;
  notes: string[];
}

export interface SettingsRequest {
  host: Host;
  defaults: ProjectSettings;
  flags: ProjectSettings;
  /** `--config`: a project file in place of the one found, or a peer's parameter file above it. */
  config?: string | undefined;
  /** The names that the files may use, once their plug-in steps are known. */
  names(plugins: readonly string[]): Promise<KnownNames>;
}

function environmentSettings({ env }: Host): { settings: ProjectSettings; origin: string }[] {
  const jobs = env["IRIS_JOBS"];
  if (jobs && !/^[1-9]\d*$/.test(jobs))
    throw new UsageError(`cannot use IRIS_JOBS=${jobs} — it takes a whole number ≥ 1`);
  return [
    ...(jobs ? [{ origin: "IRIS_JOBS", settings: { jobs: Number(jobs) } }] : []),
    ...(env["CRDS_PATH"] ? [{ origin: "CRDS_PATH", settings: { cache: env["CRDS_PATH"] } }] : []),
    ...(env["CRDS_CONTEXT"] ? [{ origin: "CRDS_CONTEXT", settings: { context: env["CRDS_CONTEXT"] } }] : []),
  ];
}

const isParameterTree = (content: unknown): boolean =>
  typeof content === "object" && content !== null && ("class" in content || "parameters" in content);

/** Whether `--config` names a peer's parameter file: `.cfg`, `.asdf`, or data with a class. */
async function openNamed(path: string): Promise<{ project: FoundFile | null; parameters: string | null }> {
  if (!/\.(json|ya?ml|toml)$/i.test(path)) return { project: null, parameters: path };
  const project = await loadProjectFile(path);
  return isParameterTree(project.content)
    ? { project: null, parameters: path }
    : { project, parameters: null };
}

const pluginsOf = (file: FoundFile | null): string[] => {
  const { steps } = (file?.content ?? {}) as { steps?: unknown };
  return [steps ?? []].flat().filter((each) => typeof each === "string");
};

/** Reads the files that apply and puts them in order. Throws ConfigError or UsageError for anything wrong in them. */
export async function resolveSettings(request: SettingsRequest): Promise<Settings> {
  const { host, defaults, flags, config } = request;
  const named = config === undefined ? null : await openNamed(config);
  const found = [await findUserFile(host), named?.project ?? (await findProjectFile(host))];
  const anyNames: KnownNames = { steps: [], pipelines: [], aliases: {} };
  const plugins = found.flatMap((file) =>
    file && pluginsOf(file).length > 0
      ? (parseProject({ steps: pluginsOf(file) }, file.path, anyNames).settings.steps ?? [])
      : [],
  );
  const names = await request.names(plugins);
  const files = found
    .filter((file) => file !== null)
    .map(({ path, content }) => parseProject(content, path, names));
  const parameters = named?.parameters ? readParameterFile(named.parameters, names, flags.pipeline) : null;
  const sources: { origin: string; settings: ProjectSettings }[] = [
    { origin: "default", settings: defaults },
    ...files.map(({ path, settings }) => ({ origin: path, settings })),
  ];
  if (parameters)
    sources.push({
      origin: named!.parameters!,
      settings: {
        ...(parameters.target.kind === "pipeline" ? { pipeline: parameters.target.name } : {}),
        ...(parameters.outputDir === null ? {} : { out: parameters.outputDir }),
      },
    });
  sources.push(...environmentSettings(host), { origin: "command line", settings: flags });
  const values: Record<string, Setting> = {};
  for (const { origin, settings } of sources)
    for (const [key, value] of Object.entries(settings))
      if (value !== undefined) values[key] = { value, origin };
  return {
    values,
    layers: [...files.map(({ layer }) => layer), ...(parameters?.layers ?? [])],
    outputFile: parameters?.outputFile ? basename(parameters.outputFile) : null,
    step: parameters?.target.kind === "step" ? parameters.target.name : null,
    notes: parameters?.notes ?? [],
  };
}
