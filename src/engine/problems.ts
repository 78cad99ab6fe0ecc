/** What is wrong with one exposure doesn't stop the others: it becomes a problem of the plan. */
import { CalibrationError, FitsError, InputError, RulesError, type IrisError } from "../errors.js";
import type { Problem } from "./plan-types.js";

export const isExposureError = (error: unknown): error is IrisError =>
  error instanceof InputError ||
  error instanceof FitsError ||
  error instanceof CalibrationError ||
  error instanceof RulesError;

export const problemOf = (input: string, error: IrisError): Problem => ({
  input,
  code: error.code,
  message: error.message,
  hint: error.hint ?? null,
  exit: error.exit === 130 ? 1 : error.exit,
});
