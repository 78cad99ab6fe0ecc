/**
 * The recorded runs of stpipe, repeated with iris: exit status, names, keywords and values. Where the architecture
 * decides otherwise the rules of docs/framework-exceptions.md are applied to what was recorded.
 */
import { cpSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { main } from "../../../src/cli/main.js";
import { keywordsOf, openFits, readImage } from "../../../src/fits/index.js";
import { fakeHost, folderWith } from "../../helpers/host.js";
import { firstOf } from "./case.js";

interface Recorded {
  name: string;
  argv: string[];
  env: Record<string, string>;
  inputs: string[];
  text_files: Record<string, string>;
  exit_code: number;
  new_files: Record<string, { header?: Record<string, unknown>; sci_value?: number; dq_value?: number }>;
  exception: string | null;
}

export function readRuns(directory: string): Recorded[] {
  return (JSON.parse(readFileSync(join(directory, "cases.json"), "utf8")) as { cases: Recorded[] }).cases;
}

const library = new URL("../../../src/index.js", import.meta.url).href;

/** The toy step of the recorded runs, as a plug-in. */
const scaleImage = `import { complete, defineStep, v } from ${JSON.stringify(library)};
const whole = v.pipe(v.number(), v.integer());
export default defineStep({
  name: "scale_image", summary: "Multiply by a factor.", equation: "d' = f·d",
  input: "image", output: "image", locality: "pixel", status: "S_SCALE",
  params: v.object({
    factor: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10)), 1),
    niter: v.optional(v.pipe(whole, v.minValue(0)), 3),
    mode: v.optional(v.picklist(["mean", "median"]), "mean"),
    shape: v.optional(v.nullable(v.pipe(v.array(whole), v.length(2))), null),
    cuts: v.optional(v.nullable(v.array(v.number())), null),
    note: v.optional(v.nullable(v.string()), null),
    code: v.optional(v.nullable(whole), null),
  }),
  run(image, { params }) {
    if (params.code) throw new Error("asked to fail");
    for (let i = 0; i < image.sci.length; i++) image.sci[i] *= params.factor;
    return complete(image);
  },
});
`;

const settings = JSON.stringify({
  steps: ["./scale_image.mjs"],
  pipelines: { image2: ["scale_image", "dark_sub", "flat_field"] },
  quicklook: false,
});

/** Names of the toy package → what iris runs. */
const steps: Readonly<Record<string, string>> = {
  flat_field: "flat_field",
  FlatFieldStep: "flat_field",
  dark_current: "dark_sub",
  scale_image: "scale_image",
  ScaleImageStep: "scale_image",
};

const isFile = (word: string): boolean => /\.(cfg|asdf)$/.test(word);
/** Options of stpipe that mean the same here, beside those that iris translates itself. */
const kept = /^--(override_|steps\.|verbose|log-file|help|version)/;
/** Options that stpipe alone has: iris refuses them as it does any unknown one. */
const refused =
  /^--(suffix|output_file|output_ext|output_use_model|save_results|pre_hooks|post_hooks|save-parameters|log-level|log-stream|logcfg)\b|\.save_results=/;

/** A list of one value, which stpipe wants a comma after; iris takes it as it is meant. */
const loneItem = /^--(cuts|shape)=[^,]+$/;

interface Wanted {
  argv: string[];
  exit: number;
  /** What is run, as it ends the product's name. */
  ending: string;
}

function translate(run: Recorded): Wanted {
  const [first = "", ...rest] = run.argv;
  if (first.startsWith("--")) return { argv: run.argv, exit: 0, ending: "" };
  const plain = first.split(/::|\./).at(-1)!;
  const step = steps[plain];
  const command = isFile(first)
    ? ["reduce", first]
    : plain === "image2"
      ? ["reduce", "--pipeline", "image2"]
      : ["step", "run", step ?? first];
  const words = rest.flatMap((word) => {
    if (word === "--disable-crds-steppars") return [];
    const [, option, value] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (option === "output_dir") return ["-o", value!];
    return option === undefined || kept.test(word) || refused.test(word)
      ? [word]
      : ["-s", `${option}=${value!}`];
  });
  const content = isFile(first) ? (run.text_files[first] ?? "") : "";
  const named = /class\W+(?:\w+\.)*(\w+)/.exec(content)?.[1];
  return {
    argv: [...command, ...words, ...calibrations(run, first, words), "--allow-missing", "flat"],
    exit: run.argv.some((word) => refused.test(word)) ? 2 : exitOf(run),
    ending: isFile(first) ? (steps[named ?? ""] ?? "image2") : (step ?? "image2"),
  };
}

/** What the toy package finds by its stand-in for CRDS is named to iris. */
function calibrations(run: Recorded, first: string, words: readonly string[]): string[] {
  const table = run.text_files[run.env["TOYCRDS"] ?? ""];
  if (table === undefined) return [];
  const { flat, dark, ...parameters } = JSON.parse(table) as Record<string, string>;
  const isOverridden = (type: string): boolean => words.some((word) => word.includes(`override_${type}=`));
  const wants = (type: string): boolean => !isOverridden(type) && !/scale_image|ScaleImage/.test(first);
  const isOff = "STPIPE_DISABLE_CRDS_STEPPARS" in run.env || run.argv.includes("--disable-crds-steppars");
  const config = isFile(first) || isOff ? undefined : Object.values(parameters)[0];
  return [
    ...(flat !== undefined && wants("flat") && first !== "dark_current" ? ["--ref", `flat=${flat}`] : []),
    ...(dark !== undefined && wants("dark") && first !== "flat_field" ? ["--ref", `dark=${dark}`] : []),
    ...(config === undefined ? [] : ["--config", config]),
  ];
}

/** 2 for what is wrong before any work, 3 for a file that isn't there, 1 when a step fails with whatever status. */
function exitOf({ argv, exit_code: code, exception }: Recorded): number {
  if (code === 0 || code === 2 || argv.some((word) => loneItem.test(word))) return code === 2 ? 2 : 0;
  if (/^FileNotFoundError/.test(exception ?? "")) return 3;
  return /^(ValueError|TypeError)/.test(exception ?? "") ? 2 : 1;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(fits|log)$/.test(name) && !name.includes(".iris"))
    .sort();

/** What differs, in words; undefined when nothing does. */
export async function checkRun(directory: string, run: Recorded): Promise<string | undefined> {
  const cwd = folderWith({ ...run.text_files, "scale_image.mjs": scaleImage, "iris.json": settings });
  for (const input of run.inputs) {
    mkdirSync(dirname(join(cwd, input)), { recursive: true });
    cpSync(join(directory, "inputs", input), join(cwd, input));
  }
  const before = filesOf(cwd);
  const wanted = translate(run);
  const host = fakeHost({ cwd, env: { XDG_CACHE_HOME: join(cwd, "cache") } });
  const exit = await main(wanted.argv, host);
  if (exit !== wanted.exit) return `exit ${String(exit)}, not ${String(wanted.exit)}: ${host.err.trim()}`;
  if (run.argv.some((word) => loneItem.test(word))) return undefined;
  if (exit !== 0) {
    const left = filesOf(cwd).filter((name) => !before.includes(name));
    return left.length === 0 ? undefined : `files were left: ${left.join(", ")}`;
  }
  const expected = Object.entries(run.new_files).map(([name, content]) => ({
    name: ourName(name, wanted.ending),
    content,
  }));
  const made = filesOf(cwd).filter((name) => !before.includes(name));
  const names = expected.map(({ name }) => name).sort();
  if (JSON.stringify(made) !== JSON.stringify(names))
    return `made ${made.join(", ") || "nothing"}, not ${names.join(", ")}`;
  return firstOf(
    ...expected.map(({ name, content }) =>
      name.endsWith(".fits") ? checkProduct(join(cwd, name), content) : undefined,
    ),
  );
}

/** A product ends in what was run, whatever its class or its parameter file calls it. */
const ourName = (name: string, ending: string): string =>
  name.endsWith(".fits")
    ? name.replace(/_(cal|[a-z]+step|flat_field|myscale|scaler)\.fits$/, `_${ending}.fits`)
    : name;

const LEFT_OUT = new Set(["CAL_VER", "CRDS_CTX", "FILENAME"]);

function checkProduct(path: string, content: Recorded["new_files"][string]): string | undefined {
  const file = openFits(path);
  try {
    const header = keywordsOf(file.hdus[0]!.header);
    for (const [keyword, value] of Object.entries(content.header ?? {})) {
      // A file reduced alone is no association.
      if (LEFT_OUT.has(keyword) || value === "singleton") continue;
      const want = keyword.startsWith("R_") ? String(value).replace(/^crds:\/\//, "") : value;
      if (header[keyword] !== want)
        return `${basename(path)}: ${keyword} = ${String(header[keyword])}, not ${String(want)}`;
    }
    for (const [name, value] of [
      ["SCI", content.sci_value],
      ["DQ", content.dq_value],
    ] as const) {
      const { data } = readImage(file, file.hdu(name)!);
      const values = Array.from(data as unknown as ArrayLike<number>);
      if (value !== undefined && !values.every((v) => v === value))
        return `${basename(path)}: ${name} is ${String(values[0])}, not ${String(value)}`;
    }
    return undefined;
  } finally {
    file.close();
  }
}
