/** Parts of a frame: rectangles, and what belongs to one amplifier. */

/** Zero-based rectangle inside a frame or the planes of a reference. */
export interface Rectangle {
  x0: number;
  y0: number;
  nx: number;
  ny: number;
}

/** One amplifier's part of a frame. Rectangles are zero-based, in the frame as it stands in the file. */
export interface Amplifier {
  /** As in AMPLIST: "1", "21" … */
  name: string;
  /** Pixels that have seen light. */
  data: Rectangle;
  /** Pixels that were read without charge; null when there are none, or no more. */
  overscan: Rectangle | null;
  /** Where the first pixel of `data` goes when the frame is trimmed. */
  x0: number;
  y0: number;
  /** e⁻/DN and e⁻; null when the header doesn't say. */
  gain: number | null;
  readNoise: number | null;
}
