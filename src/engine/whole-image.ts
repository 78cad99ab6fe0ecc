/** An image of a file whole, as a step sees it, with what is known of its exposure. For looking, not for products. */
import type { Keywords } from "../data/exposure.js";
import type { Image } from "../data/kinds.js";
import { InputError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { describeInput } from "./inputs.js";
import { readExposure } from "./read-exposure.js";
import { closeSource, openSource } from "./source.js";

/** @throws FitsError, InputError, with the file's name. */
export function readWholeImage(path: string, alloc: Alloc): { image: Image; header: Keywords } {
  const opened = describeInput(path);
  if (opened.kind === "ramp")
    throw new InputError(`cannot measure ${path} — it holds raw reads, an image is wanted`, {
      hint: `make a count rate first: iris reduce ${path} --until ramp_fit`,
    });
  const { kind, exposure } = opened;
  const source = openSource({ path, kind, exposure });
  try {
    const frame = { y0: 0, ny: opened.axes[1]! };
    const image = readExposure(source, frame, { y0: 0, ny: 0 }, alloc) as Image;
    return { image, header: source.header };
  } finally {
    closeSource(source);
  }
}
