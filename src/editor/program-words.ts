import type { TrainerProgram } from '../protocol/training.ts';

/**
 * The words of the setting for a trainer. For `custom` they are the whole command; else they start Python, and the last one is the interpreter. A
 * setting is typed by hand: what is no list of words is passed over.
 */
export function programOf(value: unknown, trainer: string): TrainerProgram | undefined {
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string' && word !== '')) return undefined;
  const words: string[] = value;
  const last = words.at(-1);
  if (last === undefined) return undefined;
  if (trainer === 'custom') return { command: words };
  return words.length === 1 ? { python: last } : { python: last, prefix: words.slice(0, -1) };
}
