/** IRAF's line lists: runs and steps in 16-bit words, four bits of instruction each (FITS 4.0 §10.4.3). */
import { FitsError } from "../../errors.js";

/** Decodes big-endian words into `out`; pixels that the list doesn't reach are 0. @throws FitsError when cut short. */
export function decodePlio(out: Int32Array, packed: Uint8Array): void {
  const words = packed.length >> 1;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const at = (index: number): number => {
    if (index < 0 || index >= words) throw new FitsError(`PLIO: word ${index} of a list of ${words}`);
    return view.getInt16(2 * index);
  };
  // Old lists keep their length in word 2; newer ones have a version there and a header of word-1 length.
  const old = at(2) > 0;
  const length = old ? at(2) : at(4) * 32768 + at(3);
  const first = old ? 3 : at(1);
  let pixel = 0;
  let value = 1;
  for (let index = first; index < length && pixel < out.length; index++) {
    const word = at(index);
    const data = word & 4095;
    switch ((word >> 12) & 15) {
      case 0: // zeros
        pixel += data;
        break;
      case 1: // set the value: its high part follows
        value = at(++index) * 4096 + data;
        break;
      case 2:
        value += data;
        break;
      case 3:
        value -= data;
        break;
      case 4: // the value, repeated
        out.fill(value, pixel, pixel + data);
        pixel += data;
        break;
      case 5: // zeros, then the value once
        pixel += data;
        if (pixel > 0 && pixel <= out.length) out[pixel - 1] = value;
        break;
      case 6:
        value += data;
        out[pixel++] = value;
        break;
      case 7:
        value -= data;
        out[pixel++] = value;
        break;
      default:
        throw new FitsError(`PLIO: instruction ${(word >> 12) & 15} at word ${index}`);
    }
  }
}
