/** Errors across threads: structured cloning keeps neither class nor hint. */
import {
  CalibrationError,
  ConfigError,
  FitsError,
  InputError,
  OutputError,
  RulesError,
  StepError,
  isIrisError,
} from "../errors.js";

export interface PackedError {
  name: string;
  message: string;
  hint: string | null;
  cause: string | null;
}

const classes = { CalibrationError, ConfigError, FitsError, InputError, OutputError, RulesError, StepError };

export function packError(error: unknown): PackedError {
  const { name, message, cause } = error instanceof Error ? error : new Error(String(error));
  return {
    name,
    message,
    hint: (isIrisError(error) && error.hint) || null,
    cause: cause instanceof Error ? cause.message : null,
  };
}

export function unpackError({ name, message, hint, cause }: PackedError): Error {
  const details = {
    ...(hint === null ? {} : { hint }),
    ...(cause === null ? {} : { cause: new Error(cause) }),
  };
  return name in classes
    ? new classes[name as keyof typeof classes](message, details)
    : new Error(message, details);
}
