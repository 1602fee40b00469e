import type { TrainerProgram } from '../protocol/training.ts';
import { setting } from './context.ts';

/** With what the user wants a trainer to be started. Undefined: Longhand's own environment. */
export function trainerProgram(trainer: string): TrainerProgram | undefined {
  return readProgram(setting('longhand.training.programs')[trainer]);
}

/** Words that start Python; the last one is the interpreter. A setting is typed by hand: what is no list of words is passed over. */
export function readProgram(value: unknown): TrainerProgram | undefined {
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string' && word !== '')) return undefined;
  const words: string[] = value;
  const python = words.at(-1);
  if (python === undefined) return undefined;
  return words.length === 1 ? { python } : { python, prefix: words.slice(0, -1) };
}
