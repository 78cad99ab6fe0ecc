/** Names of all steps and pipelines, each loaded when it is first used: listing them imports no kernel. */
import { UsageError } from "../errors.js";
import type { AnyStep } from "./define.js";
import type { Pipeline } from "./pipeline.js";
import { loadPlugin } from "./plugin.js";

type Lazy<T> = () => Promise<T>;

export const builtinSteps: Readonly<Record<string, Lazy<AnyStep>>> = {
  dq_init: async () => (await import("../steps/dq_init.js")).dqInit,
  group_scale: async () => (await import("../steps/group_scale.js")).groupScale,
  saturation: async () => (await import("../steps/saturation.js")).saturation,
  ipc: async () => (await import("../steps/ipc.js")).ipc,
  superbias: async () => (await import("../steps/superbias.js")).superbias,
  refpix: async () => (await import("../steps/refpix.js")).refpix,
  linearity: async () => (await import("../steps/linearity.js")).linearity,
  dark: async () => (await import("../steps/dark.js")).dark,
  charge_migration: async () => (await import("../steps/charge_migration.js")).chargeMigration,
  jump: async () => (await import("../steps/jump.js")).jump,
  persistence: async () => (await import("../steps/persistence.js")).persistence,
  clean_flicker_noise: async () => (await import("../steps/clean_flicker_noise.js")).cleanFlickerNoise,
  clean_flicker_image: async () => (await import("../steps/clean_flicker_image.js")).cleanFlickerImage,
  ramp_fit: async () => (await import("../steps/ramp_fit.js")).rampFit,
  gain_scale: async () => (await import("../steps/gain_scale.js")).gainScale,
  dark_sub: async () => (await import("../steps/dark_sub.js")).darkSub,
  flat_field: async () => (await import("../steps/flat_field.js")).flatField,
  background: async () => (await import("../steps/background.js")).background,
  lacosmic: async () => (await import("../steps/lacosmic.js")).lacosmic,
  calc_bkg_imager: async () => (await import("../steps/calc_bkg_imager.js")).calcBkgImager,
  subtract_bkg: async () => (await import("../steps/subtract_bkg.js")).subtractBkg,
  sky_median: async () => (await import("../steps/sky_median.js")).skyMedian,
  stack_cr: async () => (await import("../steps/stack_cr.js")).stackCr,
  assign_wcs: async () => (await import("../steps/assign_wcs.js")).assignWcs,
  normalize: async () => (await import("../steps/normalize.js")).normalize,
  combine_frames: async () => (await import("../steps/combine_frames.js")).combineFrames,
  combine: async () => (await import("../steps/combine.js")).combine,
  dark_scatter: async () => (await import("../steps/dark_scatter.js")).darkScatter,
  find_bad_pixels: async () => (await import("../steps/find_bad_pixels.js")).findBadPixels,
  qa: async () => (await import("../steps/qa.js")).qa,
  zero_point: async () => (await import("../steps/zero_point.js")).zeroPoint,
  fluxcal: async () => (await import("../steps/fluxcal.js")).fluxcal,
  distortion_solution: async () => (await import("../steps/distortion_solution.js")).distortionSolution,
  parse_subarray_map: async () => (await import("../steps/parse_subarray_map.js")).parseSubarrayMapStep,
  merge_subarrays: async () => (await import("../steps/merge_subarrays.js")).mergeSubarrays,
  skymatch: async () => (await import("../steps/skymatch.js")).skymatch,
  outlier_detection: async () => (await import("../steps/outlier_detection.js")).outlierDetection,
  resample: async () => (await import("../steps/resample.js")).resample,
  mosaic: async () => (await import("../steps/mosaic.js")).mosaic,
  check_bias: async () => (await import("../steps/check_bias.js")).checkBias,
  ccd_init: async () => (await import("../steps/ccd_init.js")).ccdInit,
  overscan: async () => (await import("../steps/overscan.js")).overscan,
  trim: async () => (await import("../steps/trim.js")).trim,
  bias: async () => (await import("../steps/bias.js")).bias,
  gain: async () => (await import("../steps/gain.js")).gain,
  response: async () => (await import("../steps/response.js")).response,
  photon_noise: async () => (await import("../steps/photon_noise.js")).photonNoise,
  mask_objects: async () => (await import("../steps/mask_objects.js")).maskObjectsStep,
  mosaic_objects: async () => (await import("../steps/mosaic_objects.js")).mosaicObjects,
  sky_level: async () => (await import("../steps/sky_level.js")).skyLevel,
  sky_iterative: async () => (await import("../steps/sky_iterative.js")).skyIterative,
  flat_level: async () => (await import("../steps/flat_level.js")).flatLevel,
  check_dark: async () => (await import("../steps/check_dark.js")).checkDark,
  check_flat: async () => (await import("../steps/check_flat.js")).checkFlat,
  check_sky: async () => (await import("../steps/check_sky.js")).checkSky,
  flag_flat: async () => (await import("../steps/flag_flat.js")).flagFlat,
};

export const pipelines: Readonly<Record<string, Lazy<Pipeline>>> = {
  stage1: async () => (await import("../pipelines/stage1.js")).stage1,
  image2: async () => (await import("../pipelines/image2.js")).image2,
  imager: async () => (await import("../pipelines/imager.js")).imager,
  imager2: async () => (await import("../pipelines/imager2.js")).imager2,
  imager_stage2: async () => (await import("../pipelines/imager_stage2.js")).imagerStage2,
  preprocess_flatfield: async () =>
    (await import("../pipelines/preprocess_flatfield.js")).preprocessFlatfield,
  create_dark: async () => (await import("../pipelines/create_dark.js")).createDark,
  create_flatfield: async () => (await import("../pipelines/create_flatfield.js")).createFlatfield,
  imager_sky: async () => (await import("../pipelines/imager_sky.js")).imagerSky,
  sky_round: async () => (await import("../pipelines/sky_round.js")).skyRound,
  sky_objects: async () => (await import("../pipelines/sky_objects.js")).skyObjects,
  create_sky: async () => (await import("../pipelines/create_sky.js")).createSky,
  create_bpm: async () => (await import("../pipelines/create_bpm.js")).createBpm,
  create_distortion: async () => (await import("../pipelines/create_distortion.js")).createDistortion,
  image3: async () => (await import("../pipelines/image3.js")).image3,
  ccd: async () => (await import("../pipelines/ccd.js")).ccd,
  ccd_frames: async () => (await import("../pipelines/ccd_frames.js")).ccdFrames,
  create_bias: async () => (await import("../pipelines/create_bias.js")).createBias,
  ccd_dark: async () => (await import("../pipelines/ccd_dark.js")).ccdDark,
  ccd_flat: async () => (await import("../pipelines/ccd_flat.js")).ccdFlat,
  ccd_combine: async () => (await import("../pipelines/ccd_combine.js")).ccdCombine,
  ccd_stack: async () => (await import("../pipelines/ccd_stack.js")).ccdStack,
  image3_mosaic: async () => (await import("../pipelines/image3_mosaic.js")).image3Mosaic,
  calibrate_flux: async () => (await import("../pipelines/calibrate_flux.js")).calibrateFlux,
};

export const stepNames: readonly string[] = Object.keys(builtinSteps);
export const pipelineNames: readonly string[] = Object.keys(pipelines);

/** A built-in step by name, or the step of a plug-in module. @throws UsageError, ConfigError */
export async function loadStep(name: string, module: string | null = null): Promise<AnyStep> {
  if (module !== null) return loadPlugin(module);
  const load = builtinSteps[name];
  if (!load) throw new UsageError(`no such step: ${name}`, { hint: "iris step list" });
  return load();
}

/** @throws UsageError */
export async function loadPipeline(name: string): Promise<Pipeline> {
  const load = pipelines[name];
  if (!load) throw new UsageError(`no such pipeline: ${name}`, { hint: "iris pipeline list" });
  return load();
}
