/**
 * The closed set of failures, each with a stable `code`, the exit status it causes and a hint.
 *
 * A message reads *what failed: on what — why*. The deepest cause travels in `cause`; the command line prints
 * at most three lines: message, deepest cause, hint.
 */
export interface Details {
  /** A sentence with a command that exists. */
  hint?: string;
  cause?: unknown;
}

export abstract class IrisError extends Error {
  abstract readonly code: string;
  /** Exit status of the command line, docs/exit-codes.md. */
  abstract readonly exit: 1 | 2 | 3 | 130;
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** The command line or a call asks for something that doesn't exist: correct the words. */
export class UsageError extends IrisError {
  readonly code = "E_USAGE";
  readonly exit = 2;
}

/** A configuration, parameter, association or plug-in file is wrong. */
export class ConfigError extends IrisError {
  readonly code = "E_CONFIG";
  readonly exit = 2;
}

/** An output can't be written where it was asked for. */
export class OutputError extends IrisError {
  readonly code = "E_OUTPUT";
  readonly exit = 2;
}

/** An input exists but isn't what the pipeline needs: missing keyword, wrong axes, not an exposure. */
export class InputError extends IrisError {
  readonly code = "E_INPUT";
  readonly exit = 3;
}

/** A file breaks the FITS standard where no reading is safe; names HDU, card or byte offset. */
export class FitsError extends IrisError {
  readonly code = "E_FITS";
  readonly exit = 3;
}

/** A calibration can't be resolved or doesn't fit the exposure. */
export class CalibrationError extends IrisError {
  readonly code = "E_CALIBRATION";
  readonly exit = 3;
}

/** A CRDS mapping is malformed; names file and line. */
export class RulesError extends IrisError {
  readonly code = "E_RULES";
  readonly exit = 3;
}

/** A step failed on data that passed every check before the run. */
export class StepError extends IrisError {
  readonly code = "E_STEP";
  readonly exit = 1;
}

/** The user stopped the run. */
export class InterruptedError extends IrisError {
  readonly code = "E_INTERRUPTED";
  readonly exit = 130;
}

export const isIrisError = (error: unknown): error is IrisError => error instanceof IrisError;
