/** `iris crds`: calibration rules — which reference, and why this one. */
import type { Cli } from "../cli.js";
import type { BestrefsOptions } from "./crds/bestrefs.js";
import type { ExplainOptions } from "./crds/explain.js";
import type { ListOptions } from "./crds/list.js";

const contextHelp =
  "pmap, imap or rmap, or a form like tmt-operational; else CRDS_CONTEXT, else the cache's own";

const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;

export function register(cli: Cli): void {
  const crds = cli.program
    .command("crds")
    .description("Calibration rules: which reference, and why this one.");

  crds
    .command("bestrefs")
    .summary("best references of files or headers")
    .description(
      "Best references of exposures, or of the headers of a JSON-lines file, by the rules of a context.",
    )
    .argument("[files...]", "FITS files")
    .option("--batch <file>", "headers, one JSON object per line (- for stdin): one JSON result per line")
    .option("--context <context>", contextHelp)
    .option("--types <type...>", "only these types")
    .option("--old-context <context>", "compare: print what changes from this context to --context")
    .addHelpText(
      "after",
      examples(
        "iris crds bestrefs raw/0001.fits --types dark flat",
        "iris crds bestrefs --batch headers.jsonl --context tmt_0001.pmap",
      ),
    )
    .action(async (files: string[], options: BestrefsOptions) => {
      const { runBestrefs } = await import("./crds/bestrefs.js");
      runBestrefs(cli, files, options);
    });

  crds
    .command("explain")
    .summary("why the rules choose this reference, or none")
    .description("Why the rules choose a reference for a file: every key, the rejected rules, the dates.")
    .argument("<file>", "FITS file, or a .json file with a header object")
    .requiredOption("-t, --type <type...>", "reference types, such as flat")
    .option("--context <context>", contextHelp)
    .addHelpText(
      "after",
      examples(
        "iris crds explain raw/0001.fits --type flat",
        "iris crds explain raw/0001.fits --type dark --json",
      ),
    )
    .action(async (file: string, options: ExplainOptions) => {
      const { runExplain } = await import("./crds/explain.js");
      runExplain(cli, file, options);
    });

  crds
    .command("list")
    .summary("contexts, mappings and references")
    .description(
      "Contexts of the cache, and the mappings and references that they lead to; alone: the contexts.",
    )
    .option(
      "--contexts [context...]",
      "the contexts to look into (else the default one); alone: list those of the cache",
    )
    .option("--mappings", "mappings below the contexts")
    .option("--references", "references below the contexts")
    .option("--required-parkeys", "keywords which the rules look at")
    .option("--resolve-contexts", "the mappings which the contexts mean")
    .option("--cached-mappings", "mappings in the cache")
    .option("--cached-references", "references in the cache")
    .option("--full-path", "print paths instead of names")
    .addHelpText(
      "after",
      examples(
        "iris crds list --mappings --contexts tmt_0001.pmap",
        "iris crds list --cached-references --full-path",
      ),
    )
    .action(async (options: ListOptions) => {
      const { runList } = await import("./crds/list.js");
      runList(cli, options);
    });
}
