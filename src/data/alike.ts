/** Exposures that are combined pixel by pixel must be of one size. */
import { StepError } from "../errors.js";
import type { Image } from "./kinds.js";

/** @throws StepError naming the step `who` and both sizes. */
export function requireOneSize(who: string, images: readonly Image[]): void {
  const first = images[0]!;
  for (const image of images)
    if (image.sci.length !== first.sci.length || image.nx !== first.nx)
      throw new StepError(
        `${who}: on ${String(images.length)} exposures — one is ${String(image.nx)} × ${String(image.ny)} pixels, the first ${String(first.nx)} × ${String(first.ny)}`,
        { hint: "combine exposures of one subarray: iris fits info FILES" },
      );
}
