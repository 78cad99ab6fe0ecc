/** An error in at most three lines: what failed on what and why, the deepest cause, and what to do. */
import type { CommanderError } from "commander";
import { isIrisError, UsageError } from "../errors.js";

export interface ErrorReport {
  v: 1;
  type: "error";
  code: string;
  message: string;
  cause: string | null;
  hint: string | null;
  exit: number;
}

type SystemError = Error & { code: string; syscall?: string; path?: string };

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && typeof (error as { code?: unknown }).code === "string";

const systemWords: Record<string, string> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files",
  EDQUOT: "the disk quota is used up",
};

/** A sentence for anything thrown: system errors without their syscall. */
export function sentence(error: unknown): string {
  if (isSystemError(error) && systemWords[error.code])
    return error.path ? `${error.path} — ${systemWords[error.code]!}` : systemWords[error.code]!;
  return error instanceof Error ? error.message : String(error);
}

function deepestCause(error: unknown): unknown {
  let deepest: unknown;
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && at.cause !== undefined && !seen.has(at); at = at.cause) {
    seen.add(at);
    deepest = at.cause;
  }
  return deepest;
}

/** Commander's complaint in our words, with the help of the command that it is about as the hint. */
export function usageError(error: CommanderError, command: string): UsageError {
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\n?\(Did you mean (?:one of )?(.+)\?\)$/s, '; did you mean "$1"?')
    .replaceAll("'", '"')
    .replace(/\.$/, "");
  return new UsageError(message, { hint: `${command} --help` });
}

function exitOf(error: unknown): number {
  if (isIrisError(error)) return error.exit;
  if (!isSystemError(error)) return 1;
  if (["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "EPERM"].includes(error.code)) return 3;
  return ["ENOSPC", "EROFS", "EDQUOT"].includes(error.code) ? 2 : 1;
}

/** What the three lines say, as data; `--json` prints it as it is. */
export function reportOf(error: unknown): ErrorReport {
  const known = isIrisError(error) || (isSystemError(error) && systemWords[error.code] !== undefined);
  const message = known ? sentence(error) : `internal error — ${sentence(error)}`;
  const deepest = deepestCause(error);
  const cause = deepest === undefined ? null : sentence(deepest).split("\n")[0]!;
  return {
    v: 1,
    type: "error",
    code: isIrisError(error) ? error.code : isSystemError(error) ? error.code : "E_INTERNAL",
    message,
    cause: cause !== null && !message.includes(cause) ? cause : null,
    hint: isIrisError(error)
      ? (error.hint ?? null)
      : known
        ? null
        : "run the same command with -vv to see the stack",
    exit: exitOf(error),
  };
}

/** The lines for stderr. */
export function errorLines({ message, cause, hint }: Omit<ErrorReport, "v" | "type">): string {
  return [`iris: ${message}`, cause && `cause: ${cause}`, hint && `hint: ${hint}`].filter(Boolean).join("\n");
}
