/** How the coefficients of each pixel lie in a non-linearity reference. */
import type { RawFacts } from "../define.js";

/** The model that Liger and IRIS share, COEFFS (y, x, coefficient), is told by the errors beside it (READOUT §2.3). */
export const isCoefficientFastest = ({ hdus }: RawFacts): boolean =>
  hdus.some(({ name }) => name === "COEFFS_ERR");
