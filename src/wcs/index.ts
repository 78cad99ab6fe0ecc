/** World coordinates: keywords, projection, footprint. */
export { isWcsKeyword, readWcs, type SipTerms, type Wcs } from "./keywords.js";
export { pixelToSky, skyToPixel } from "./project.js";
export { footprint, formatRegion, pixelScales } from "./footprint.js";
export { channelToWave, readSpectralAxis, waveToChannel, type SpectralAxis } from "./spectral.js";
export { distort, fitDistortion, sipKeywords, type Distortion, type Position } from "./fit-distortion.js";
export { bestSimilar, matchGrid, type GridMatch } from "./match-grid.js";
export { matchStars, type StarMatch } from "./match-stars.js";
export { moveSip, sipAxes, sipCards } from "./sip.js";
export {
  coveringGrid,
  pixelMap,
  rowsUnder,
  scaleOf,
  wcsKeywordsOf,
  type GridWish,
  type SkyGrid,
} from "./grid.js";
