/** `iris fits set|del|checksum`: header edits, recorded in HISTORY. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  canonicalKeyword,
  editHeaders,
  formatCard,
  globTest,
  isProtected,
  locateHdu,
  makeEntry,
  openFits,
  parseLocation,
  parseNumber,
  parseValue,
  setEntry,
  type Card,
  type Entry,
  type Hdu,
} from "../../../fits/index.js";
import { isIrisError, UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { errorLines, reportOf } from "../../error-lines.js";

export interface EditArguments {
  keyword?: string[];
  from?: string;
  history?: boolean;
}

/** `KEY=value / comment`: FITS syntax where it is that, a bare text otherwise. */
export function parseAssignment(text: string): Card {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UsageError(`cannot understand: ${text} — KEYWORD=VALUE is wanted`, {
      hint: "iris fits set --help",
    });
  const keyword = canonicalKeyword(text.slice(0, at).trim());
  const rest = text.slice(at + 1).trim();
  const [bare = "", comment] = rest.split(/\s+\/\s+/, 2);
  const withComment = comment === undefined ? {} : { comment };
  if (rest.startsWith("'") || rest.startsWith("(")) return { keyword, ...parseValue(rest) };
  if (bare === "T" || bare === "F") return { keyword, value: bare === "T", ...withComment };
  const number = parseNumber(bare);
  if (number !== undefined) return { keyword, value: number, text: bare, ...withComment };
  return { keyword, value: bare === "" ? null : bare, ...withComment };
}

/** Lines of a file; blank ones and those that begin with # don't count. */
const linesOf = (path: string): string[] =>
  readFileSync(path, "utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));

function wordsOf(cli: Cli, { keyword = [], from }: EditArguments, command: string): string[] {
  const words = [...keyword, ...(from === undefined ? [] : linesOf(resolve(cli.host.cwd, from)))];
  if (words.length === 0) {
    throw new UsageError(`nothing to do: iris fits ${command} — no keyword is given`, {
      hint: `iris fits ${command} --help`,
    });
  }
  return words;
}

/** The value as it stands in the header. */
function shown(card: Card | undefined): string {
  if (card?.value === undefined) return "nothing";
  const { keyword, value, text } = card;
  const record = formatCard({ keyword, value, ...(text === undefined ? {} : { text }) })[0]!;
  return record.slice(record.indexOf("=") + 1).trim() || "undefined";
}

interface Change {
  entries: Entry[];
  notes: string[];
}

/** Edits each file's chosen HDU (the primary when none is named). */
function editFiles(
  cli: Cli,
  files: readonly string[],
  history: boolean,
  /** Files in which nothing was to be changed are failures. */
  complain: boolean,
  change: (hdu: Hdu, entries: Entry[]) => Change,
): void {
  const done: { path: string; hdus: number[]; changes: string[] }[] = [];
  for (const given of files) {
    try {
      const location = parseLocation(resolve(cli.host.cwd, given));
      const file = openFits(location.path);
      const wanted = locateHdu(file, location)?.index ?? 0;
      file.close();
      const changes: string[] = [];
      const hdus = editHeaders(location.path, (hdu, entries) => {
        if (hdu.index !== wanted) return null;
        const { entries: next, notes } = change(hdu, entries);
        if (notes.length === 0) return null;
        changes.push(...notes);
        const date = cli.host.now().toISOString().slice(0, 19);
        return history ? notes.reduce((all, note) => addHistory(all, `${date} iris: ${note}`), next) : next;
      });
      done.push({ path: given, hdus, changes });
      if (complain && changes.length === 0) {
        cli.err(`iris: no card matches: ${given}\nhint: iris fits header ${given}`);
        cli.setExit(1);
      }
      if (!cli.json) for (const note of changes) cli.out(`${given}: ${note}`);
    } catch (error) {
      if (!isIrisError(error)) throw error;
      const report = reportOf(error);
      cli.err(errorLines(report));
      cli.setExit(report.exit);
    }
  }
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: done }, null, 1));
}

const addHistory = (entries: Entry[], note: string): Entry[] =>
  setEntry(entries, { keyword: "HISTORY", comment: note });

function refuseProtected(keyword: string): void {
  if (isProtected(keyword))
    throw new UsageError(`cannot change ${keyword} — it describes how the data are stored`, {
      hint: "iris fits copy and iris fits pack store data another way",
    });
}

export function runSet(cli: Cli, files: readonly string[], options: EditArguments): void {
  const cards = wordsOf(cli, options, "set").map(parseAssignment);
  for (const card of cards) {
    refuseProtected(card.keyword);
    makeEntry(card);
  }
  editFiles(cli, files, options.history !== false, false, (_, before) => {
    let entries = before;
    const notes: string[] = [];
    for (const card of cards) {
      const old = entries.find((entry) => entry.card.keyword === card.keyword)?.card;
      const next = setEntry(entries, card);
      if (
        next.flatMap(({ records }) => records).join("") === entries.flatMap(({ records }) => records).join("")
      )
        continue;
      entries = next;
      notes.push(`set ${card.keyword} = ${shown(card)}, was ${shown(old)}`);
    }
    return { entries, notes };
  });
}

export function runDel(cli: Cli, files: readonly string[], options: EditArguments): void {
  const patterns = wordsOf(cli, options, "del").map(canonicalKeyword);
  for (const pattern of patterns) refuseProtected(pattern);
  const tests = patterns.map(globTest);
  editFiles(cli, files, options.history !== false, true, (_, entries) => {
    const goes = ({ card: { keyword } }: Entry): boolean =>
      keyword !== "" && !isProtected(keyword) && tests.some((test) => test.test(keyword));
    const gone = entries.filter(goes);
    return {
      entries: entries.filter((entry) => !goes(entry)),
      notes: gone.map(
        ({ card }) =>
          `deleted ${card.keyword}, was ${card.value === undefined ? (card.comment ?? "") : shown(card)}`,
      ),
    };
  });
}

export function runChecksum(cli: Cli, files: readonly string[]): void {
  const done: { path: string; hdus: number[] }[] = [];
  for (const given of files) {
    try {
      const { path } = parseLocation(resolve(cli.host.cwd, given));
      const hdus = editHeaders(path, (_, entries) => entries, { sums: true });
      done.push({ path: given, hdus });
      if (!cli.json && !cli.quiet) cli.err(`${given}: sums of ${hdus.length} HDUs`);
    } catch (error) {
      if (!isIrisError(error)) throw error;
      const report = reportOf(error);
      cli.err(errorLines(report));
      cli.setExit(report.exit);
    }
  }
  if (cli.json) cli.out(JSON.stringify({ v: 1, files: done }, null, 1));
}
