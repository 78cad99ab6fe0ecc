/** `iris fits ls` (the night log) and `iris fits table` (rows of a table): text, JSON, CSV. */
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  canonicalKeyword,
  getValue,
  parseCondition,
  readTable,
  type Cell,
  type FitsFile,
} from "../../../fits/index.js";
import { FitsError, UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { eachFile, formatColumns, short } from "./files.js";

export interface ListArguments {
  keyword?: string[];
  where?: string;
  group?: string;
  csv?: boolean;
}

const usual = ["DATE-OBS", "OBJECT", "OBSTYPE", "FILTER", "EXPTIME"];
const fitsName = /\.(fits?|fts)(\.(gz|fz|bz2|Z))?$/i;

/** Files; folders stand for the FITS files in them. */
function expand(cli: Cli, files: readonly string[]): string[] {
  return files.flatMap((given) => {
    const path = resolve(cli.host.cwd, given);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [given];
    return readdirSync(path)
      .filter((name) => fitsName.test(name))
      .sort()
      .map((name) => join(given, name));
  });
}

type Keywords = Readonly<Record<string, string | number | boolean>>;
type Kept = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Keywords of the primary and of the first extension that has them; the primary wins. Only what is asked for is read:
 * a night has thousands of headers with hundreds of cards.
 */
function mergedKeywords(file: FitsFile): Keywords {
  const headers = file.hdus.slice(0, 2).map(({ header }) => header);
  return new Proxy<Keywords>(
    {},
    {
      get(_, keyword) {
        if (typeof keyword !== "string") return undefined;
        for (const header of headers) {
          const value = getValue(header, keyword);
          if (typeof value === "bigint") return Number(value);
          if (value !== undefined && typeof value !== "object") return value;
        }
        return undefined;
      },
    },
  );
}

const csvCell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const cellText = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return short(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return `[${Array.from(value as ArrayLike<unknown>, cellText).join(" ")}]`;
  return String(value);
};

function print(cli: Cli, titles: string[], rows: unknown[][], csv: boolean): void {
  const texts = rows.map((row) => row.map(cellText));
  if (csv) cli.out([titles, ...texts].map((row) => row.map(csvCell).join(",")).join("\n"));
  else {
    const right = titles.map((_, i) => i).filter((i) => rows.some((row) => typeof row[i] === "number"));
    cli.out(formatColumns([titles, ...texts], right));
  }
}

export function runLs(cli: Cli, files: readonly string[], options: ListArguments): void {
  const keywords = (options.keyword ?? []).flatMap((list) => list.split(",")).map(canonicalKeyword);
  const condition = options.where === undefined ? () => true : parseCondition(options.where);
  const columns = keywords.length > 0 ? keywords : usual;
  const shown = options.group === undefined ? columns : options.group.split(",").map(canonicalKeyword);
  const found: { path: string; keywords: Kept }[] = [];
  eachFile(cli, expand(cli, files.length > 0 ? files : ["."]), ({ given, file }) => {
    const all = mergedKeywords(file);
    if (!condition(all)) return;
    found.push({
      path: given,
      keywords: Object.fromEntries(shown.map((keyword) => [keyword, all[keyword]])),
    });
  });
  if (options.group !== undefined) {
    printGroups(cli, found, shown, options.csv ?? false);
    return;
  }
  if (cli.json) {
    const list = found.map(({ path, keywords: all }) => ({
      path,
      ...Object.fromEntries(columns.map((keyword) => [keyword, all[keyword] ?? null])),
    }));
    cli.out(JSON.stringify({ v: 1, files: list }, null, 1));
    return;
  }
  print(
    cli,
    ["file", ...columns],
    found.map(({ path, keywords: all }) => [path, ...columns.map((keyword) => all[keyword])]),
    options.csv ?? false,
  );
}

function printGroups(
  cli: Cli,
  found: { path: string; keywords: Record<string, unknown> }[],
  by: string[],
  csv: boolean,
): void {
  const groups = new Map<string, { values: unknown[]; files: string[] }>();
  for (const { path, keywords } of found) {
    const values = by.map((keyword) => keywords[keyword]);
    const key = JSON.stringify(values);
    const group = groups.get(key) ?? { values, files: [] };
    group.files.push(path);
    groups.set(key, group);
  }
  const list = [...groups.values()];
  if (cli.json) {
    const named = list.map(({ values, files }) => ({
      ...Object.fromEntries(by.map((keyword, i) => [keyword, values[i] ?? null])),
      count: files.length,
      files,
    }));
    cli.out(JSON.stringify({ v: 1, groups: named }, null, 1));
    return;
  }
  print(
    cli,
    [...by, "count"],
    list.map(({ values, files }) => [...values, files.length]),
    csv,
  );
}

export interface TableArguments {
  columns?: string;
  rows?: string;
  csv?: boolean;
}

/** "11:20" as rows, 1-based with both ends. */
function rowRange(text: string | undefined, total: number): [number, number] {
  if (text === undefined) return [0, total];
  const match = /^(\d+)(?::(\d*))?$/.exec(text);
  if (!match || match[1] === "0")
    throw new UsageError(`cannot understand the rows: ${text} — FIRST:LAST is wanted, from 1`, {
      hint: "write --rows 1:10",
    });
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : match[2] === "" ? total : Number(match[2]);
  return [Math.min(first - 1, total), Math.min(last, total)];
}

const jsonCell = (value: Cell): unknown => {
  if (typeof value === "bigint") return value.toString();
  if (ArrayBuffer.isView(value) || Array.isArray(value))
    return Array.from(value as ArrayLike<Cell>, jsonCell);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
};

export function runTable(cli: Cli, given: string, options: TableArguments): void {
  eachFile(cli, [given], ({ file, hdu: named }) => {
    const hdu = named ?? file.hdus.find(({ type }) => type === "bintable" || type === "table");
    if (!hdu)
      throw new FitsError(`cannot find a table: ${file.path} — none of its HDUs is one`, {
        hint: `iris fits info ${given}`,
      });
    const table = readTable(file, hdu);
    const columns =
      options.columns === undefined
        ? table.columns
        : options.columns.split(",").map((name) => {
            const column = table.column(name.trim());
            if (column) return column;
            throw new UsageError(
              `no column ${name}: ${given} — it has ${table.columns.map((each) => each.name).join(", ")}`,
              { hint: `iris fits table ${given} -r 1:1` },
            );
          });
    const [first, last] = rowRange(options.rows, table.rows);
    const rows = Array.from({ length: last - first }, (_, i) =>
      columns.map((column) => column.at(first + i)),
    );
    if (cli.json) {
      const list = rows.map((row) =>
        Object.fromEntries(row.map((cell, i) => [columns[i]!.name, jsonCell(cell)])),
      );
      cli.out(JSON.stringify({ v: 1, rows: list }, null, 1));
    } else
      print(
        cli,
        columns.map(({ name }) => name),
        rows,
        options.csv ?? false,
      );
  });
}
