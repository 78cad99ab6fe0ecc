/** `iris crds`: calibration rules — which reference, and why this one. */
import type { Command } from "commander";
import type { Cli } from "../cli.js";
import { contextHelp, examples } from "./crds/help.js";
import type { BestrefsOptions } from "./crds/bestrefs.js";
import type { ExplainOptions } from "./crds/explain.js";
import type { ListOptions } from "./crds/list.js";
import type { MatchesOptions } from "./crds/matches.js";
import type { UsesOptions } from "./crds/uses.js";

/** The daily questions; one that is asked by name is registered alone, for a quick start. */
const lookups: Readonly<Record<string, (cli: Cli, crds: Command) => void>> = {
  bestrefs: (cli, crds) => {
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
      .option("--old-context <context>", "print only what changes from this context to the new one")
      .option("--new-context <context>", "with --old-context: the new one, else --context")
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
  },
  explain: (cli, crds) => {
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
  },
  list: (cli, crds) => {
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
      .option("--operational-context", "the context which the cache's configuration calls operational")
      .option("--latest-context", "the one it calls the latest")
      .option("--file-properties <name...>", "instrument and type that names tell")
      .option("--cat <name...>", "print mappings")
      .option("--status", "print the set-up of the cache in short")
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
  },
  matches: (cli, crds) => {
    crds
      .command("matches")
      .summary("the rules which lead to a reference")
      .description(
        "The rules of a context which lead to references: one line per way, with the texts of the rules.",
      )
      .argument("[references...]", "names of references")
      .option("--files <reference...>", "the same")
      .option("--contexts <context...>", contextHelp)
      .option("--files-from-contexts", "all references of the contexts")
      .option("--filters <key=value...>", "only rules that name this value")
      .option("--brief-paths", "without instrument, type and date")
      .option("--omit-parameter-names", "values only")
      .option("--tuple-format", "as Python tuples")
      .addHelpText(
        "after",
        examples(
          "iris crds matches tmt_iris_dark_0001.fits",
          "iris crds matches --files-from-contexts --filters META.SUBARRAY.NAME=FULL",
        ),
      )
      .action(async (files: string[], options: MatchesOptions) => {
        const { runMatches } = await import("./crds/matches.js");
        runMatches(cli, files, options);
      });
  },
  uses: (cli, crds) => {
    crds
      .command("uses")
      .summary("the mappings which name a file")
      .description("The mappings of the cache which name a reference or mapping, up to the pmaps.")
      .argument("[files...]", "names of references or mappings")
      .option("--files <name...>", "the same")
      .option("-i, --include-used", "print the file before each of its users")
      .option("--direct", "only the mappings that name the file themselves")
      .addHelpText(
        "after",
        examples("iris crds uses tmt_iris_dark_0001.fits", "iris crds uses tmt_iris_mask_0001.rmap -i"),
      )
      .action(async (files: string[], options: UsesOptions) => {
        const { runUses } = await import("./crds/uses.js");
        runUses(cli, files, options);
      });
  },
};

export async function register(cli: Cli): Promise<void> {
  const crds = cli.program
    .command("crds")
    .description("Calibration rules: which reference, and why this one.");
  const word = cli.words[cli.words.indexOf("crds") + 1] ?? "";
  if (Object.hasOwn(lookups, word)) return lookups[word]!(cli, crds);
  for (const add of Object.values(lookups)) add(cli, crds);
  const { registerRules } = await import("./crds/register-rules.js");
  registerRules(cli, crds);
}
