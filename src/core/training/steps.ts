import type { TrainingSettings } from '../schemas/index.ts';

/**
 * Optimiser steps as in transformers' Trainer: `maxSteps`, or ⌈⌈rows / (batch · devices)⌉ / accumulate⌉ per epoch, times the epochs, rounded
 * up; 0 without rows.
 * @param devices Processes that share the rows.
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
  return Math.ceil(epochs * Math.max(1, Math.ceil(Math.ceil(rows / (batchSize * devices)) / accumulate)));
}

/** Usual share for fine-tuning. */
const WARMUP = 0.03;

/**
 * Share of all steps with a rising learning rate; 0 in a short training, because trainers round up to a whole step, and the first warm-up step
 * has a rate of 0 and trains nothing.
 */
export function warmupShare(steps: number): number {
  return steps * WARMUP < 1 ? 0 : WARMUP;
}
