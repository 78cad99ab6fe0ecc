/** The data-quality bits of WFC3's infrared channel in ours: those of one read, and those of the pixel. */
import { DQ } from "../../data/dq.js";
import type { FlagMeaning } from "../../data/layout.js";

export const flags: readonly FlagMeaning[] = [
  // 1 Reed–Solomon error, 2 replaced by fill: the sample is no measurement
  { mask: 1 | 2, group: DQ.DO_NOT_USE, pixel: 0 },
  { mask: 4, group: 0, pixel: DQ.DO_NOT_USE | DQ.OTHER_BAD_PIXEL },
  { mask: 8, group: 0, pixel: DQ.UNRELIABLE_BIAS },
  { mask: 16, group: 0, pixel: DQ.HOT },
  { mask: 32, group: 0, pixel: DQ.TELEGRAPH },
  { mask: 64, group: 0, pixel: DQ.WARM },
  { mask: 128, group: 0, pixel: DQ.BAD_REF_PIXEL },
  { mask: 256, group: DQ.SATURATED, pixel: 0 },
  { mask: 512, group: 0, pixel: DQ.UNRELIABLE_FLAT },
  // 8192 found by its own up-the-ramp fit
  { mask: 8192, group: DQ.JUMP_DET, pixel: 0 },
];
