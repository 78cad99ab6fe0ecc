/** Puts subarrays back into the holes that they left in the full frame. */
import * as v from "valibot";
import type { Image } from "../data/kinds.js";
import type { Rectangle } from "../data/parts.js";
import { subarrayPlace } from "../data/subarray-map.js";
import { InputError } from "../errors.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import type { GridInput } from "../step/regrid.js";
import { isWcsKeyword } from "../wcs/index.js";

export const mergeSubarrays = defineStep({
  name: "merge_subarrays",
  summary: "Put subarrays back into the full frame that they were cut out of.",
  equation: "d, e, q in the rectangle of subarray k := those of the exposure with SUBARRID = k",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_MERGSA",
  params: v.object({}),
  regrid: {
    plan(inputs) {
      const full = fullFrame(inputs);
      if (inputs.length > 1) inputs.forEach(checkLevel);
      inputs.forEach((_, k) => placeOf(inputs, k));
      const { nx, ny, header } = full;
      const kept = Object.entries(header).filter(
        ([keyword]) => isWcsKeyword(keyword) || /^SUB(ARRAY|ARRID|STRT[12]|SIZE[12])$/.test(keyword),
      );
      return { nx, ny, keywords: Object.fromEntries(kept), weighted: false };
    },
    rows({ inputs, y0, ny }, k) {
      return { y0: y0 - placeOf(inputs, k).y0, ny };
    },
  },
  run(images, { onto }) {
    const { inputs, grid, y0, ny } = onto!;
    const full = images[inputs.indexOf(fullFrame(inputs))]!;
    images.forEach((image, k) => {
      if (image !== full) insert(full, image, placeOf(inputs, k), { y0, ny });
    });
    return complete({ ...full, varPoisson: null, varRnoise: null }, grid.keywords);
  },
});

/** A full frame and its subarrays are calibrated apart, each by what belongs to it. */
function checkLevel({ name, header }: GridInput): void {
  const level = header["DATALVL"];
  if (typeof level !== "number" || level >= 2) return;
  throw new InputError(
    `cannot merge ${name} — it is of level ${String(level)}, calibrated images are wanted`,
    {
      hint: `calibrate it first: iris reduce ${name} --pipeline imager_stage2`,
    },
  );
}

function fullFrame(inputs: readonly GridInput[]): GridInput {
  const full = inputs.length === 1 ? inputs[0] : inputs.find(({ header }) => header["SUBARRID"] === 0);
  if (full) return full;
  throw new InputError("Cannot identify the full frame, it should have SUBARRID=0", {
    hint: "see what the files say: iris fits ls --keywords SUBARRID FILES",
  });
}

/** The rectangle of input `k` in the full frame, from its SUBAk… keywords, else from where both begin. */
function placeOf(inputs: readonly GridInput[], k: number): Rectangle {
  const full = fullFrame(inputs);
  const { header, nx, ny, exposure } = inputs[k]!;
  if (inputs[k] === full) return { x0: 0, y0: 0, nx, ny };
  const id = header["SUBARRID"];
  const { x, y } = full.exposure.subarray;
  const place = (typeof id === "number" ? subarrayPlace(full.header, id) : null) ?? {
    x0: exposure.subarray.x - x,
    y0: exposure.subarray.y - y,
    nx,
    ny,
  };
  const inside = place.x0 >= 0 && place.y0 >= 0 && place.x0 + nx <= full.nx && place.y0 + ny <= full.ny;
  if (place.nx === nx && place.ny === ny && inside) return place;
  throw new InputError(
    `cannot merge subarray ${String(id ?? "without SUBARRID")} — it has ${String(nx)} × ${String(ny)} pixels, its place in the full frame ${String(place.nx)} × ${String(place.ny)} from column ${String(place.x0 + 1)}, row ${String(place.y0 + 1)}`,
    { hint: "make the full frame's map known first: iris step run parse_subarray_map FILE" },
  );
}

/** Copies the rows of a subarray that lie in the band. */
function insert(full: Image, image: Image, { x0, y0 }: Rectangle, band: { y0: number; ny: number }): void {
  for (let y = 0; y < image.ny; y++) {
    const row = y0 + image.y0 + y - band.y0;
    if (row < 0 || row >= band.ny) continue;
    const [from, to] = [y * image.nx, row * full.nx + x0];
    full.sci.set(image.sci.subarray(from, from + image.nx), to);
    full.err.set(image.err.subarray(from, from + image.nx), to);
    full.dq.set(image.dq.subarray(from, from + image.nx), to);
  }
}
