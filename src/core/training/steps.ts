import type { TrainingSettings } from '../model/index.ts';

/**
 * Optimiser steps as transformers' Trainer reckons them: ⌈⌈rows / (batch · devices)⌉ / accumulate⌉ an epoch, times the epochs, rounded up; `maxSteps`
 * in their place where it is given. `devices`: processes that share the rows. 0 rows make 0 steps.
 */
export function expectedSteps(
  rows: number,
  {
    epochs,
    maxSteps,
    batchSize,
    accumulate,
  }: Pick<TrainingSettings, 'epochs' | 'maxSteps' | 'batchSize' | 'accumulate'>,
  devices = 1,
): number {
  if (rows === 0) return 0;
  if (maxSteps !== undefined) return maxSteps;
  return Math.ceil(epochs * stepsPerEpoch(rows, { batchSize, accumulate }, devices));
}

/** Optimiser steps of one epoch, at least 1. */
export function stepsPerEpoch(
  rows: number,
  { batchSize, accumulate }: Pick<TrainingSettings, 'batchSize' | 'accumulate'>,
  devices = 1,
): number {
  return Math.max(1, Math.ceil(Math.ceil(rows / (batchSize * devices)) / accumulate));
}

/** Of all steps, as fine-tuning usually has it. */
const WARMUP = 0.03;

/**
 * Share of all steps in which the learning rate rises to its value. None in a short training: trainers round up to a whole step, and the first step of a
 * warm-up has a rate of 0, so that one of two steps would train nothing.
 */
export function warmupShare(steps: number): number {
  return steps * WARMUP < 1 ? 0 : WARMUP;
}
