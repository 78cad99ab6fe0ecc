import test from "ava";
import { UsageError } from "../../src/errors.js";
import { builtinSteps, loadPipeline, loadStep, pipelineNames, stepNames } from "../../src/step/registry.js";

test("every step is found under its own name, has a sentence, an equation and its own status keyword", async (t) => {
  const steps = await Promise.all(stepNames.map((name) => loadStep(name)));
  t.deepEqual(
    steps.map(({ name }) => name as string),
    Object.keys(builtinSteps),
  );
  for (const step of steps) {
    t.regex(step.summary, /^[A-Z].*\.$/, step.name as string);
    t.not(step.equation, "", step.name as string);
    t.regex(step.status, /^S_[A-Z0-9]{1,6}$/, step.name as string);
  }
});

test("every pipeline is found under its own name and its steps are built in", async (t) => {
  for (const name of pipelineNames) {
    const pipeline = await loadPipeline(name);
    t.is(pipeline.name, name);
    for (const { step } of pipeline.entries)
      t.true((step.name as string) in builtinSteps, step.name as string);
  }
});

test("imager is stage1 and image2, one after the other; the mask's flags are set once", async (t) => {
  const names = async (name: string): Promise<unknown[]> =>
    (await loadPipeline(name)).entries.map(({ step }) => step.name as string);
  t.deepEqual(await names("imager"), [
    ...(await names("stage1")),
    ...(await names("image2")).filter((step) => step !== "dq_init"),
  ]);
});

test("an unknown name is a UsageError", async (t) => {
  await t.throwsAsync(loadStep("flatfeild"), { instanceOf: UsageError });
  await t.throwsAsync(loadPipeline("imager3"), { instanceOf: UsageError });
});
