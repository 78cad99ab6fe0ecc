/** The flag of pixels under objects, while a sky is made: it isn't left in what has been reduced. */
import { DQ } from "../data/dq.js";

export const OBJECT = DQ.NON_SCIENCE;

/** Reference pixels carry the flag for a reason of their own. */
export function clearObjects(dq: Uint32Array): void {
  for (let i = 0; i < dq.length; i++) if (!(dq[i]! & DQ.REFERENCE_PIXEL)) dq[i]! &= ~OBJECT;
}
