/** Commands that change rules, check them, and carry caches about. */
import type { Command } from "commander";
import type { Cli } from "../../cli.js";
import type { CertifyCommandOptions } from "./certify.js";
import type { ChecksumOptions } from "./checksum.js";
import type { DiffCommandOptions } from "./diff.js";
import type { InsertOptions } from "./insert.js";
import type { RowdiffOptions } from "./rowdiff.js";
import type { ServeOptions } from "./serve.js";
import type { SyncCommandOptions } from "./sync.js";
import { contextHelp, examples } from "./help.js";

export function registerRules(cli: Cli, crds: Command): void {
  crds
    .command("diff")
    .summary("what changes from one mapping or reference to another")
    .description(
      "Logical differences of two mappings of one kind, or of two references; status 0 same, 1 different, 2 trouble.",
    )
    .argument("<old>", "mapping or reference, or crds://NAME in the cache")
    .argument("<new>", "mapping or reference, or crds://NAME in the cache")
    .option("-i, --include-header-diffs", "compare the headers too")
    .option("-B, --hide-boring-diffs", "without name, derivation and checksum")
    .option("-L, --lowest-mapping-only", "print the lowest pair of mappings only")
    .option("-E, --remove-paths", "names instead of paths")
    .option("-Q, --squash-tuples", "plain text instead of tuples")
    .option("-F, --brief", "lowest mapping, without paths")
    .option("-N, --print-new-files", "only the files that are new")
    .option("--print-affected-instruments", "only the instruments that change")
    .option("--print-affected-types", "only the instruments and types that change")
    .option("--print-affected-modes", "only the cases whose reference changes, by their keywords")
    .option("-U, --recurse-added-deleted", "every rule of mappings that are added or deleted as a whole")
    .option("-T, --mapping-text-diffs", "the texts of the mappings, too, as diff -u prints them")
    .option("-P, --primitive-diffs", "the contents of references that replace others, too")
    .addHelpText(
      "after",
      examples(
        "iris crds diff crds://tmt_0001.pmap crds://tmt_0002.pmap -F -Q",
        "iris crds diff old.rmap new.rmap --include-header-diffs",
      ),
    )
    .action(async (old: string, now: string, options: DiffCommandOptions) => {
      const { runDiff } = await import("./diff.js");
      await runDiff(cli, old, now, options);
    });

  crds
    .command("certify")
    .summary("check mappings and everything below them")
    .description(
      "Check mappings and everything below them: grammar, header, keys, dates, overlaps, files that are named.",
    )
    .argument("<files...>", "mappings or FITS references, or crds://NAME in the cache")
    .option("--exist", "the references must be in the cache")
    .option("--comparison-context <context>", "tell what changes from this context")
    .option("--dont-recurse-mappings", "only the files themselves")
    .addHelpText(
      "after",
      examples("iris crds certify new.rmap", "iris crds certify crds://tmt_0001.pmap --exist"),
    )
    .action(async (files: string[], options: CertifyCommandOptions) => {
      const { runCertify } = await import("./certify.js");
      runCertify(cli, files, options);
    });

  crds
    .command("checksum")
    .summary("verify or write the checksums of mappings")
    .description(
      "Verify the checksums of mappings; with --update write them in canonical form with the right sum.",
    )
    .argument("<mappings...>", "mapping files, or crds://NAME in the cache")
    .option("--update", "rewrite the files")
    .option("--verify", "only look (the default)")
    .addHelpText("after", examples("iris crds checksum new.rmap", "iris crds checksum --update new.rmap"))
    .action(async (files: string[], options: ChecksumOptions) => {
      const { runChecksum } = await import("./checksum.js");
      runChecksum(cli, files, options);
    });

  crds
    .command("insert")
    .summary("put new references into new rules")
    .description(
      "Put new references into new rmaps, imaps and one pmap, with checksums, and the files into the cache.",
    )
    .argument("<references...>", "FITS files; their headers say instrument, type, keys and USEAFTER")
    .option("--type <type>", "reference type, else REFTYPE of the header")
    .option("--instrument <name>", "instrument, else INSTRUME of the header")
    .option("--context <pmap>", contextHelp)
    .option("--set <key=value...>", "value of a rule's keyword that the header lacks")
    .option("--useafter <date>", "first date of use, else USEAFTER of the header")
    .option("--pin", "make the new context the cache's default")
    .option(
      "--force",
      "insert one that was found unfit, too (CALFIT), or that holds less than the one it replaces",
    )
    .option("-n, --dry-run", "say what would be made; write nothing")
    .addHelpText(
      "after",
      examples(
        "iris crds insert tmt_iris_flat_0009.fits --type flat --pin",
        "iris crds insert new_dark.fits --useafter 2026-01-31 --dry-run",
      ),
    )
    .action(async (files: string[], options: InsertOptions) => {
      const { runInsert } = await import("./insert.js");
      runInsert(cli, files, options);
    });

  crds
    .command("newcontext")
    .summary("a new context with other rmaps in it")
    .description(
      "Make the imaps and the pmap that have these rmaps in place of the old ones; prints the new names.",
    )
    .argument("<old>", "context to start from")
    .argument("<rmaps...>", "rmap files, crds://NAME, or INSTR_TYPE_N/A")
    .addHelpText(
      "after",
      examples(
        "iris crds newcontext tmt_0001.pmap tmt_iris_flat_0004.rmap",
        "iris crds newcontext tmt-operational iris_dflat_N/A",
      ),
    )
    .action(async (old: string, rmaps: string[]) => {
      const { runNewcontext } = await import("./newcontext.js");
      runNewcontext(cli, old, rmaps);
    });

  crds
    .command("pin")
    .summary("make a context the cache's default")
    .description("Make a context the one that is used when nothing else is said.")
    .argument("<context>", "pmap of the cache")
    .addHelpText("after", examples("iris crds pin tmt_0002.pmap", "iris crds pin tmt-2026-01-31"))
    .action(async (context: string) => {
      const { runPin } = await import("./info.js");
      runPin(cli, context);
    });

  crds
    .command("info")
    .summary("where the cache is and what it would use")
    .description("The set-up of the cache: folders, observatory, default context, layout, server.")
    .addHelpText("after", examples("iris crds info", "iris crds info --json"))
    .action(async () => {
      const { runInfo } = await import("./info.js");
      runInfo(cli);
    });

  crds
    .command("uniqname")
    .summary("names for new references")
    .description("Names that no reference of the cache has: obs_instr_type_0001.fits with the next serial.")
    .argument("<files...>", "files to name")
    .option("--instrument <name>", "instrument, else the second word of the name")
    .option("--type <type>", "type, else the third word of the name")
    .addHelpText(
      "after",
      examples(
        "iris crds uniqname tmt_iris_dark.fits",
        "iris crds uniqname master.fits --instrument iris --type flat",
      ),
    )
    .action(async (files: string[], options: { instrument?: string; type?: string }) => {
      const { runUniqname } = await import("./info.js");
      runUniqname(cli, files, options);
    });

  crds
    .command("sync")
    .summary("fill the cache from a server or a folder")
    .description(
      "Fetch contexts, their mappings and references into the cache of CRDS_PATH; the context comes last. Then check, order or purge the cache; that needs no source.",
    )
    .option("--from <source>", "address or folder, else CRDS_SERVER_URL")
    .option("--contexts <context...>", "contexts to fetch, else the default one of the source")
    .option("--all", "all contexts of the source")
    .option("--range <first:last>", "contexts by their serial numbers, such as 25:30")
    .option("--last-n-contexts <n>", "the newest contexts")
    .option("--up-to-context <context>", "contexts up to this one")
    .option("--after-context <context>", "contexts from this one on")
    .option("--files <name...>", "just these mappings and references")
    .option("--dataset-files <file...>", "the references that these exposures need")
    .option("--fetch-references", "fetch the references too")
    .option("--check", "verify references that are there by checksum, and fetch wrong ones again")
    .option("--repair-files", "the same")
    .option(
      "--check-files [name...]",
      "fetch nothing: say which files differ from the source, or from the record",
    )
    .option("--check-sha1sum", "with --check-files: references by checksum, too")
    .option("--purge-references", "remove references which the contexts don't need")
    .option("--purge-mappings", "remove mappings which the contexts don't need")
    .option("--organize <layout>", "move references to the layout flat, instrument or legacy")
    .option("--organize-delete-junk", "with --organize: replace files that are in the way")
    .option("--output-dir <folder>", "copy the files side by side into this folder; leave the cache alone")
    .option("--force-config-update", "keep the source's configuration even when a file can't be fetched")
    .option("--clear-locks", "remove the cache's locks, and do nothing else")
    .option("-j, --jobs <n>", "transfers at a time", "4")
    .option("--retries <n>", "further tries per file, else CRDS_CLIENT_RETRY_COUNT, else 4")
    .option("--timeout <seconds>", "wait so long for an answer, else CRDS_CLIENT_TIMEOUT_SECONDS, else 60")
    .option("-n, --dry-run", "say what would be fetched; write nothing")
    .addHelpText(
      "after",
      examples(
        "iris crds sync --from https://crds.example.org --fetch-references",
        "iris crds sync --from /mnt/disk/crds --last-n-contexts 3 --purge-mappings",
      ),
    )
    .action(async (options: SyncCommandOptions) => {
      const { runSync } = await import("./sync.js");
      await runSync(cli, options);
    });

  crds
    .command("serve")
    .summary("give the cache to others")
    .description("Serve the cache over the protocol of CRDS servers, until interrupted; prints the address.")
    .option("--port <n>", "port, 0 for any free one", "8765")
    .option("--host <name>", "address to listen at", "127.0.0.1")
    .addHelpText("after", examples("iris crds serve", "iris crds serve --host 0.0.0.0 --port 8080"))
    .action(async (options: ServeOptions) => {
      const { runServe } = await import("./serve.js");
      await runServe(cli, options);
    });

  crds
    .command("rowdiff")
    .summary("rows that differ between two tables")
    .description("Rows that differ between the tables of two FITS files; status 0 same, 1 different.")
    .argument("<old>", "FITS file with tables")
    .argument("<new>", "FITS file with tables")
    .option("--fields <column...>", "only these columns")
    .option("--ignore-fields <column...>", "all but these columns")
    .option("--mode-fields <column...>", "columns which identify a row")
    .addHelpText(
      "after",
      examples(
        "iris crds rowdiff old_tab.fits new_tab.fits",
        "iris crds rowdiff old_tab.fits new_tab.fits --mode-fields FILTER",
      ),
    )
    .action(async (old: string, now: string, options: RowdiffOptions) => {
      const { runRowdiff } = await import("./rowdiff.js");
      runRowdiff(cli, old, now, options);
    });
}
