/** Windows share a name in the rules: one reference must not take the place of another that holds more. */
import { holds, placeOf, span } from "../../../data/subarray.js";
import type { Subarray } from "../../../data/exposure.js";
import { keywordsOf, openFits } from "../../../fits/index.js";

/** What `path` lacks of the window of `before`; undefined where nothing is, or one of them isn't a map of the detector. */
export function lostWindow(path: string, before: string): string | undefined {
  const [own, old] = [windowOf(path), windowOf(before)];
  if (!own || !old || holds(own, old)) return undefined;
  return `it covers ${span(own)} of the detector, that one ${span(old)}`;
}

/** Of files that say their window; of an image without SUBARRAY nobody knows what it is of. */
function windowOf(path: string): Subarray | null {
  if (!/\.fits(\.gz)?$/i.test(path)) return null;
  const file = openFits(path);
  try {
    const header = keywordsOf(file.hdus[0]!.header);
    const [nx, ny] =
      file.hdus.find(({ image }) => image !== null && image.axes.length >= 2)?.image?.axes ?? [];
    return nx === undefined || ny === undefined || header["SUBARRAY"] === undefined
      ? null
      : placeOf(header, nx, ny);
  } finally {
    file.close();
  }
}
