/** Colour and symbols: decided once per stream, meaning never by colour alone. */
import type { Cli } from "../cli.js";
import type { Host } from "../../host.js";

export interface Style {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  /** ✓ ! ✗, or ASCII where the locale has no others. */
  ok: string;
  caution: string;
  fail: string;
  arrow: string;
  dot: string;
}

const set = (value: string | undefined): value is string => value !== undefined && value !== "";

/** `--color` > NO_COLOR > CLICOLOR_FORCE, FORCE_COLOR > CLICOLOR=0 > TERM=dumb > whether it is a terminal. */
export function hasColor(when: Cli["color"], env: Host["env"], isTTY: boolean): boolean {
  if (when !== "auto") return when === "always";
  if (set(env["NO_COLOR"])) return false;
  for (const name of ["CLICOLOR_FORCE", "FORCE_COLOR"]) if (set(env[name]) && env[name] !== "0") return true;
  if (env["CLICOLOR"] === "0" || env["TERM"] === "dumb") return false;
  return isTTY;
}

/** A locale that says another character set than UTF-8 gets ASCII; one that says nothing, UTF-8. */
export function hasUnicode(env: Host["env"]): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(set);
  if (locale === undefined) return env["TERM"] !== "linux";
  return /utf-?8/i.test(locale) || !/^(C|POSIX)$|\./.test(locale);
}

/** How to write on stdout or stderr. */
export function styleFor(cli: Pick<Cli, "host" | "color">, stream: "stdout" | "stderr"): Style {
  const { host, color } = cli;
  const colored = hasColor(color, host.env, host[stream].isTTY ?? false);
  const paint = (code: number) => (text: string) => (colored ? `\x1b[${code}m${text}\x1b[0m` : text);
  const unicode = hasUnicode(host.env);
  const [good, warn, bad] = [paint(32), paint(33), paint(31)];
  return {
    good,
    warn,
    bad,
    dim: paint(2),
    bold: paint(1),
    ok: good(unicode ? "✓" : "ok"),
    caution: warn("!"),
    fail: bad(unicode ? "✗" : "x"),
    arrow: unicode ? "→" : "->",
    dot: unicode ? "·" : "-",
  };
}
