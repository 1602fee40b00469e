import { expectedSteps } from '../core/training/steps.ts';
import type { Trainer, TrainerRequest } from './trainer.ts';

/** Optimiser steps that a training will take; null where its trainer can't say. Rows without a trained token are left out, so they make none. */
export function stepsOf(
  trainer: Trainer,
  request: Pick<TrainerRequest, 'rowCount' | 'lengths' | 'settings' | 'resources' | 'device'>,
): number | null {
  const { exact, empty, emptied } = request.lengths;
  const rowCount = request.rowCount - (exact ? empty + emptied : 0);
  if (trainer.steps) return trainer.steps({ ...request, rowCount });
  const devices = Math.max(1, request.resources.gpus) * request.resources.nodes;
  return expectedSteps(rowCount, request.settings, request.device === 'gpu' ? devices : 1);
}
