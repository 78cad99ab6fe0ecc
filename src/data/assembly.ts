/** A frame whose parts lie in HDUs of their own, one per amplifier: side by side, as they were read. Plain data. */

export interface Part {
  hdu: number;
  /** Its first column in the frame; all parts begin at row 0. */
  x0: number;
  nx: number;
  ny: number;
}

export interface Assembly {
  nx: number;
  ny: number;
  parts: readonly Part[];
}

/** Parts of these sides in their order, side by side. */
export function sideBySide(sides: readonly { hdu: number; nx: number; ny: number }[]): Assembly {
  let x0 = 0;
  const parts = sides.map((side) => {
    const part = { ...side, x0 };
    x0 += side.nx;
    return part;
  });
  return { nx: x0, ny: Math.max(...sides.map(({ ny }) => ny)), parts };
}
