/** Reader of the INI dialect of stpipe's `.cfg` files: ConfigObj without interpolation. */
import { ConfigError } from "../errors.js";

export interface Section {
  /** Text as written, quotes taken off; a comma makes a list. */
  values: Record<string, string | string[]>;
  sections: Record<string, Section>;
}

const emptySection = (): Section => ({ values: {}, sections: {} });

const quoted = /^(?:"([^"]*)"|'([^']*)')/;
const sectionLine = /^(\[+)\s*(.*?)\s*(\]+)\s*(?:#.*)?$/;
const keyLine = /^(?:"([^"]+)"|'([^']+)'|([^\s=#"'][^=]*?))\s*=\s*(.*)$/s;

/** The rest of a line after `=`: one text, or a list where a comma stands outside quotes. Null: not readable. */
function readValue(rest: string): string | string[] | null {
  const items: string[] = [];
  let at = rest.trim();
  let commas = 0;
  while (at !== "" && !at.startsWith("#")) {
    if (at.startsWith(",")) {
      if (items.length !== commas && items.length !== commas + 1) return null;
      commas++;
      at = at.slice(1).trimStart();
      continue;
    }
    if (items.length > commas) return null;
    const match = quoted.exec(at) ?? /^[^,#"'][^,#]*/.exec(at);
    if (!match) return null;
    items.push(match[1] ?? match[2] ?? match[0].trim());
    at = at.slice(match[0].length).trimStart();
  }
  if (commas === 0) return items[0] ?? "";
  return commas === 1 && items.length === 0 ? [] : items;
}

/**
 * Sections nest by the number of brackets; values may be quoted, tripled quotes span lines, `#` starts a comment.
 * Throws ConfigError with file and line for what isn't ConfigObj, and for a name given twice.
 */
export function parseConfigObj(text: string, file: string): Section {
  const root = emptySection();
  const path: Section[] = [root];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const fail = (index: number, why: string): never => {
    throw new ConfigError(`cannot read ${file}: line ${index + 1} — ${why}`);
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!.trim();
    const start = i;
    if (line === "" || line.startsWith("#")) continue;
    const header = sectionLine.exec(line);
    if (header) {
      const [, open, name, close] = header as unknown as [string, string, string, string];
      const depth = open.length;
      if (depth !== close.length) fail(i, `${open}…${close} doesn't close as it opens`);
      if (depth > path.length) fail(i, `[${name}] is nested too deep for what stands above it`);
      path.length = depth;
      const parent = path.at(-1)!;
      const plain = name.replace(/^(["'])(.*)\1$/, "$2");
      if (Object.hasOwn(parent.sections, plain)) fail(i, `section ${plain} is there twice`);
      path.push((parent.sections[plain] = emptySection()));
      continue;
    }
    const pair = keyLine.exec(line);
    if (!pair) return fail(i, `"${line}" is neither a section nor a value`);
    const key = pair[1] ?? pair[2] ?? pair[3]!;
    const { values } = path.at(-1)!;
    if (Object.hasOwn(values, key)) fail(i, `${key} is there twice`);
    const triple = /^("""|''')/.exec(pair[4]!)?.[1];
    if (!triple) {
      values[key] = readValue(pair[4]!) ?? fail(i, `the value of ${key} has unbalanced quotes or commas`);
      continue;
    }
    let body = pair[4]!.slice(3);
    while (!body.includes(triple)) {
      if (++i >= lines.length) fail(start, `${triple} isn't closed`);
      body += `\n${lines[i]!}`;
    }
    values[key] = body.slice(0, body.indexOf(triple));
  }
  return root;
}
