import { expectedSteps, warmupShare } from '../core/training/steps.ts';
import { type TrainerRequest, VALIDATION_FILE } from './trainer.ts';

/** The `${…}` that every configuration may use; see docs/reference/training.md. */
export function commonVariables({
  runId,
  model,
  rowsFile,
  rowCount,
  validation,
  lengths,
  settings,
  resources,
  device,
  place,
}: TrainerRequest): Record<string, unknown> {
  const devices = device === 'gpu' ? Math.max(1, resources.gpus) * resources.nodes : 1;
  return {
    'run.id': runId,
    'run.dir': place.job,
    'run.out': place.out,
    'run.progress': place.progress,
    'dataset.path': `${place.job}/${rowsFile}`,
    'dataset.rows': rowCount,
    'validation.path': validation === undefined ? null : `${place.job}/${VALIDATION_FILE}`,
    'validation.strategy': validation === undefined ? 'no' : 'epoch',
    'model.path': model,
    gpus: resources.gpus,
    nodes: resources.nodes,
    cpu: device === 'cpu',
    gpu: device === 'gpu',
    maxLength: lengths.maxLength,
    epochs: settings.epochs,
    maxSteps: settings.maxSteps ?? -1,
    learningRate: settings.learningRate,
    warmup: warmupShare(expectedSteps(rowCount, settings, devices)),
    batchSize: settings.batchSize,
    accumulate: settings.accumulate,
    loraRank: settings.loraRank,
    loraAlpha: 2 * settings.loraRank,
    seed: settings.seed,
    saveStrategy: settings.saveSteps === undefined ? 'epoch' : 'steps',
    saveSteps: settings.saveSteps ?? 500,
  };
}
