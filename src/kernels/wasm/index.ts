// Everything that the SIMD build exports; each has a plain twin in src/kernels with the same result, bit for bit.
export { decodeInt, decodeFloat, decodeDouble, swapWords, widenFlags } from "./decode";
export { encodeWords, encodeBytes } from "./encode";
export { hash } from "./hash";
export { dot16, dotF32, orPlanes, finishRow, settleFaint } from "./ramp";
export { sharpness, above, dilate3 } from "./cosmics";
export { markSaturated, polynomial, subtractFinite, subtractLevels } from "./correct";
export { boxSky } from "./box";
export { blendRows } from "./rows";
export { medianLine } from "./median";
export { subtractPlane, addInQuadrature, orFlags, extremes, zero } from "./planes";
export { flatLiger } from "./flat";
export { optimalClean } from "./optimal";
export { optimalFlagged } from "./optimal-flagged";
export { jumpScreen, jumpJudge } from "./jump";
export { likelihoodClean } from "./likelihood";
export { riceDecode } from "./rice";
export { cdsNoise, scaleRates } from "./rates";
