/** The median of exposures that lie pixel on pixel. */
import type { Image } from "../../data/kinds.js";
import type { Alloc } from "../../kernels/alloc.js";
import { medianOfLayers } from "../../kernels/image/layers.js";
import { isRepeat, type OnGrid } from "../common-grid.js";
import { weightOf } from "./weight.js";

/** `use` gets every image and the median of all that repeat it. Images that repeat each other hold the same rows. */
export function medianOfRepeats(
  images: readonly Image[],
  places: readonly OnGrid[],
  alloc: Alloc,
  use: (image: Image, median: Float32Array) => void,
): void {
  const done = new Set<Image>();
  images.forEach((image, k) => {
    const { nx, ny } = image;
    if (done.has(image) || ny === 0) return;
    const repeats = images.filter((other, i) => other.ny > 0 && isRepeat(places[k]!, places[i]!));
    const median = alloc.f32(nx * ny);
    const layers = repeats.map((each) => {
      const weight = alloc.f32(nx * ny);
      for (let i = 0; i < weight.length; i++) weight[i] = weightOf(each, i);
      return { x0: 0, x1: nx, sci: each.sci, weight, least: 0 };
    });
    medianOfLayers(median, nx, ny, layers);
    for (const each of repeats) {
      done.add(each);
      use(each, median);
    }
  });
}
