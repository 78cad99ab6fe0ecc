/** Reads left out of a ramp: by number, by time since the reset, or by a condition on what is known of each read. */
import type { KeywordValue, Keywords } from "../data/exposure.js";
import { keepGroups, plainLayout, type Layout } from "../data/layout.js";
import { readPattern } from "../data/reads.js";
import { InputError, UsageError } from "../errors.js";
import { keywordsOf, parseCondition, readTable, type FitsFile } from "../fits/index.js";
import { openFile, planeHdus, type Opened } from "./inputs.js";

/** One read of one ramp, as the rules see it. */
interface ReadView {
  /** READ_NO, or counted from 1. */
  number: number;
  /** Seconds since the reset. */
  time: number;
  telemetry: Keywords;
}

export interface RejectRule {
  text: string;
  test(read: ReadView): boolean;
  /** Names that the rule asked for and no read has. */
  unknown(): string[];
  /** Only then are headers and tables of the reads looked at. */
  needsTelemetry: boolean;
}

const NUMBERS = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;
const TIMES = /^(\d+\.?\d*|\.\d+)?s?:(\d+\.?\d*|\.\d+)?s?$/;

/**
 * "3,7,12-15" are numbers of reads, "10:25.5" or "300s:" seconds since the reset, both ends included; anything else is
 * a condition such as "seeing > 0.9 and not guiding". Several words: a read goes when any of them says so.
 *
 * @throws UsageError for what is none of these
 */
export function parseReject(words: readonly string[]): RejectRule | null {
  if (words.length === 0) return null;
  const rules = words.map(parseOne);
  return {
    text: words.join(" or "),
    test: (read) => rules.filter(({ test }) => test(read)).length > 0,
    unknown: () => rules.flatMap(({ unknown }) => unknown()),
    needsTelemetry: rules.some(({ needsTelemetry }) => needsTelemetry),
  };
}

function parseOne(word: string): RejectRule {
  const text = word.trim();
  const plain = { text, unknown: () => [], needsTelemetry: false };
  const list = text.replaceAll(" ", "");
  if (NUMBERS.test(list)) {
    const ranges = list.split(",").map((part) => {
      const [from, to = from] = part.split("-").map(Number) as [number, number?];
      if (from > to) throw reversed(text, `${from}-${to}`, `${to}-${from}`);
      return [from, to] as const;
    });
    return { ...plain, test: ({ number }) => ranges.some(([from, to]) => number >= from && number <= to) };
  }
  const times = TIMES.exec(list);
  if (times && list !== ":") {
    const [from, to] = [Number(times[1] ?? -Infinity), Number(times[2] ?? Infinity)];
    if (from > to) throw reversed(text, `${from}:${to}`, `${to}:${from}`);
    return { ...plain, test: ({ time }) => time >= from && time <= to };
  }
  return { ...condition(text), text, needsTelemetry: true };
}

const reversed = (text: string, range: string, right: string): UsageError =>
  new UsageError(`cannot use --reject ${text} — ${range} begins after its end: no read lies in it`, {
    hint: `--reject ${right}`,
  });

/** Reads that don't have a name pass; a name that none has is a mistake. */
function condition(text: string): Pick<RejectRule, "test" | "unknown"> {
  let holds: ReturnType<typeof parseCondition>;
  try {
    holds = parseCondition(text);
  } catch (cause) {
    throw new UsageError(`cannot understand --reject ${JSON.stringify(text)} — ${(cause as Error).message}`, {
      cause,
      hint: "numbers 3,7,12-15, seconds 10:25.5, or a condition 'seeing > 0.9'",
    });
  }
  const [asked, found] = [new Set<string>(), new Set<string>()];
  return {
    test({ number, time, telemetry }) {
      const values: Keywords = { ...telemetry, READ: number, TIME: time };
      return holds(
        new Proxy(values, {
          get(from, name) {
            const key = String(name);
            asked.add(key);
            if (from[key] !== undefined) found.add(key);
            return from[key];
          },
        }),
      );
    },
    unknown: () => [...asked].filter((name) => !found.has(name)),
  };
}

/** The exposure without the rejected reads, and a sentence on them. Throws InputError when none is left. */
export function rejectReads(opened: Opened, rule: RejectRule): Opened {
  const { exposure, axes, path } = opened;
  const [nx, ny, ngroups = 1, nints = 1] = axes as [number, number, number?, number?];
  const readout = exposure.readout!;
  const layout = opened.layout ?? plainLayoutOf(opened);
  const views = rule.needsTelemetry ? telemetryOf(opened, layout) : [];
  const isOut = layout.places.map((place, n) => {
    const g = n % ngroups;
    if (place === null) return true;
    return rule.test({ number: layout.numbers[g]!, time: readout.times[g]!, telemetry: views[n] ?? {} });
  });
  const unknown = rule.unknown();
  if (unknown.length > 0) {
    const known = [...new Set(["READ", "TIME", ...views.flatMap((view) => Object.keys(view ?? {}))])];
    throw new InputError(
      `cannot reject by ${unknown.join(", ")}: on ${path} — no read has it; known: ${known.slice(0, 30).join(", ")}`,
      { hint: "values of each read stand in its header, or in a table with one row per read" },
    );
  }
  const ramps = Array.from({ length: nints }, (_, i) => i);
  const kept = layout.numbers.flatMap((_, g) => (ramps.some((i) => !isOut[i * ngroups + g]) ? [g] : []));
  if (kept.length === 0)
    throw new InputError(`no read is left: on ${path} — --reject ${rule.text} takes all ${ngroups}`, {
      hint: "iris readout --help",
    });
  const places = layout.places.map((place, n) => (isOut[n] ? null : place));
  const out = layout.places.flatMap((place, n) => (isOut[n] && place !== null ? [n] : []));
  const some = out.map((n) =>
    nints > 1
      ? `${layout.numbers[n % ngroups]} of ramp ${Math.floor(n / ngroups) + 1}`
      : `${layout.numbers[n % ngroups]}`,
  );
  const names = some.slice(0, 12).join(", ") + (some.length > 12 ? " …" : "");
  const sentence =
    out.length === 0
      ? `--reject ${rule.text} leaves no read out`
      : `${out.length} of ${places.length} reads left out by --reject ${rule.text}: ${names}`;
  const pruned = pruneFiles(keepGroups({ ...layout, places }, kept));
  const pattern = readPattern(readout, ngroups);
  return {
    ...opened,
    path: pruned.files[0]!,
    axes: [nx, ny, kept.length, nints],
    layout: pruned,
    exposure: {
      ...exposure,
      readout: {
        ...readout,
        times: kept.map((g) => readout.times[g]!),
        ...(kept.length < ngroups ? { pattern: kept.map((g) => pattern[g]!) } : {}),
      },
      assumed: [...exposure.assumed, sentence],
    },
  };
}

/** Files of which no read is left don't belong to the exposure any more. */
function pruneFiles(layout: Layout): Layout {
  const used = [...new Set(layout.places.flatMap((place) => (place ? [place.file] : [])))].sort(
    (a, b) => a - b,
  );
  return {
    ...layout,
    files: used.map((file) => layout.files[file]!),
    places: layout.places.map((place) => place && { ...place, file: used.indexOf(place.file) }),
  };
}

function withOpen<T>(path: string, use: (file: FitsFile) => T): T {
  const file = openFile(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function plainLayoutOf({ path, science, kind, axes }: Opened): Layout {
  const [, , ngroups = 1, nints = 1] = axes;
  return withOpen(path, (file) => {
    const { groupdq } = planeHdus(file, kind);
    return plainLayout(path, { hdu: science, dq: groupdq?.index ?? null, nints, ngroups });
  });
}

/** What is known of each place: the header of its file or HDU, or a table of one row per read. */
function telemetryOf(opened: Opened, layout: Layout): readonly (Keywords | null)[] {
  if (opened.telemetry) return opened.telemetry(layout);
  const { places, ngroups } = layout;
  return withOpen(opened.path, (file) => {
    const rows: Record<string, KeywordValue>[] = places.map((place) =>
      place && new Set(places.map((other) => other?.hdu)).size > 1
        ? { ...keywordsOf(file.hdus[place.hdu]!.header) }
        : {},
    );
    for (const hdu of file.hdus) {
      const length = hdu.type === "bintable" || hdu.type === "table" ? hdu.table?.rows : undefined;
      if (length !== places.length && length !== ngroups) continue;
      for (const { name, values } of columnsOf(file, hdu.index))
        rows.forEach((row, n) => {
          const value = values[n % length];
          if (value !== undefined) row[name.toUpperCase()] ??= value;
        });
    }
    return rows;
  });
}

/** Columns that hold one plain value per row. */
function columnsOf(file: FitsFile, index: number): { name: string; values: (KeywordValue | undefined)[] }[] {
  const table = readTable(file, file.hdus[index]!);
  return table.columns.map((column) => ({
    name: column.name,
    values: Array.from({ length: table.rows }, (_, row) => {
      const cell = column.at(row);
      const value = typeof cell === "bigint" ? Number(cell) : cell;
      const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
      return isPlain ? value : undefined;
    }),
  }));
}
