import type { Tries } from '../../core/schemas/index.ts';

/** Candidates of each piece for one problem: a few, to test model and prompts, or twice the default of a new dataset. */
export const EFFORT_TRIES: Readonly<Record<'quick' | 'thorough', Tries>> = {
  quick: { answer1: 2, answer2: 2, check: 1, summary: 1 },
  thorough: { answer1: 16, answer2: 8, check: 4, summary: 4 },
};
