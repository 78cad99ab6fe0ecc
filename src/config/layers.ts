/** Settings come in layers, lowest first; every value remembers the layer that it came from. */

export interface Layer {
  /** Where the settings stand: "pipeline image2", "/…/iris.json", "flat_field.cfg", "command line" … */
  origin: string;
  /** step name → parameter → value as written (text from the command line, typed from files). */
  params: Record<string, Record<string, unknown>>;
  /** step name → run or not. */
  skip: Record<string, boolean>;
  /** reference type (upper case) → file, or "N/A". */
  refs: Record<string, string>;
}

/** A resolved parameter and the layer that set it. */
export interface Setting {
  value: unknown;
  origin: string;
}

/** Whether the highest layer that speaks of the step leaves it out. */
export const isLeftOut = (layers: readonly Layer[], step: string): boolean =>
  layers.findLast(({ skip }) => step in skip)?.skip[step] ?? false;

export const emptyLayer = (origin: string): Layer => ({ origin, params: {}, skip: {}, refs: {} });
