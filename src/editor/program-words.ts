import type { TrainerProgram } from '../protocol/training.ts';

/** Words that start Python; the last one is the interpreter. A setting is typed by hand: what is no list of words is passed over. */
export function programOf(value: unknown): TrainerProgram | undefined {
  if (!Array.isArray(value) || !value.every((word) => typeof word === 'string' && word !== '')) return undefined;
  const words: string[] = value;
  const python = words.at(-1);
  if (python === undefined) return undefined;
  return words.length === 1 ? { python } : { python, prefix: words.slice(0, -1) };
}
