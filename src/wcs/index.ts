/** World coordinates: keywords, projection, footprint. */
export { isWcsKeyword, readWcs, type SipTerms, type Wcs } from "./keywords.js";
export { pixelToSky, skyToPixel } from "./project.js";
export { footprint, formatRegion, pixelScales } from "./footprint.js";
export { channelToWave, readSpectralAxis, waveToChannel, type SpectralAxis } from "./spectral.js";
