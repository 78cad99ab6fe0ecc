/** Columns of text, as wide as they need; the first may be cut from the left where the terminal ends. */

// eslint-disable-next-line no-control-regex
const escapes = /\x1b\[\d+m/g;

/** Characters that are seen, colours not counted. */
export const visibleWidth = (text: string): number => [...text.replace(escapes, "")].length;

const padTo = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - visibleWidth(text)));

/** "…raw/0010.fits": the end of a path says more than its beginning. */
export function cutLeft(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `…${characters.slice(characters.length - width + 1).join("")}`;
}

/** Rows of at most six cells; columns parted by two blanks, no blanks at the end. `width`: cut the first column to fit. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { indent = 2, width = Infinity } = {},
): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(0, ...rows.map((row) => visibleWidth(row[i] ?? ""))),
  );
  const over = indent + widths.reduce((sum, w) => sum + w + 2, -2) - width;
  if (over > 0 && widths.length > 0) widths[0] = Math.max(12, widths[0]! - over);
  return rows
    .map((row) => {
      const cells = row.map((cell, i) =>
        padTo(visibleWidth(cell) > widths[i]! ? cutLeft(cell, widths[i]!) : cell, widths[i]!),
      );
      return (" ".repeat(indent) + cells.join("  ")).trimEnd();
    })
    .join("\n");
}

/** "1 exposure", "3 exposures". */
export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** 0.42 → "0.4 s", 75 → "75 s", 200 → "3 min 20 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes < 60 ? `${minutes} min ${rest} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
