import type { TrainerProgram } from '../protocol/training.ts';
import { setting } from './context.ts';

/** With what the user wants a trainer to be started: an interpreter, or words before `python`. Undefined: Longhand's own environment. */
export function trainerProgram(trainer: string): TrainerProgram | undefined {
  return readProgram(setting('longhand.trainers')[trainer]);
}

/** A setting is typed by hand: what is neither a text nor a list of texts is passed over. */
export function readProgram(value: unknown): TrainerProgram | undefined {
  if (typeof value === 'string' && value.trim() !== '') return { python: value.trim() };
  if (!Array.isArray(value)) return undefined;
  const words = value.filter((word): word is string => typeof word === 'string' && word !== '');
  return words.length === 0 ? undefined : { prefix: words };
}
