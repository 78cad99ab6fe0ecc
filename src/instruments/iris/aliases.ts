/** What the peers' files (stpipe configurations, parameter references, status words) call our steps and pipelines. */

/**
 * Class names without their package and step aliases of iris_pipeline, liger_iris_pipeline and jwst.
 * `dark_current` and DarkCurrentStep are the image step of iris_pipeline, not the ramp step of jwst.
 */
export const aliases: Readonly<Record<string, string>> = {
  // pipelines
  ProcessImagerL2Pipeline: "imager2",
  ProcessImagerL2: "imager2",
  Image2Pipeline: "image2",
  Image3Pipeline: "image3",
  ImagerStage2Pipeline: "imager_stage2",
  ROPPipeline: "stage1",
  Stage1Pipeline: "stage1",
  Detector1Pipeline: "stage1",
  rop: "stage1",
  detector1: "stage1",
  CreateDark: "create_dark",
  CreateDarkPipeline: "create_dark",
  CreateFlatfield: "create_flatfield",
  CreateFlatfieldPipeline: "create_flatfield",
  ProcessFlatfield: "preprocess_flatfield",
  ProcessFlatfieldL2: "preprocess_flatfield",
  ProcessFlatfieldPipeline: "preprocess_flatfield",
  PreprocessFlatfield: "preprocess_flatfield",
  PreprocessFlatfieldPipeline: "preprocess_flatfield",
  // steps on ramps
  DQInitStep: "dq_init",
  SaturationStep: "saturation",
  LinearityStep: "linearity",
  NonlinearCorrectionStep: "linearity",
  NonlinearCorrection: "linearity",
  NonlinCorrStep: "linearity",
  NonlincorrStep: "linearity",
  nonlinear_correction: "linearity",
  nonlin_corr: "linearity",
  nonlincorr: "linearity",
  RampFitStep: "ramp_fit",
  FitRampStep: "ramp_fit",
  ReadoutsampStep: "ramp_fit",
  fit_ramp: "ramp_fit",
  readoutsamp: "ramp_fit",
  // steps on images
  DarkCurrentStep: "dark_sub",
  DarkSubtractionStep: "dark_sub",
  dark_current: "dark_sub",
  dark_subtraction: "dark_sub",
  FlatFieldStep: "flat_field",
  flatfield: "flat_field",
  BackgroundStep: "background",
  bkg_subtract: "background",
  AssignWcsStep: "assign_wcs",
  AssignWCSStep: "assign_wcs",
  NormalizeStep: "normalize",
  CombineFramesStep: "combine_frames",
};
