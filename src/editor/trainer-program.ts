import type { TrainerProgram } from '../protocol/training.ts';
import { setting } from './context.ts';
import { programOf } from './program-words.ts';

/** With what the user wants a trainer to be started. Undefined: Longhand's own environment. */
export function trainerProgram(trainer: string): TrainerProgram | undefined {
  return programOf(setting('longhand.training.programs')[trainer]);
}
