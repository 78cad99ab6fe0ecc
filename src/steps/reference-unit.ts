/** What is subtracted from an image must be in the image's unit. */
import type { Image, Reference } from "../data/kinds.js";
import { sameUnit } from "../data/units.js";
import { CalibrationError } from "../errors.js";

/** @throws CalibrationError where both say their unit and they aren't the same. */
export function checkUnit(what: string, reference: Reference, image: Image, hint: string): void {
  const unit = reference.header["BUNIT"];
  if (typeof unit === "string" && !sameUnit(unit, image.unit))
    throw new CalibrationError(
      `${what} in another unit: on ${reference.name} — it is in ${unit}, the image in ${image.unit}`,
      { hint },
    );
}
